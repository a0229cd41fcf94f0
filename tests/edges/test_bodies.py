"""Prompts and answers: nowhere unless switched on, and then without credentials."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from labgateway.decisions.exchange import BODY_CHARACTERS, Bodies
from labgateway.decisions.redaction import REDACTED
from labgateway.decisions.spans import spans_of
from labgateway.edges.serving import ASGIApp
from labgateway.lab.client import Client
from labgateway.lab.frames import log_frame
from tests.conftest import BACKEND, Running
from tests.edges.providers import events, provider, saying
from tests.edges.waiting import eventually

CANARY = "canary-4711"
SPOKEN = {
    "content": f"answer {CANARY}",
    "reasoning_content": f"thought {CANARY}",
    "tool_calls": [{"index": 0, "function": {"name": "f", "arguments": f'{{"a": "{CANARY}"}}'}}],
}
WHOLE = json.dumps({"model": "m", "choices": [{"message": SPOKEN}]}).encode()
PIECES = events(*(json.dumps({"choices": [{"delta": {k: v}}]}) for k, v in SPOKEN.items()))
FAILED = json.dumps({"error": {"message": f"bad prompt: {CANARY}"}}).encode()


def answering(what: str) -> ASGIApp:
    """A provider that says the canary in every way that there is."""
    if what == "stream":
        return saying(PIECES, b"text/event-stream")
    return saying([WHOLE]) if what == "whole" else saying([FAILED], status=400)


def ask(routed: Running, prompt: str = f"prompt {CANARY}", **changes: Any) -> httpx.Response:
    """A request that says the canary in every way that there is."""
    message = {"role": "user", "content": prompt}
    called = {"function": {"name": "f", "arguments": f'{{"a": "{CANARY}"}}'}}
    tools = {"role": "assistant", "content": None, "tool_calls": [called]}
    return routed.ask(messages=[tools, message], **changes)


def kept(routed: Running) -> Bodies:
    """The bodies of the last request."""
    bodies = routed.exchanges[-1].bodies
    assert bodies is not None
    return bodies


def everything(routed: Running) -> Iterator[tuple[str, str]]:
    """Every place where a body could turn up: (name, text)."""
    running = routed.gateway.running
    for path in routed.home.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes().decode("utf-8", errors="replace")
    yield (
        "metrics",
        httpx.get(
            f"http://127.0.0.1:{running.stats_port}/metrics",
            headers={"accept": "application/openmetrics-text"},
            trust_env=False,
        ).text,
    )
    client = Client(running)
    yield "observation", json.dumps(client.get("/observation"), ensure_ascii=False)
    yield "exchanges", json.dumps(client.get("/exchanges"), ensure_ascii=False)
    yield "frame", log_frame(routed.gateway.log.records()).to_csv()
    yield "spans", repr([spans_of(one) for one in routed.exchanges])
    yield "repr", repr(routed.gateway.log.recent()) + repr(routed.gateway.observe())


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("what", ["whole", "stream", "error"])
def test_nothing_said_is_kept_unless_it_is_switched_on(
    routed: Running, capfd: pytest.CaptureFixture[str], what: str, *, stream: bool
) -> None:
    """Prompt, answer, reasoning, tool arguments, errors: in no file, view or output (F21)."""
    with provider(answering(what)) as backend:
        routed.apply(backend)
        assert CANARY in ask(routed, stream=stream).text

    assert routed.exchanges[-1].bodies is None
    assert [name for name, text in everything(routed) if CANARY in text] == []
    assert CANARY not in "".join(capfd.readouterr())


def test_a_prompt_in_a_body_that_is_refused_is_not_kept(routed: Running) -> None:
    """The error says where the body stops being JSON, and repeats none of it (F25)."""
    for body in (f'{{"messages": "{CANARY}', f'{{"{CANARY}": 1}}', f'{{"model": ["{CANARY}"]}}'):
        httpx.post(
            f"{routed.url}/openai",
            content=body,
            headers={"content-type": "application/json"},
            trust_env=False,
        )
    assert [one.status for one in routed.exchanges] == [400, 400, 400]
    told = [name for name, text in everything(routed) if f'"{CANARY}' in text.replace("\\", "")]
    # Names of fields are kept, so that a check can say which one is misspelt.
    assert set(told) <= {"exchanges.jsonl", "observation", "exchanges"}
    assert all(one.bodies is None for one in routed.exchanges)


def test_what_was_said_is_kept_when_it_is_switched_on(routed: Running) -> None:
    """What came from the client, what went to the provider, what the provider answered."""
    routed.apply(BACKEND.replace("openai: {}", "openai: {model: gpt-4o}"))
    routed.gateway.log_bodies(on=True)

    answer = ask(routed)

    bodies = kept(routed)
    sent = routed.simulator.requests[-1].body.decode()
    asked = answer.request.content.decode()
    assert bodies == Bodies(request=asked, sent=sent, response=answer.text)
    assert [json.loads(one)["model"] for one in (asked, sent)] == ["gpt-4o-mini", "gpt-4o"]
    record = routed.gateway.log.records()[-1]
    assert (record["request.body"], record["response.body"]) == (bodies.request, bodies.response)
    assert routed.gateway.log.history()[-1].bodies == bodies
    assert Client(routed.gateway.running).observation().exchanges[-1].bodies == bodies


@pytest.mark.parametrize("asked", [False, True])
def test_of_a_stream_the_providers_events_are_kept(routed: Running, *, asked: bool) -> None:
    """With the chunk of usage, also where the client did not ask for it and did not get it."""
    routed.gateway.log_bodies(on=True)

    answer = ask(routed, stream=True, stream_options={"include_usage": asked})

    response = kept(routed).response or ""
    assert response.endswith("data: [DONE]\n\n")
    assert '"choices":[],"usage":{' in response
    assert (response == answer.text) is asked


@pytest.mark.parametrize("stream", [False, True])
def test_the_client_gets_the_same_bytes_with_the_switch_and_without(
    routed: Running, *, stream: bool
) -> None:
    """Keeping changes nothing on the way through (F10)."""
    digests = set()
    with provider(answering("stream" if stream else "whole")) as backend:
        routed.apply(backend)
        for on in (False, True):
            routed.gateway.log_bodies(on)
            answer = ask(routed, stream=stream, stream_options={"include_usage": True})
            digests.add(hashlib.sha256(answer.content).hexdigest())
    assert digests == {hashlib.sha256(b"".join(PIECES) if stream else WHOLE).hexdigest()}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("character", ["안", "🚀", "é"])
def test_a_long_body_is_cut_between_characters(
    routed: Running, character: str, *, stream: bool
) -> None:
    """At 16,384 characters, however the provider's bytes come in (F11)."""
    said = character * BODY_CHARACTERS
    payload = json.dumps({"choices": [{"delta": {"content": said}}]}, ensure_ascii=False)
    content = b"".join(events(payload)) if stream else payload.encode()
    # An odd number of bytes at a time goes through most characters.
    parts = [content[at : at + 4999] for at in range(0, len(content), 4999)]
    routed.gateway.log_bodies(on=True)
    with provider(saying(parts, b"text/event-stream" if stream else b"application/json")) as one:
        routed.apply(one)
        answer = ask(routed, prompt=said, stream=stream)

    assert answer.text == content.decode()
    bodies = kept(routed)
    assert bodies.response == content.decode()[:BODY_CHARACTERS]
    for text in (bodies.request, bodies.sent):
        assert text is not None
        assert len(text) == BODY_CHARACTERS
        assert "\ufffd" not in text


