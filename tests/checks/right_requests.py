"""Right answers to step 2, as data; as in ``wrong_requests``."""

from __future__ import annotations

from tests.checks.texts import PINNED
from tests.checks.wrong_requests import Wrong, raised, sent

RIGHT = {
    "plain": Wrong("plain", (sent(),), ("A model answered through `/openai`",), "passed"),
    "2.8": Wrong(
        "2.8", (sent("/openai/v1/chat/completions"),), ("only selects the route",), "passed"
    ),
    "2.16": Wrong(
        "2.16",
        (sent(request_model="gpt-4o"),),
        ("your backend pins it", "no bug"),
        "passed",
        PINNED,
    ),
    "2.16b": Wrong(
        "2.16b",
        (sent(original_model=None, request_model="gpt-4o"),),
        ("You named no model",),
        "passed",
        PINNED,
    ),
    "2.17": Wrong("2.17", (sent(client_authorization=True),), ("replaced it", "keys"), "passed"),
    "stand-in": Wrong(
        "stand-in", (sent(),), ("`SmolLM2-135M-Instruct` answered", "stands in"), "passed"
    ),
    "stream": Wrong("stream", (sent(stream=True),), ("piece by piece",), "passed"),
    "role": Wrong("role", (sent(roles=("human",)),), ("`human`", "would refuse"), "passed"),
    "query": Wrong("query", (sent("/openai?x=1"),), ("A model answered",), "passed"),
    "later failure": Wrong(
        "later failure",
        (sent(), sent("/openaix", 404, error="route not found")),
        ("A model answered",),
        "passed",
    ),
    "later exception": Wrong(
        "later exception",
        (sent(), raised("NameError", "name 'x'")),
        ("A model answered",),
        "passed",
    ),
    "blank first": Wrong(
        "blank first",
        (sent(original_model="____", request_model="____"), sent()),
        ("A model answered",),
        "passed",
    ),
    "example first": Wrong(
        "example first", (sent("/local"), sent()), ("A model answered",), "passed"
    ),
    "dated model": Wrong(
        "dated model",
        (sent(response_model="gpt-4o-mini-2024-07-18"),),
        ("A model answered",),
        "passed",
    ),
}
