"""The stats port as Prometheus and a learner's browser see it."""

from __future__ import annotations

import subprocess

import httpx
import pytest

from tests.conftest import Running
from tests.prometheus import NEEDS_PROMTOOL

OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"


def get(running: Running, path: str, **headers: str) -> httpx.Response:
    """A page of the stats port."""
    url = f"http://127.0.0.1:{running.gateway.running.stats_port}{path}"
    return httpx.get(url, headers=headers, trust_env=False)


@pytest.fixture
def used(routed: Running) -> Running:
    """A gateway that has answered, streamed and refused."""
    routed.ask()
    routed.ask(stream=True)
    routed.ask("/nowhere")
    return routed


@pytest.mark.parametrize("path", ["/metrics", "/stats/prometheus"])
def test_metrics_are_plain_text(used: Running, path: str) -> None:
    """On both paths, for whoever does not ask for more."""
    answer = get(used, path)

    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "# TYPE agentgateway_requests_total counter" in answer.text
    assert "# TYPE agentgateway_build_info gauge" in answer.text
    assert "trace_id" not in answer.text


def test_openmetrics_has_exemplars_for_those_who_ask(used: Running) -> None:
    """As Prometheus does; the trace id is that of a request that was made."""
    answer = get(used, "/metrics", accept=OPENMETRICS)
    ids = {one.trace_id for one in used.exchanges}

    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")
    assert any(f'# {{trace_id="{one}"}}' in answer.text for one in ids)


@NEEDS_PROMTOOL
def test_promtool_finds_nothing_to_complain_about(used: Running) -> None:
    """Names, types and help texts are as Prometheus' own linter wants them."""
    checked = subprocess.run(
        ["promtool", "check", "metrics"],
        input=get(used, "/metrics").content,
        capture_output=True,
        check=False,
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_readiness_is_one_word(running: Running) -> None:
    """As agentgateway's readiness port says it."""
    answer = get(running, "/healthz/ready")

    assert (answer.status_code, answer.text) == (200, "ready\n")
