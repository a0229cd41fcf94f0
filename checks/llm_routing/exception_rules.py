"""What exceptions of the language mean, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from checks.llm_routing.names import nearest
from labgateway.memory.doings import Raised as Exc

_UNREAD = "SyntaxError|NameError|IndentationError"
# Of a cell that Python could not read, the last line is known, which is often a field alone.
_YAML = re.compile(
    r"\b(apiVersion|kind|metadata|spec|parentRefs|backendRefs|namespace)\b\s*:"
    r"|^\s*(- )?(?!else|try|finally|except)[a-z]\w*:(\s|$)"
)
_SHELL = re.compile(r"^\s*(curl|kubectl|source|export|pip|jq)\b")


@dataclass(frozen=True)
class Row:
    """Exceptions of these types, with such a message or code: why, and what to do next."""

    type: str
    test: Callable[[Exc], bool]
    why: str
    next_step: str


def always(_raised: Exc) -> bool:
    """Whatever the message and the code are."""
    return True


def said(pattern: str) -> Callable[[Exc], bool]:
    """The message holds the pattern."""
    return lambda raised: re.search(pattern, raised.message, re.IGNORECASE) is not None


def misspelt(*names: str) -> Callable[[Exc], bool]:
    """The message quotes a name that is nearly one of these."""

    def test(raised: Exc) -> bool:
        quoted = re.search(r"'(\w+)'", raised.message)
        return quoted is not None and nearest(quoted[1], set(names) - {quoted[1]}) is not None

    return test


def code(pattern: str | re.Pattern[str]) -> Callable[[Exc], bool]:
    """The line of code holds the pattern."""
    return lambda raised: re.search(pattern, raised.code) is not None


NOT_PYTHON = (
    Row(
        f"{_UNREAD}|TypeError",
        code(_YAML),
        "Python was given YAML to read.",
        "Put `%%kubectl apply -f -` on the very first line of the cell",
    ),
    Row(
        _UNREAD,
        code(r"^\s*(EOF|EOT)\s*$"),
        "Python was given a shell command with its `<<EOF` to read.",
        "Put `%%kubectl apply -f -` on the very first line of the cell, and the YAML alone below",
    ),
    Row(
        _UNREAD,
        code(_SHELL),
        "Python was given a shell command to read.",
        "Run it in a terminal, or start the line with `!`",
    ),
    Row(
        "UsageError",
        said(r"magic .*kube?\w*.* not found"),
        "No command of the notebook has that name.",
        "Compare it with `%%kubectl`, letter by letter",
    ),
)

PYTHON = (
    Row(
        "SyntaxError",
        said(r"never closed|incomplete input|unterminated|unexpected EOF|expected ','|comma"),
        "A bracket or a quotation mark is open, or a comma is missing before this.",
        "Look at the line from its beginning: each one that opens needs one that closes",
    ),
    Row(
        "SyntaxError",
        said(r"'await' outside"),
        "Inside a function, `await` needs an `async def`.",
        "Write `async def`, or send the request without `await`: `httpx.post` waits by itself",
    ),
    Row(
        "SyntaxError|NameError",
        code(r"^\s*answer\("),
        "A question's name and an answer in words are text.",
        "Put quotation marks around both",
    ),
    Row(
        "NameError",
        said(r"'(solution|skip_to|reset|hint|check|answer)'"),
        "It is one of the lessons' functions, and this notebook has not imported it.",
        "Import it by its name: `from checks import …`",
    ),
    Row(
        "NameError",
        said(r"'(GW\w*|INGRESS\w*|[A-Z_]+_(IP|URL|HOST|PORT|ADDRESS))'"),
        "The published text has such a name in a shell, and Python knows nothing of it.",
        "The lab has its address in Python: `lab.gateway_url`",
    ),
    Row(
        "NameError",
        said(r"'(true|false|null)'"),
        "JSON and Python spell it differently.",
        "Write `True`, `False` or `None` in a Python dict",
    ),
    Row(
        "NameError",
        misspelt("answer", "check", "httpx", "json", "lab", "labgateway", "reply"),
        "Python knows a name only as it was written when it was imported or given its value.",
        "Compare it, letter by letter, with the cells above",
    ),
    Row(
        "NameError",
        always,
        "The name has no value in this kernel, which a restart also brings about.",
        "Run the cells above that define or import it, from the first one on",
    ),
    Row(
        "ModuleNotFoundError|ImportError",
        always,
        "The lab sends requests with httpx and the OpenAI SDK, which are installed.",
        "Import one of these two; if that fails too, the notebook runs in another kernel than the"
        " lab's",
    ),
    Row(
        "AttributeError",
        said(r"'coroutine'"),
        "An asynchronous call gives its result only when somebody waits for it.",
        "Put `await` before the call",
    ),
    Row(
        "AttributeError",
        said(r"module 'labgateway'"),
        "`labgateway` is the package, and `lab` is what its `start()` returned.",
        "Use `lab`, as the cells above do",
    ),
    Row(
        "AttributeError",
        said(r"'(gateway_url|admin_url|metrics_url|logs)'"),
        "The name `lab` means something else now: a cell has given it another value.",
        "Run `lab = labgateway.start()` again; it returns the lab that runs",
    ),
    Row(
        "AttributeError",
        always,
        "The object has no such attribute.",
        "Look at what it is, with `type(…)`, and at the spelling of what follows the dot",
    ),
    Row(
        "TypeError",
        said(r"'coroutine'"),
        "An asynchronous call gives its result only when somebody waits for it.",
        "Put `await` before the call, in brackets",
    ),
    Row(
        "KeyError",
        said(r"API_KEY"),
        "The notebook has no key and needs none: the gateway adds it.",
        "Send the request without one",
    ),
    Row(
        "RuntimeError",
        said(r"running event loop|asyncio\.run|already running"),
        "A notebook already runs an event loop.",
        "Write `await main()` instead of `asyncio.run(main())`",
    ),
    Row(
        "KeyboardInterrupt",
        always,
        "The cell was interrupted before it was done.",
        "Run it again and let it finish; a first answer can take some seconds",
    ),
)

# Asked last: what is known of a certain function's call says more.
CALLS = (
    Row(
        "TypeError",
        said(r"\(\) (missing \d+ required|takes .* positional|got an unexpected keyword)"),
        "The call does not fit what the function takes, and the message says how.",
        "Look at what it takes: run its name with a `?` behind it in a cell of its own",
    ),
)
