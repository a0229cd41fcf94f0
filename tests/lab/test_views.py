"""What the lab shows of requests is the same in every process that has it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import BACKEND, ROUTE
from tests.lab.processes import LabProcess, ask

pytestmark = pytest.mark.slow  # real processes

LOGS = "json.loads(lab.logs().to_json(date_format='iso', orient='split'))"
TYPES = "[str(one) for one in lab.logs().dtypes]"
RECENT = "[repr(one) for one in lab.recent()]"
BODIES = "[repr(one.bodies) for one in lab.recent()]"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LabProcess, LabProcess]]:
    """The owner, with a route, and one that attached to it."""
    home = tmp_path_factory.mktemp("views") / "home"
    with LabProcess(home) as owner, LabProcess(home) as attached:
        assert (owner.first["owner"], attached.first["owner"]) == (True, False)
        assert owner.client.apply(f"{ROUTE}---{BACKEND}").count("created") == 2
        yield owner, attached


def both(pair: tuple[LabProcess, LabProcess], expression: str) -> Any:
    """The value of an expression, which is the same in both processes."""
    values = [one.evaluate(expression) for one in pair]
    assert values[0] == values[1]
    return values[0]


def test_logs_and_requests_are_the_same_everywhere(pair: tuple[LabProcess, LabProcess]) -> None:
    """Asked through either process, found in both, at once."""
    before = len(both(pair, RECENT))
    for number, process in enumerate((*pair, *pair), start=1):
        answer = ask(process.url, **{"x-simulate": "no-usage" if number == 3 else ""})
        logs = both(pair, LOGS)
        assert len(logs["data"]) == len(both(pair, RECENT)) == before + number
        last = dict(zip(logs["columns"], logs["data"][-1], strict=True))
        assert last["trace.id"] == answer.headers["x-trace-id"]
        assert last["http.status"] == 200
    assert "Int64" in both(pair, TYPES)
    assert both(pair, "labgateway.start().logs().shape")[0] == before + number


def test_the_switch_for_bodies_is_the_same_everywhere(pair: tuple[LabProcess, LabProcess]) -> None:
    """Whoever turns it; requests without it stay without."""
    owner, attached = pair
    before = sum(one != "None" for one in both(pair, BODIES))
    for turned, on in ((attached, True), (owner, False), (owner, True), (attached, False)):
        assert turned.evaluate(f"lab.log_bodies({on})") is None
        assert both(pair, "lab.observe().place.bodies") is on
        ask(owner.url)
        assert (both(pair, BODIES)[-1] != "None") is on
    kept = [one for one in both(pair, BODIES) if one != "None"]
    assert len(kept) == before + 2
    logs = both(pair, LOGS)
    body = json.loads(logs["data"][-2][logs["columns"].index("request.body")])
    assert body["messages"] == [{"role": "user", "content": "hi"}]
    assert logs["data"][-1][logs["columns"].index("request.body")] is None


def test_spans_are_the_same_everywhere(pair: tuple[LabProcess, LabProcess]) -> None:
    """The gateway's and those of the learner's own code, as one trace, in either process."""
    owner, attached = pair
    trace_id, parent_id = secrets.token_hex(16), secrets.token_hex(8)
    span = {"traceId": trace_id, "spanId": parent_id, "name": "ask"}
    span |= {"startTimeUnixNano": "1", "endTimeUnixNano": "2"}
    sent = httpx.post(
        f"{attached.evaluate('lab.otlp_endpoint')}/v1/traces",
        json={"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]},
        trust_env=False,
    )
    assert sent.status_code == 200
    ask(owner.url, traceparent=f"00-{trace_id}-{parent_id}-01")
    names = both(pair, f"[one.name for one in lab.spans('{trace_id}')]")
    assert sorted(names) == ["POST /openai/*", "ask", "chat gpt-4o-mini", "response", "route"]
    assert both(pair, f"[repr(one) for one in lab.spans('{trace_id}')]")
    assert both(pair, "lab.spans('unknown')") == []
    assert both(pair, "len(lab.spans())") >= len(names)


GLOBAL = """
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
provider = TracerProvider()
exporter = OTLPSpanExporter(endpoint=f"{lab.otlp_endpoint}/v1/traces")
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
"""


def test_the_learners_tracer_gets_no_spans_of_the_gateways_servers(tmp_path: Path) -> None:
    """FastAPI would trace itself, and each export of that, for as long as the lab runs."""
    with LabProcess(tmp_path / "home") as process:
        process.evaluate(f"exec({GLOBAL!r}, globals())")
        assert ask(process.url).status_code == 404
        httpx.get(process.evaluate("lab.metrics_url"), trust_env=False)
        process.evaluate("provider.get_tracer('notebook').start_span('mine').end()")
        assert process.evaluate("[one.name for one in lab.observe().spans]") == ["mine"]


def test_nothing_heavy_is_imported_before_it_is_asked_for(tmp_path: Path) -> None:
    """The first cell is fast: pandas takes seconds on a cold disk."""
    heavy = "[one for one in ('pandas', 'plotly', 'ipywidgets') if one in sys.modules]"
    with LabProcess(tmp_path / "home") as process:
        assert process.evaluate(f"lab.recent() or {heavy}") == []
        assert process.evaluate(f"(len(lab.logs()), {heavy}[0])") == [0, "pandas"]


def test_a_variable_turns_bodies_on_from_the_start(tmp_path: Path) -> None:
    """OpenTelemetry's, which the learner may have set for other programs too."""
    capture = {"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "SPAN_AND_EVENT"}
    with LabProcess(tmp_path / "home", **capture) as process:
        assert process.evaluate("lab.observe().place.bodies") is True
