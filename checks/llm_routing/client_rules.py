"""What exceptions of httpx and of the OpenAI SDK mean, and what to do next."""

from __future__ import annotations

from checks.llm_routing.exception_rules import Row, always, code, said

# Something was answered, and it is not what was expected.
ANSWERED = frozenset(
    {
        "APIStatusError",
        "AuthenticationError",
        "BadRequestError",
        "HTTPError",
        "HTTPStatusError",
        "InternalServerError",
        "JSONDecodeError",
        "NotFoundError",
        "PermissionDeniedError",
        "RateLimitError",
        "UnprocessableEntityError",
    }
)
_NO_CONNECTION = "ConnectError|APIConnectionError|ConnectionError|ConnectionRefusedError"
_TIMEOUTS = "ReadTimeout|APITimeoutError|PoolTimeout|WriteTimeout|Timeout|TimeoutError"
_BAD_URL = "UnsupportedProtocol|MissingSchema|InvalidSchema|InvalidURL"

CLIENT = (
    Row(
        _TIMEOUTS,
        always,
        "Your client stopped waiting before it had the whole answer; the route allows more time.",
        "Give the client a longer `timeout=`, and ask for a short answer",
    ),
    Row(
        _BAD_URL,
        code(r"""(?<![fF])["']\{"""),
        "Python fills in what stands in braces only when there is an `f` before the quotes.",
        "Put the `f` there",
    ),
    Row(
        _BAD_URL,
        said(r"[Ii]nvalid port"),
        "The path has run into the port: a slash is missing between them.",
        "Put a `/` between the address and the path",
    ),
    Row(
        _BAD_URL,
        always,
        "The URL is not complete.",
        "Build it from `lab.gateway_url`, which begins with `http://`, and the path",
    ),
    Row(
        "ConnectError|APIConnectionError|ConnectionError|SSLError|SSLCertVerificationError",
        said(r"ssl|tls|certificate|WRONG_VERSION"),
        "The gateway speaks plain HTTP; the encrypted part is the way from it to OpenAI.",
        "Let the URL begin as `lab.gateway_url` does",
    ),
    Row(
        f"{_NO_CONNECTION}|ConnectTimeout",
        code(r"api\.openai\.com"),
        "That is OpenAI's own address; step 2 is about the way through the gateway.",
        "Keep the body, and build the URL from `lab.gateway_url`",
    ),
    Row(
        _NO_CONNECTION,
        code(r"\$\{?[A-Za-z]"),
        "Only a shell fills in a name after `$`; Python sends it as it stands.",
        "Build the URL from `lab.gateway_url`",
    ),
    Row(
        _NO_CONNECTION,
        said(r"name or service|getaddrinfo|nodename|resolve|resolution"),
        "The host name in the URL leads nowhere.",
        "Build the URL from `lab.gateway_url`",
    ),
    Row(
        f"{_NO_CONNECTION}|ConnectTimeout",
        code(r"proxy|gateway_url"),
        "The address may be right, and a proxy (`HTTP_PROXY`, or `proxy=`) takes the call away.",
        "Send it with `trust_env=False` and without `proxy=`; run `lab` to see the gateway",
    ),
    Row(
        "APIConnectionError",
        always,
        "The SDK found nobody at its `base_url`; without one it calls OpenAI itself.",
        "Look at the line that makes the client: its `base_url` begins with `lab.gateway_url`",
    ),
    Row(
        f"{_NO_CONNECTION}|ConnectTimeout",
        always,
        "Nothing listens at that address; the gateway's port is chosen when the lab starts.",
        "Compare your URL with `lab.gateway_url`",
    ),
    Row(
        "ProxyError",
        always,
        "The client sent a call to this machine through a proxy.",
        "Send it with `trust_env=False` and without `proxy=`",
    ),
    Row(
        "OpenAIError",
        said(r"api_key|credentials"),
        "The SDK insists on a key; the gateway replaces whatever it sends.",
        'Give it any placeholder, such as `api_key="unused"`; never a real key',
    ),
    Row(
        "JSONDecodeError",
        said(r"data:|Expecting value"),
        "A stream is lines of `data: {…}`, an error is plain text; neither is one JSON value.",
        "Look at the answer's `status_code` and `text`; for a stream, go through `iter_lines()`",
    ),
    Row(
        "KeyError",
        said(r"choices|message|content"),
        "The answer has no such field, which usually means that it is an error.",
        "Look at the whole answer before you pick from it",
    ),
    Row(
        "TypeError",
        said(r"\b(post|put|request|stream)\(\) (takes|missing)"),
        "httpx takes the URL first, and all the rest by name.",
        "Give the body a name: `json=`",
    ),
    Row(
        "TypeError",
        said(r"not subscriptable"),
        "The client returns an object, and what you want is inside it.",
        "From httpx, take `.json()` first; from the OpenAI SDK, use attributes: `.choices[0]`",
    ),
    Row(
        "TypeError",
        said(r"not JSON serializable"),
        "A request body can hold text, numbers, lists and dicts.",
        "Look for a set (braces without colons) or another object in it",
    ),
    Row(
        "ResponseNotRead|StreamConsumed|StreamClosed",
        always,
        "A stream arrives piece by piece, so there is no whole text to read.",
        "Go through `iter_lines()` inside the `with` block, or send the request without `stream`",
    ),
)
