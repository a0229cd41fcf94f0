"""Why an exchange is not the one that step 2 asks for, told from its record."""

from __future__ import annotations

import re
from collections.abc import Callable

from checks.challenge import BLANK
from checks.llm_routing.exchange_rules import ROWS
from checks.llm_routing.names import LOCAL_PATH, NO_PATH, PATH, nearest, quoted
from checks.llm_routing.obstacle import in_the_way
from checks.verdict import NotReady, NotRight, NotYet, Unpassed
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.origin import is_loopback
from labgateway.memory.observation import Observation

ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_OK = range(200, 300)


def bare_path(exchange: Exchange) -> str:
    """The path without its query."""
    return exchange.path.partition("?")[0]


def goes_to_openai(exchange: Exchange) -> bool:
    """Whether the path is the one step 1's route is about."""
    return f"{bare_path(exchange)}/".startswith(f"{PATH}/")


def goes_to_example(exchange: Exchange) -> bool:
    """Whether the path is the worked example's."""
    return f"{bare_path(exchange)}/".startswith(f"{LOCAL_PATH}/")


def is_shown(exchange: Exchange) -> bool:
    """The worked example, the notebooks' own 404, and what a browser asks for by itself."""
    return goes_to_example(exchange) or bare_path(exchange) in {NO_PATH, "/favicon.ico"}


def answered(exchange: Exchange) -> bool:
    """Whether a model answered in full."""
    sent = exchange.request_model is not None
    return exchange.status in _OK and exchange.error is None and sent


def blank_in(exchange: Exchange) -> NotYet | None:
    """A blank of the task that was sent as it stood."""
    sent = {
        "path": bare_path(exchange),
        "model": exchange.original_model or "",
        "role": next((one for one in exchange.roles if BLANK in one), ""),
    }
    for name, value in sent.items():
        if BLANK in value:
            return NotYet(
                f"Your request still has a blank: its {name} is {quoted(value)}",
                next_step="Fill it in, run the cell again, then check",
            )
    return None


def went_wrong(seen: Observation, exchange: Exchange) -> Unpassed:
    """What to say of the last exchange, which is not the one asked for."""
    verdict: Unpassed | None = blank_in(exchange)
    if verdict is not None:
        return verdict
    for look in _LOOKS:
        verdict = look(seen, exchange)
        if verdict is not None:
            return verdict
    whose = "from the provider" if exchange.reason == "Upstream" else "from the gateway"
    return NotRight(
        f"The last request ended with status {exchange.status} {whose}",
        "",
        f"In words: {_gist(exchange)}." if exchange.error else "",
        "Look at the answer's text; when the fault is not in your request, send it again",
    )


def _by_path(_seen: Observation, exchange: Exchange) -> Unpassed | None:
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
        next_step = "Compare your path with your route's, letter by letter"
    elif path in {"/chat/completions", "/v1/chat/completions", "/"}:
        next_step = "Put the route's path between the gateway's address and what you call there"
    else:
        next_step = "Correct the path of your URL"
    said = quoted(exchange.error or "route not found")
    return NotRight(
        f"404 {said} came from the gateway itself, not from OpenAI: no route takes the path"
        f" {quoted(path)}",
        "",
        f"The route of step 1 takes `{PATH}`, and what follows it after a slash.",
        next_step,
    )


def _by_route(seen: Observation, exchange: Exchange) -> Unpassed | None:
    """A refusal of the gateway that step 1 explains, when step 1 is still not done."""
    if exchange.status not in {404, 500} or exchange.reason == "Upstream":
        return None
    trouble = in_the_way(seen)
    why = {
        404: "no route took the request",
        500: "a route took the request, and its backend is not there or not usable",
    }[exchange.status]
    said = quoted(exchange.error or "")
    what = f"{exchange.status} {said} came from the gateway itself, not from OpenAI: {why}"
    if trouble is None and not is_loopback(exchange.host):
        return NotRight(
            what,
            f"The request named the host {quoted(exchange.host)}",
            "Which route takes a request depends on its host, too.",
            "Leave the `Host` header out: the client makes it from the URL",
        )
    if trouble is None:
        return NotRight(what, "", "By now step 1 is in order.", "Send the same request once more")
    return NotRight(
        what,
        "",
        f"Step 1 is not finished. {trouble.saw}.",
        "Finish step 1 (`check(1)` says what to do), then send the request again",
    )


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
    if not strange[0]:
        return NotRight(
            f"{exchange.status}: a message in `messages` has no `role`",
            "",
            "A message is a dict that says who speaks (`role`) and what (`content`).",
            "Look at how `messages` is written in the worked example",
        )
    return NotRight(
        f"{exchange.status}: the provider does not know the role {quoted(strange[0])}",
        "",
        "A message's role is one of system, user, assistant or tool.",
        "Give the question the role of the one who asks",
    )


def strange_roles(exchange: Exchange) -> list[str]:
    """Roles of the request that OpenAI's API does not have."""
    return [role for role in exchange.roles if role not in ROLES]


def _by_credential(seen: Observation, exchange: Exchange) -> Unpassed | None:
    if exchange.credential == "secret":
        return _key_refused(seen) if exchange.status == 401 else None
    if exchange.request_model is None or exchange.credential is None:
        return None
    whose = "your own key" if exchange.credential == "client" else "no key"
    return NotRight(
        f"The gateway sent {whose} to the provider",
        "",
        "The key of the Secret was not used, so every client would need one.",
        "Look at `policies` of your backend: step 1's check says more",
    )


def _key_refused(seen: Observation) -> Unpassed:
    saw = "401 from the provider: it does not accept the key in the Secret"
    if seen.place.provider == "openai":
        give = "The key the lab was started with is wrong or has expired: give it another one"
        return NotReady(saw, next_step=give)
    return NotRight(
        saw,
        "",
        "The lab's own Secret holds the right one; yours may have taken its place.",
        "Look at the Secret that your backend names; if you applied it, delete it and restart the"
        " kernel",
    )


def _by_table(seen: Observation, exchange: Exchange) -> Unpassed | None:
    for row in ROWS:
        if row.status == exchange.status and re.search(row.error, exchange.error or ""):
            words = {
                "error": _gist(exchange),
                "wait": _WAITS.get(seen.place.provider, _WAITS["local"]),
            }
            return NotRight(
                row.saw.format(**words), "", row.why.format(**words), row.next_step.format(**words)
            )
    return None


def _gist(exchange: Exchange) -> str:
    """The error without the frame that every one has."""
    gist = re.sub(
        r"^failed to process LLM request: (failed to parse request: )?", "", exchange.error or ""
    )
    return quoted(gist, _GIST)


_GIST = 160
_WAITS = {
    "openai": "Check the network of the machine the lab runs on",
    "local": "The lab's model may still be starting: wait a little, then send again",
}
_LOOKS: tuple[Callable[[Observation, Exchange], Unpassed | None], ...] = (
    _by_path,
    _by_route,
    _by_method,
    _by_fields,
    _by_role,
    _by_credential,
    _by_table,
)
