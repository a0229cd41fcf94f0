"""Step 1: right answers pass whatever their form, with a sentence about what is unusual."""

from __future__ import annotations

import json

import pytest
import yaml

from checks.llm_routing.backend_and_route import check
from checks.verdict import Passed, Verdict
from tests.checks.learner import Learner
from tests.checks.texts import BACKEND, LOCAL, PINNED, ROUTE, UNPINNED
from tests.checks.wrong_manifests import edit


def verdict(learner: Learner) -> Verdict:
    """Step 1's verdict."""
    return check(learner.observe())


VARIANTS = {
    "pinned": PINNED,
    "pinned in flow style": edit(UNPINNED, ("openai: {}", "openai: {model: gpt-4o}")),
    "client's model": UNPINNED,
    "other order": f"{BACKEND}---\n{ROUTE}",
    "json": "\n---\n".join(json.dumps(one) for one in yaml.safe_load_all(UNPINNED)),
    "flow style": "\n---\n".join(
        yaml.safe_dump(one, default_flow_style=True, width=200)
        for one in yaml.safe_load_all(PINNED)
    ),
    "comments and labels": edit(
        f"# 1 where\n{UNPINNED}# the end\n",
        ("  name: openai\n", "  name: openai\n  labels: {a: b}\n"),
    ),
    "no type": edit(UNPINNED, ("            type: PathPrefix\n", "")),
    "slash at the end": edit(UNPINNED, ("/openai", "/openai/")),
    "no timeouts": edit(UNPINNED, ('      timeouts:\n        request: "120s"\n', "")),
    "parent's namespace left out": edit(UNPINNED, ("      namespace: agentgateway-system\n", "")),
    "section name": edit(
        UNPINNED, ("- name: agentgateway\n", "- name: agentgateway\n      sectionName: http\n")
    ),
    "post only": edit(UNPINNED, ("- path:", "- method: POST\n          path:")),
    "json only": edit(
        UNPINNED,
        ("- path:", "- headers: [{name: Content-Type, value: application/json}]\n          path:"),
    ),
    "regular expression": edit(
        UNPINNED,
        (
            "type: PathPrefix\n            value: /openai",
            "type: RegularExpression\n            value: /openai(/.*)?",
        ),
    ),
    "two matches": edit(UNPINNED, ("- path:", "- path: {value: /chat}\n        - path:")),
    "shell around it": f"kubectl apply -f - <<EOF\n{UNPINNED}EOF\n",
    "entry named": edit(
        UNPINNED, ("name: openai-secret", "name: openai-secret\n        key: Authorization")
    ),
    "beside the example": f"{LOCAL}---\n{UNPINNED}",
    "windows line ends": UNPINNED.replace("\n", "\r\n"),
    "local host only": edit(UNPINNED, ("  rules:", "  hostnames: [localhost]\n  rules:")),
    "other names": edit(
        UNPINNED,
        ("name: openai\n", "name: llm\n"),
        ("- name: openai-all-models", "- name: any"),
        ("name: openai-all-models", "name: any"),
    ),
    "with a default path": edit(
        UNPINNED, ("openai: {}", "openai: {}\n      path: /v1/chat/completions")
    ),
}


@pytest.mark.parametrize("text", VARIANTS.values(), ids=VARIANTS.keys())
def test_every_right_form_passes(text: str) -> None:
    """Behaviour counts, not the text."""
    said = verdict(Learner(text))

    assert isinstance(said, Passed), said.message
    assert "AgentgatewayBackend/" in said.message


def test_the_pass_says_which_model_will_be_sent() -> None:
    """The two repairs pass with different words."""
    assert "Your backend pins `gpt-4o`" in verdict(Learner(PINNED)).message
    assert "the client's model is sent" in verdict(Learner(UNPINNED)).message


def test_the_evidence_is_the_conditions() -> None:
    """What Kubernetes would show is what the verdict rests on."""
    evidence = verdict(Learner(PINNED)).evidence

    assert evidence["HTTPRoute/agentgateway-system/openai ResolvedRefs"] == "True (ResolvedRefs)"
    assert evidence["AgentgatewayBackend/agentgateway-system/openai-all-models Accepted"] == (
        "True (Accepted)"
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("slash at the end", "slash at the end"),
        ("no timeouts", "no timeout"),
        ("shell around it", "shell around the manifest"),
        ("other names", "names differ"),
        ("local host only", "localhost only"),
    ],
)
def test_a_pass_remarks_on_what_is_unusual(name: str, words: str) -> None:
    """A correct answer with a twist gets a sentence about it."""
    assert words in verdict(Learner(VARIANTS[name])).message
