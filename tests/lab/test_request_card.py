"""The card of a request, from a real gateway: what it puts side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import APIStatusError, OpenAI

from labgateway.lab.session import Lab
from tests.conftest import BACKEND, ROUTE
from tests.lab.cards import OWN_KEY, ask, lab_in, table
from tests.lab.processes import LabProcess
from tests.lab.processes import ask as ask_process


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """The exercise's route, a backend that names a model, bodies kept."""
    with lab_in(tmp_path) as one:
        yield one


def test_both_ends_stand_side_by_side(lab: Lab) -> None:
    """What was asked, what was sent, and what was done about the difference."""
    ask(lab, stream=True)
    card = lab.request()

    request, response = table(card, "The request"), table(card, "The response")
    assert request["Method, path"] == (
        *("POST /openai", "POST /v1/chat/completions"),
        "set to the provider's path",
    )
    assert request["Authorization"] == (
        *("a key (never shown)", "the Secret's key (never shown)"),
        "replaced by the Secret's",
    )
    assert request["Model"][:2] == ("gpt-4o-mini", "gpt-4o")
    assert request["Usage of the stream"][:2] == ("not asked for", "asked for")
    assert response["Model used"][1] == "gpt-4o-2024-08-06"
    assert response["Tokens"][0] == "not told"
    assert response["Tokens"][2].startswith("usage chunk kept from the client")
    assert "model overridden: gpt-4o-mini became gpt-4o" in card.text.replace("Model", "model")
    assert "stream_options.include_usage: true added" in card.text
    assert "The answer, joined from" in card.text
    assert 'The simulator read: "hi"' in card.text


def test_what_is_passed_on_is_said_to_be_passed_on(lab: Lab) -> None:
    """A backend with no model and no Secret changes nothing; the client's trace goes on."""
    plain = "{openai: {}}}\n"
    lab.client.apply(f"{BACKEND.split('{provider:')[0]}{{provider: {plain}")
    span = "b7ad6b7169203331"
    headers = {"traceparent": f"00-{'12' * 16}-{span}-00", "authorization": f"Bearer {OWN_KEY}"}
    body = {"model": "gpt-4o-mini", "messages": [], "stream": True}
    body["stream_options"] = {"include_usage": True}
    httpx.post(f"{lab.gateway_url}/openai", json=body, headers=headers, trust_env=False)

    card = lab.request("1212")
    request = table(card, "The request")
    assert request["Authorization"][1:] == (
        "the client's own key",
        "passed on: the backend names no Secret",
    )
    assert request["Trace"][0] == f"parent span {span}"
    assert request["Trace"][2] == "trace continued, not sampled: no spans are kept of it"
    assert request["Usage of the stream"][2] == request["Model"][2] == "passed on"
    assert request["Body"][2] == "passed on, byte for byte"
    assert "It refuses the client's own key" in card.text
    assert "The client's body was sent on as it came." in card.text


@pytest.mark.parametrize("before", [True, False])
def test_bodies_are_kept_while_a_block_runs(lab: Lab, before: bool) -> None:
    """An error in the block ends it as well, and the switch is then where it was."""
    lab.log_bodies(before)
    within = []

    def asking() -> None:
        with lab.bodies_logged():
            ask(lab)
            within.append(lab.observe().place.bodies)
            raise KeyError("choices")

    with pytest.raises(KeyError, match="choices"):
        asking()
    assert within == [True]
    assert lab.recent()[-1].bodies is not None
    assert lab.observe().place.bodies is before


def test_bodies_that_are_not_kept_are_not_there(lab: Lab) -> None:
    """The card says how to have them kept."""
    lab.log_bodies(False)
    ask(lab)
    assert "Not kept. lab.log_bodies(True) keeps prompts" in repr(lab.request())
    assert "“" not in lab.request().text


def test_every_field_of_the_log_line_is_explained(lab: Lab) -> None:
    """The line as the log has it."""
    ask(lab, temperature=0.5)
    card = lab.request()
    rows = table(card, "The line of the access log, in its order")
    line = lab.logs().iloc[-1].dropna()
    assert set(rows) == {*line.index, "level", "scope"}
    assert rows["gen_ai.request.temperature"][0] == "0.5"
    assert all(meaning for _, meaning in rows.values())


def test_the_samples_that_moved_are_those_of_a_scrape(lab: Lab) -> None:
    """As many as differ between two scrapes, connections aside."""

    def scraped() -> dict[tuple[str, str], float]:
        return {
            (one.name, str(one.labels)): one.value
            for one in lab.samples()
            if "_downstream_" not in one.name
        }

    ask(lab)
    before = scraped()
    ask(lab)
    after = scraped()
    moved = sum(after[key] != before.get(key, 0) for key in after)
    assert f"Metrics: {moved} samples of 5 families moved." in repr(lab.request())


