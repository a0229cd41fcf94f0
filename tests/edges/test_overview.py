"""The page behind the console link."""

from __future__ import annotations

import httpx

from tests.conftest import Running


def test_the_link_that_serve_prints_opens_a_page(routed: Running) -> None:
    """Resources and requests are there, and a learner's text is text."""
    routed.ask("/openai?<script>", model="<script>alert(1)</script>")
    where = routed.gateway.running

    answer = httpx.get(f"http://127.0.0.1:{where.admin_port}/{where.secret}/ui/", trust_env=False)

    assert answer.status_code == 200
    assert "HTTPRoute agentgateway-system/openai" in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert "<script>" not in answer.text
