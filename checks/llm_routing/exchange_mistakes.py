"""Why an exchange is not the one that step 2 asks for, told from its record."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from checks.llm_routing import backend_and_route
from checks.llm_routing.names import PATH, nearest, quoted
from checks.verdict import NotReady, NotRight, Unpassed
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_OK = range(200, 300)
_CLIENT_CLOSED = 499


@dataclass(frozen=True)
class Row:
    """Exchanges with this status and such an error, and what to say of them.

    The texts may name {error}, {status} and {provider}.
    """

    status: int
    error: str
    saw: str
    why: str
    next_step: str


def bare_path(exchange: Exchange) -> str:
    """The path without its query."""
    return exchange.path.partition("?")[0]


def goes_to_openai(exchange: Exchange) -> bool:
    """Whether the path is the one step 1's route is about."""
    return f"{bare_path(exchange)}/".startswith(f"{PATH}/")


def answered(exchange: Exchange) -> bool:
    """Whether a model answered in full."""
    sent = exchange.request_model is not None
    return exchange.status in _OK and exchange.error is None and sent


def went_wrong(seen: Observation, exchange: Exchange) -> Unpassed:
    """What to say of the last exchange, which is not the one asked for."""
    for look in _LOOKS:
        verdict = look(seen, exchange)
        if verdict is not None:
            return verdict
    return NotRight(
        f"The last request ended with status {exchange.status}",
        "",
        f"In words: {quoted(exchange.error)}." if exchange.error else "",
        "Look at the answer's text for more",
    )


def _by_path(seen: Observation, exchange: Exchange) -> Unpassed | None:
    path = bare_path(exchange)
    if goes_to_openai(exchange):
        return None
    if exchange.status in _OK:
        return NotRight(
            f"The last request took another way: it called {quoted(path)}",
            "",
            "Step 2 is about the route of step 1.",
            f"Send it to `{PATH}`",
        )
    if exchange.status != 404 or exchange.reason == "Upstream":
        return None
    if nearest(path, [PATH]):
        next_step = "Compare the two letter by letter"
    elif path in {"/chat/completions", "/v1/chat/completions", "/"}:
        next_step = "Put the route's path between the gateway's address and what you call there"
    else:
        next_step = "Correct the path of your URL"
    return NotRight(
        f"404 `{exchange.error or 'route not found'}` from the gateway itself, not from OpenAI",
        f"Your path: {quoted(path)}",
        f"Your route takes paths that begin with `{PATH}`.",
        next_step,
    )


def _by_route(seen: Observation, exchange: Exchange) -> Unpassed | None:
    """A refusal of the gateway that step 1 explains, when step 1 is still not done."""
    if exchange.status not in {404, 500} or exchange.reason == "Upstream":
        return None
    trouble = backend_and_route.in_the_way(seen)
    what = f"{exchange.status} `{exchange.error}` came from the gateway itself, not from OpenAI"
    why = {
        404: "No route took the request.",
        500: "A route took the request, and the backend it points to is not there or not usable.",
    }[exchange.status]
    if trouble is None:
        return NotRight(
            what, "", f"{why} By now step 1 is in order.", "Send the same request once more"
        )
    return NotRight(what, "", why, f"Finish step 1 first. There: {trouble.saw}")


def _by_method(_seen: Observation, exchange: Exchange) -> Unpassed | None:
    if exchange.method == "POST" or exchange.status in _OK:
        return None
    return NotRight(
        f"The request was a {exchange.method}",
        "",
        "A chat completion is sent with POST, because it has a body.",
        "Use `httpx.post(…)`; curl sends a POST when it is given `-d`",
    )


def _by_fields(_seen: Observation, exchange: Exchange) -> Unpassed | None:
    if exchange.status != 400 or "missing field `messages`" not in (exchange.error or ""):
        return None
    close = nearest("messages", exchange.fields)
    sent = f"; you sent {quoted(close)}" if close else ""
    return NotRight(
        f"400: the body has no field `messages`{sent}",
        "",
        "It is the list of what was said so far, each entry with `role` and `content`.",
        "Correct the field's name" if close else "Add it beside `model`",
    )


def _by_role(_seen: Observation, exchange: Exchange) -> Unpassed | None:
    strange = strange_roles(exchange)
    if exchange.status not in {400, 422} or not strange:
        return None
    return NotRight(
        f"{exchange.status}: the provider does not know the role {quoted(strange[0] or '(none)')}",
        "",
        "A message's role is one of system, user, assistant or tool.",
        "Give the question the role of the one who asks",
    )


def strange_roles(exchange: Exchange) -> list[str]:
    """Roles of the request that OpenAI's API does not have."""
    return [role for role in exchange.roles if role not in ROLES]