@pytest.mark.parametrize("size", [1, 2, 3])
def test_an_answer_in_single_bytes_is_kept_whole(routed: Running, size: int) -> None:
    """Each byte of each character on its own (F11)."""
    content = 'data: {"choices": [{"delta": {"content": "안녕🚀"}}]}\n\ndata: [DONE]\n\n'.encode()
    parts = [content[at : at + size] for at in range(0, len(content), size)]
    routed.gateway.log_bodies(on=True)
    with provider(saying(parts, b"text/event-stream")) as backend:
        routed.apply(backend)
        assert ask(routed, stream=True).content == content
    assert kept(routed).response == content.decode()


@pytest.mark.parametrize("stream", [False, True])
def test_a_provider_that_repeats_the_credential_puts_it_nowhere(
    routed: Running, *, stream: bool
) -> None:
    """In one piece, in base64, or one character an event (F25)."""
    key = routed.gateway.providers.keys[-1]
    encoded = base64.b64encode(f"Bearer {key}".encode()).decode()
    pieces = [f"{key} {encoded} ", *key]
    if stream:
        payloads = (json.dumps({"choices": [{"delta": {"content": one}}]}) for one in pieces)
        app = saying(events(*payloads), b"text/event-stream")
    else:
        app = saying([json.dumps({"choices": [{"message": {"content": pieces[0]}}]}).encode()])
    routed.gateway.log_bodies(on=True)
    with provider(app) as backend:
        routed.apply(backend)
        assert key in ask(routed, stream=stream).text  # the client's bytes are the provider's

    response = kept(routed).response or ""
    assert REDACTED in response
    spoken = "".join(response.split('{"choices": [{"delta": {"content": "'))
    assert key not in spoken.replace('"}}]}\n\ndata: ', "")
    hidden = (key, key[7:], encoded[:-4])
    for name, text in everything(routed):
        assert not any(one in text for one in hidden), name


