"""The exception that the learner's own cell ended in, in words that name the next step."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from checks.llm_routing.names import quoted
from checks.verdict import Raised
from labgateway.memory.observation import Observation
from labgateway.memory.progress import Raised as Exc

# They say that an answer could not be read: what answered is then the better clue.
READING = frozenset(
    {
        "AuthenticationError",
        "BadRequestError",
        "HTTPStatusError",
        "HTTPError",
        "IndexError",
        "InternalServerError",
        "JSONDecodeError",
        "KeyError",
        "NotFoundError",
        "PermissionDeniedError",
        "RateLimitError",
        "TypeError",
        "UnprocessableEntityError",
    }
)
_YAML = re.compile(r"\b(apiVersion|kind|metadata|spec|parentRefs|backendRefs|namespace)\b\s*:")
_SHELL = re.compile(r"^\s*(curl|kubectl|source|export|pip|jq)\b")
_TIMEOUTS = r"ReadTimeout|APITimeoutError|PoolTimeout|WriteTimeout|Timeout|TimeoutError"


@dataclass(frozen=True)
class Row:
    """Exceptions of these types, with such a message or code: why, and what to do next."""

    type: str
    test: Callable[[Exc], bool]
    why: str
    next_step: str


def exception_name(raised: Exc) -> str:
    """The type without its module."""
    return raised.type.rpartition(".")[2]


def cell_not_python(seen: Observation) -> Raised | None:
    """YAML or a shell command that Python was given to read; None for anything else."""
    raised = seen.raised
    if raised is None or (seen.attempts and seen.attempts[-1].at > raised.at):
        return None
    if exception_name(raised) not in {"SyntaxError", "NameError", "IndentationError", "TypeError"}:
        return None
    if _YAML.search(raised.code) or _SHELL.search(raised.code):
        return code_raised(raised)
    return None


def code_raised(raised: Exc) -> Raised:
    """The verdict on an exception."""
    name = exception_name(raised)
    for row in ROWS:
        if re.fullmatch(row.type, name) and row.test(raised):
            return Raised(_saw(raised), _where(raised), row.why, row.next_step)
    return Raised(
        _saw(raised),
        _where(raised),
        "",
        "Read the last line of the traceback first, then the line of yours that it points to",
    )


def broken_by_answer(raised: Exc, answer: str, next_step: str) -> Raised:
    """The verdict on an exception whose cause is the answer that came."""
    return Raised(
        _saw(raised), _where(raised), f"What came back was no chat completion. {answer}", next_step
    )


def _saw(raised: Exc) -> str:
    said = raised.message.strip().splitlines()
    name = exception_name(raised)
    return quoted(f"{name}: {said[0]}" if said else name)


def _where(raised: Exc) -> str:
    return f"Your code: {quoted(raised.code)}" if raised.code.strip() else ""


def _always(_raised: Exc) -> bool:
    return True


def _said(pattern: str) -> Callable[[Exc], bool]:
    return lambda raised: re.search(pattern, raised.message, re.IGNORECASE) is not None


def _code(pattern: re.Pattern[str]) -> Callable[[Exc], bool]:
    return lambda raised: pattern.search(raised.code) is not None


ROWS = (
    Row(
        "SyntaxError|NameError|IndentationError|TypeError",
        _code(_YAML),
        "Python was given YAML to read.",
        "Put `%%kubectl apply -f -` on the very first line of the cell",
    ),
    Row(
        "SyntaxError|NameError|IndentationError",
        _code(_SHELL),
        "Python was given a shell command to read.",
        "Run it in a terminal, or start the line with `!`",
    ),
    Row(
        "NameError",
        _said(r"GATEWAY_IP"),
        "`GATEWAY_IP` is a shell variable of the published text.",
        "The lab has its address in Python: `lab.gateway_url`",
    ),
    Row(
        "NameError",
        _said(r"'(true|false|null)'"),
        "JSON and Python spell it differently.",
        "Write `True`, `False` or `None` in a Python dict",
    ),
    Row(
        "NameError",
        _always,
        "The name has no value in this kernel, which a restart also brings about.",
        "Run the cells above that define or import it, from the first one on",
    ),
    Row(
        "ModuleNotFoundError|ImportError",
        _always,
        "The lab sends requests with httpx and the OpenAI SDK, which are installed.",
        "Import one of these two; if that fails too, the notebook runs in another kernel than the"
        " lab's",
    ),
    Row(
        _TIMEOUTS,
        _always,
        "Your client stopped waiting before the model had answered; the route allows more.",
        "Give the client a longer `timeout=`, and ask for a short answer",
    ),
    Row(
        "UnsupportedProtocol|MissingSchema|InvalidURL",
        _always,
        "The URL is not complete.",
        "Build it from `lab.gateway_url`, which begins with `http://`, and the path",
    ),
    Row(
        "ConnectError|APIConnectionError|ConnectionError|SSLError|SSLCertVerificationError",
        _said(r"ssl|tls|certificate|WRONG_VERSION"),
        "The gateway's listener speaks plain HTTP; the encrypted part is from the gateway to"
        " OpenAI.",
        "Use the scheme that `lab.gateway_url` has",
    ),
    Row(
        "ConnectError|APIConnectionError|ConnectionError",
        _said(r"name or service|getaddrinfo|nodename|resolve|resolution"),
        "The host name in the URL leads nowhere.",
        "Build the URL from `lab.gateway_url`",
    ),
    Row(
        "ConnectError|APIConnectionError|ConnectionError|ConnectionRefusedError|ConnectTimeout",
        _always,
        "Nothing listens at that address: ports are chosen when the lab starts, and a proxy in the"
        " way is possible too.",
        "Compare your URL with `lab.gateway_url`; run `lab` to see whether the gateway runs",
    ),
    Row(
        "ProxyError",
        _always,
        "The client sent a call to this machine through a proxy.",
        "Create the client with `trust_env=False`",
    ),
    Row(
        "OpenAIError",
        _said(r"api_key|credentials"),
        "The SDK insists on a key; the gateway replaces whatever it sends.",
        'Give it any placeholder, such as `api_key="unused"`; never a real key',
    ),
    Row(
        "JSONDecodeError",
        _said(r"data:|Expecting value"),
        "A stream is lines of `data: {…}`, an error is plain text; neither is one JSON value.",
        "Look at the answer's `status_code` and `text`; for a stream, go through `iter_lines()`",
    ),
    Row(
        "KeyError",
        _said(r"choices|message|content"),
        "The answer has no such field, which usually means that it is an error.",
        "Look at the whole answer before you pick from it",
    ),
    Row(
        "TypeError",
        _said(r"not subscriptable"),
        "The client returns an object, and what you want is inside it.",
        "From httpx, take `.json()` first; from the OpenAI SDK, use attributes: `.choices[0]`",
    ),
    Row(
        "TypeError",
        _said(r"not JSON serializable"),
        "A request body can hold text, numbers, lists and dicts.",
        "Look for a set or an object in `messages`",
    ),
    Row(
        "ResponseNotRead|StreamConsumed|StreamClosed",
        _always,
        "A stream is read once, while its `with` block is open.",
        "Read it inside the block, or send the request without `stream`",
    ),
    Row(
        "RuntimeError",
        _said(r"running event loop|asyncio\.run"),
        "A notebook already runs an event loop.",
        "Write `await main()` instead of `asyncio.run(main())`",
    ),
    Row(
        "AttributeError",
        _always,
        "The object has no such attribute.",
        "Check what it is with `type(…)`; if a name of the lab was reused, import it again",
    ),
)