@pytest.mark.parametrize("stream", [False, True])
def test_four_places_count_the_same_tokens(lab: Lab, *, stream: bool) -> None:
    """What the client was told, too, where it was told."""
    answer = ask(lab, stream=stream, stream_options={"include_usage": True} if stream else None)
    card = lab.request(answer)
    usage = json.loads(answer.text.split("data: ")[-2] if stream else answer.text)["usage"]
    for row, name in zip(card.tokens, ("prompt_tokens", "completion_tokens"), strict=True):
        assert row[1:] == (usage[name],) * 4
        assert table(card, "Tokens of this request")[row.kind][-1] == "equal"
    assert "Four places count the same." in repr(card)


def test_the_time_of_gateway_and_provider_make_up_the_whole(lab: Lab) -> None:
    """In the waterfall and in the sentence."""
    ask(lab, simulate="delay=50ms")
    card = lab.request()
    exchange = card.exchange
    said = next(one.said for one in card.page.sections if one.title == "Time")
    assert exchange.provider_s is not None
    assert exchange.provider_s >= 0.05
    own_ms = (exchange.duration_s - exchange.provider_s) * 1000
    assert said.startswith(f"{own_ms:.1f} ms of {exchange.duration_s * 1000:.1f} ms were the")
    assert [one.name for one in card.spans] == [
        "POST /openai/*",
        "route",
        "chat gpt-4o",
        "response",
    ]


def test_spans_of_the_learners_own_stand_above_the_gateways(lab: Lab) -> None:
    """As OTLP's JSON has them; another request of the trace is named, and found by its span id."""
    trace_id, span_id = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"
    traceparent = {"traceparent": f"00-{trace_id}-{span_id}-01"}
    url = f"{lab.gateway_url}/nowhere"
    for _ in range(2):
        httpx.post(url, json={}, headers=traceparent, trust_env=False)
    first, second = lab.recent()
    start_ns = int(first.started * 1e9)
    span = {"traceId": trace_id, "spanId": span_id, "name": "my question", "kind": 3}
    span |= {"startTimeUnixNano": str(start_ns), "endTimeUnixNano": str(start_ns + 10**9)}
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "notebook"}}]}
    sent = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}
    taken = httpx.post(f"{lab.otlp_endpoint}/v1/traces", json=sent, trust_env=False)
    assert taken.is_success

    card = lab.request(trace_id)

    assert card.exchange.span_id == second.span_id
    assert f"Other requests of this trace: 1, span ids {first.span_id}." in card.text
    assert lab.request(first.span_id).exchange == first
    waterfall = repr(card).split("Time: ")[1]
    assert waterfall.index("my question  notebook") < waterfall.index("  POST ")


@pytest.mark.slow
def test_an_attached_notebook_has_the_same_card(tmp_path: Path) -> None:
    """Metrics beyond the bound of models included, which only the owner knows; a restart, too."""
    home = tmp_path / "home"
    with LabProcess(home) as owner, LabProcess(home) as attached:
        owner.client.apply(f"{ROUTE}---{BACKEND}")
        for number in range(101):
            answer = httpx.post(
                f"{owner.url}/openai",
                json={"model": f"model-{number}", "messages": []},
                headers={"x-simulate": "status=500"},
                trust_env=False,
            )
        answer = ask_process(owner.url)
        card = f"lab.request({answer.headers['x-trace-id']!r}).text"
        seen = owner.evaluate(card)
        assert attached.evaluate(card) == seen
        assert "gen_ai_request_model   _other" in seen
    with LabProcess(home) as later:
        again = later.evaluate(card)
        assert "gen_ai_request_model   gpt-4o-mini" in again
        assert seen.split("Metrics:")[0] == again.split("Metrics:")[0]


def test_what_the_openai_sdk_returns_leads_to_its_card(lab: Lab) -> None:
    """A completion, a stream, a raw response, and an error."""
    url = f"{lab.gateway_url}/openai"
    asked: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    with (
        httpx.Client(trust_env=False) as http,
        OpenAI(base_url=url, api_key="any", max_retries=0, http_client=http) as client,  # type: ignore[arg-type]  # either httpx does
    ):
        chat: Any = client.chat.completions
        returned = [chat.create(**asked), chat.create(**asked, stream=True)]
        list(returned[-1])
        returned.append(chat.with_raw_response.create(**asked))
        with pytest.raises(APIStatusError) as raised:
            chat.create(**asked, extra_headers={"x-simulate": "status=429"})
        returned.append(raised.value)

    found = [lab.request(one).trace_id for one in returned]

    assert found == [one.trace_id for one in lab.recent()]
