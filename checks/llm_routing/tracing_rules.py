"""What exceptions mean while spans are made and requests are sent together, and what to do next."""

from __future__ import annotations

from checks.llm_routing.exception_rules import Row, always, code, said
from checks.llm_routing.telemetry_rules import both

_LAB = r"'(traces?|spans|explore|board|request|overlap|otlp_endpoint|bodies_logged|metrics)'"
_NO_CONNECTION = (
    "ConnectError|ConnectionError|ConnectionRefusedError|ConnectTimeout|NewConnectionError"
)

TRACING = (
    Row(
        f"{_NO_CONNECTION}|NameError|JSONDecodeError",
        code(r"(?i)grafana|tempo|admin:admin|:3000\b"),
        "There is no Grafana here, and nothing to log in to.",
        "Run `lab.explore()`, or `lab.traces()` for the table; it is the same spans",
    ),
    Row(
        "KeyError",
        said(r"gen_ai\.(input\.messages|output\.messages|prompt|completion)"),
        "Prompts and answers are in spans only of requests that are sent under"
        " `with lab.bodies_logged():`.",
        "Think of what that means for private prompts, then send the request again in such a block",
    ),
    Row(
        "IndexError|KeyError",
        code(r"traces\("),
        "No trace passes all of these filters, so the table is empty.",
        "Leave one filter out after the other until rows appear, or send the request again",
    ),
    Row(
        "LabError|ValueError|KeyError",
        both(code(r"\.(trace|spans|request)\("), said(r"span id|16 hex|32 hex|no trace|trace id")),
        "A trace id has 32 hex digits and is in `x-trace-id` of the response; a span id has 16.",
        "Take the id from the last response's headers, or from `lab.traces()`",
    ),
    Row(
        "LabNotRunning",
        always,
        "The gateway of this lab does not run any more, so there is nobody to show its traces.",
        "Run `lab = labgateway.start()` again; it goes on where it was",
    ),
    Row(
        "ModuleNotFoundError|ImportError",
        said(r"opentelemetry"),
        "The lab's own kernel has the SDK and its OTLP exporter over HTTP, not the one over gRPC.",
        "Import `OTLPSpanExporter` from `opentelemetry.exporter.otlp.proto.http.trace_exporter`",
    ),
    Row(
        "TypeError",
        both(code(r"inject"), said(r"item assignment|carrier|argument")),
        "`inject` writes into a dict that it is given, and returns nothing.",
        "Make `headers = {}` first, then call `inject(headers)`",
    ),
    Row(
        "TypeError|AttributeError",
        said(r"'NoneType' object is not|argument of type 'NoneType'"),
        "Some functions change what they are given and return nothing; `inject` is one.",
        "Look at what the name holds; keep the dict itself under a name of its own",
    ),
    Row(
        "TypeError",
        both(said(r"(not callable)"), code(r"\b(check|answer|hint|solution)\(")),
        "The name means something else now: a cell has given it another value.",
        "Import it again: `from checks import answer, check, hint, solution`",
    ),
    Row(
        "AttributeError",
        both(said(_LAB), said(r"^'(int|str|float|list|dict|NoneType)'")),
        "The name `lab` means something else now: a cell has given it another value.",
        "Run `lab = labgateway.start()` again; it returns the lab that runs",
    ),
    Row(
        "RuntimeError",
        said(r"client has been closed|Cannot send a request"),
        "The `async with` block was left, and its client closed, while requests were still to be"
        " sent.",
        "Await all of them inside the block",
    ),
    Row(
        "TypeError",
        both(said(r"unhashable|a coroutine or an awaitable"), code(r"gather")),
        "`gather` takes calls one by one, not a list of them.",
        "Put a `*` before the list, which hands its entries over one by one",
    ),
    Row(
        "TypeError",
        said(r"can't be used in 'await' expression|object .* can't be awaited"),
        "Only what an `async` function returns can be awaited; `httpx.post` waits by itself.",
        "Use `httpx.AsyncClient`, whose `post` is awaited",
    ),
    Row(
        "AttributeError|TypeError",
        said(r"'list' object has no attribute '(json|status_code|headers|text)'"),
        "`gather` gives a list, with one answer for each call, in the order of the calls.",
        "Go through the list: `[reply.json() for reply in replies]`",
    ),
    Row(
        "NameError",
        said(r"'asyncio'"),
        "`asyncio` comes with Python and still has to be imported.",
        "Write `import asyncio` at the top of the cell",
    ),
)