def _by_credential(seen: Observation, exchange: Exchange) -> Unpassed | None:
    if exchange.credential == "secret":
        if exchange.status != 401:
            return None
        return NotReady(
            "401 from the provider: it does not accept the key in the Secret",
            next_step="The key the lab was started with is wrong or has expired: give it another one",
        )
    if exchange.request_model is None or exchange.credential is None:
        return None
    whose = "your own key" if exchange.credential == "client" else "no key"
    return NotRight(
        f"The gateway sent {whose} to the provider",
        "",
        "The key of the Secret was not used, so every client would need one.",
        "Look at `policies` of your backend: step 1's check says more",
    )


def _by_table(seen: Observation, exchange: Exchange) -> Unpassed | None:
    for row in ROWS:
        if row.status == exchange.status and re.search(row.error, exchange.error or ""):
            words = {
                "error": quoted(exchange.error or ""),
                "status": exchange.status,
                "provider": seen.place.provider,
            }
            return NotRight(
                row.saw.format(**words), "", row.why.format(**words), row.next_step.format(**words)
            )
    return None


_LOOKS: tuple[Callable[[Observation, Exchange], Unpassed | None], ...] = (
    _by_path,
    _by_route,
    _by_method,
    _by_fields,
    _by_role,
    _by_credential,
    _by_table,
)

ROWS = (
    Row(
        200,
        r".",
        "The answer began and broke off: {error}",
        "A stream that ends early is not an answer.",
        "Send the request once more",
    ),
    Row(
        400,
        r"body is empty",
        "400: the request had no body",
        "A chat completion is asked for in the body, as JSON.",
        "Pass the dict with `json=`; with curl use `-d`",
    ),
    Row(
        400,
        r"not JSON",
        "400: the body is not JSON: {error}",
        "JSON has double quotes only, and no comma after the last entry.",
        "Pass a Python dict with `json=` and let httpx write the JSON",
    ),
    Row(
        400,
        r"not a JSON object",
        "400: the body is JSON and not an object",
        "",
        "Send one dict with `model` and `messages`, encoded once",
    ),
    Row(
        400,
        r"`messages` is not an array",
        "400: `messages` is not a list",
        "A conversation has several messages, even if this one has a single one.",
        "Put square brackets around the message",
    ),
    Row(
        400,
        r"`model` is not a string",
        "400: `model` is not text",
        "",
        "Name one model, in quotes",
    ),
    Row(
        400,
        r"model not specified",
        "400 `model not specified`: neither your request nor your backend names a model",
        "With `openai: {{}}` the choice is the client's.",
        "Name a model in the body, or let the backend pin one",
    ),
    Row(
        400,
        r"Host",
        "400: the gateway did not accept the Host header",
        "A request has exactly one, made from the URL.",
        "Leave the header out; the client sets it",
    ),
    Row(
        400,
        r"",
        "400: the provider did not accept the body",
        "It is forwarded as you wrote it.",
        "Read the answer's text; it names the field",
    ),
    Row(
        401,
        r"",
        "401: the provider got no key that it knows",
        "",
        "Look at `policies` of your backend: step 1's check says more",
    ),
    Row(
        403,
        r"",
        "403: the request came from a web page of another origin",
        "Any page can reach a port on this machine, and would spend your key.",
        "Send it from a notebook cell or a terminal",
    ),
    Row(
        404,
        r"",
        "404 from the provider: it has no such model or path",
        "The gateway passed your request on; the route is in order.",
        "Look at the `model` you sent, and at the answer's text",
    ),
    Row(
        413,
        r"",
        "413: the body is over the gateway's limit",
        "",
        "Send a shorter conversation",
    ),
    Row(
        415,
        r"",
        "415: the header `content-type: application/json` is missing; {error}",
        "Without it a web page could send the request unasked.",
        "Pass the dict with `json=`, which sets the header; with curl add it with `-H`",
    ),
    Row(
        429,
        r"",
        "429: the provider takes no more requests from this key for now",
        "Its limit or its credit is used up; the gateway passed that on.",
        "Wait a little, or start the lab without a key and let its own model answer",
    ),
    Row(
        _CLIENT_CLOSED,
        r"",
        "Your client went away before the model had answered",
        "The gateway then stops the call to the provider as well.",
        "Give the client a longer `timeout=`, and let the cell finish",
    ),
    Row(
        502,
        r"",
        "502: what answered is not OpenAI's API: {error}",
        "",
        "Look at `host` and `path` of your backend, if it has them",
    ),
    Row(
        503,
        r"",
        "503: the gateway could not reach the provider: {error}",
        "Route and backend are in order; the place they lead to does not answer.",
        "Provider mode is `{provider}`: with openai, check the network; else wait for the model and"
        " send again",
    ),
    Row(
        504,
        r"",
        "504 {error}: the time that the route allows ran out",
        "`timeouts` of the route count from the request's first byte.",
        "Look at the timeout's number and unit, or ask for a shorter answer",
    ),
)
