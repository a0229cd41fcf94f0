"""What was said in a request, for its card: when it was kept, in a form that can be read."""

from __future__ import annotations

import json
from collections.abc import Iterator

from labgateway.decisions.exchange import BODY_CHARACTERS, Bodies, Exchange
from labgateway.decisions.messages import output_messages
from labgateway.decisions.request_story import answered_by_provider
from labgateway.decisions.sse import read_event
from labgateway.lab.page import Listing, Section

_TITLE = "What was said"
_SAID_CHARACTERS = 240


def bodies_section(exchange: Exchange) -> Section:
    """The bodies; or how to have them kept."""
    bodies = exchange.bodies
    if bodies is None:
        said = "Not kept. lab.log_bodies(True) keeps prompts and answers of requests from then on."
        return Section(_TITLE, said, ())
    listings = tuple(_listings(exchange, bodies))
    if bodies.response:
        said = _said(bodies.response)
    elif exchange.error:
        said = f"By the gateway itself: “{exchange.error}”"
    else:
        said = "The provider said nothing."
    return Section(_TITLE, said, listings)


def _listings(exchange: Exchange, bodies: Bodies) -> Iterator[Listing]:
    if bodies.request:
        yield Listing("The client sent", *_body(bodies.request))
    if bodies.sent:
        kind, text = _body(bodies.sent)
        same = bodies.sent == bodies.request
        yield Listing("The provider received", "the same text" if same else kind, text)
    if bodies.response:
        yield from _response(bodies.response, drop_usage=exchange.drop_usage)
    if not answered_by_provider(exchange) and exchange.error:
        yield Listing("The client got", "plain text", exchange.error)


def _response(response: str, *, drop_usage: bool) -> Iterator[Listing]:
    chunks = _chunks(response)
    if not chunks:
        yield Listing("The provider answered", *_body(response))
        return
    joined = _spoken(response)
    if joined:
        yield Listing("The answer", f"joined from {chunks} chunks", joined)
    kept = "; the client got all of them but the usage chunk" if drop_usage else ""
    yield Listing("The provider answered", f"a stream of {chunks} chunks{kept}", response)


def _body(body: str) -> tuple[str, str]:
    """(what kind of text, the text)."""
    if len(body) >= BODY_CHARACTERS:
        return f"cut at {BODY_CHARACTERS:,} characters", body
    try:
        payload = json.loads(body)
        return "JSON", json.dumps(payload, ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return f"{len(body):,} characters", body


def _chunks(response: str) -> int:
    """Events that carry a payload; 0 when it is no stream."""
    events = response.replace("\r\n", "\n").split("\n\n")
    read = (read_event(one.encode("utf-8", "backslashreplace")) for one in events)
    return sum(1 for one in read if one.payload is not None)


def _said(response: str) -> str:
    """The beginning of the answer, or of what the provider says is wrong, as one sentence."""
    spoken = _spoken(response) or _complaint(response)
    if not spoken:
        return "The provider's answer holds no text."
    beginning = " ".join(spoken.split())
    cut = "…" if len(beginning) > _SAID_CHARACTERS else ""
    return f"“{beginning[:_SAID_CHARACTERS]}{cut}”"


def _spoken(response: str) -> str:
    """The text of all messages of an answer or a stream."""
    messages = json.loads(output_messages(response) or "[]")
    parts = [part for message in messages for part in message["parts"]]
    return "\n".join(str(part["content"]) for part in parts if part["type"] == "text")


def _complaint(response: str) -> str:
    """The message of an error in OpenAI's form."""
    try:
        payload = json.loads(response)
    except (ValueError, RecursionError):
        return ""
    error = payload.get("error") if isinstance(payload, dict) else None
    return str(error.get("message") or "") if isinstance(error, dict) else ""