@pytest.mark.parametrize("stream", [False, True])
def test_a_key_in_a_prompt_is_not_kept(routed: Running, *, stream: bool) -> None:
    """The learner's, after a line end or not; the client's own header, repeated, neither."""
    routed.gateway.log_bodies(on=True)
    own = "own-key-0123456789-abcdef"
    httpx.post(
        f"{routed.url}/openai",
        json={
            "model": "gpt-4o-mini",
            "messages": [{"role": "user", "content": f"my keys:\nsk-canaryAb9xyz {own}"}],
            "stream": stream,
        },
        headers={"authorization": f"Bearer {own}"},
        trust_env=False,
    )

    bodies = kept(routed)
    assert f"my keys:\\n{REDACTED} {REDACTED}" in (bodies.request or "")
    for name, text in everything(routed):
        assert "canaryAb9xyz" not in text, name
        assert own not in text, name
    assert b"sk-canaryAb9xyz" in routed.simulator.requests[-1].body


@pytest.mark.parametrize("on", [False, True])
def test_a_request_keeps_nothing_when_the_switch_moves_in_its_time(
    routed: Running, *, on: bool
) -> None:
    """Switched on, only requests from then on; switched off, none any more."""
    routed.gateway.log_bodies(not on)
    asking = threading.Thread(
        target=lambda: httpx.post(
            f"{routed.url}/openai",
            json={"model": "m", "messages": [{"role": "user", "content": CANARY}]},
            headers={"x-simulate": "delay=700ms"},
            trust_env=False,
        )
    )
    asking.start()
    assert eventually(lambda: routed.simulator.in_flight == 1)
    routed.gateway.log_bodies(on)
    asking.join()

    assert routed.exchanges[-1].bodies is None
    ask(routed)
    assert (routed.exchanges[-1].bodies is not None) is on


def test_of_a_request_that_failed_there_is_what_was_said_until_then(routed: Running) -> None:
    """Nothing was sent for a body that cannot be read; a cut stream has its beginning."""
    routed.gateway.log_bodies(on=True)
    ask(routed, model=None)
    assert (kept(routed).sent, kept(routed).response) == (None, None)
    assert CANARY in (kept(routed).request or "")

    with pytest.raises(httpx.RemoteProtocolError):
        httpx.post(
            f"{routed.url}/openai",
            json={"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True},
            headers={"x-simulate": "cut=3"},
            trust_env=False,
        )
    assert (kept(routed).response or "").count("data: ") == 3


def test_the_switch_shows_in_the_observation(routed: Running) -> None:
    """A notebook can say whether what it types will be kept."""
    client = Client(routed.gateway.running)
    for on in (True, False):
        client.log_bodies(on=on)
        assert client.observation().place.bodies is on
        assert routed.gateway.keeps_bodies is on
