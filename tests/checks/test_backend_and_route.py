"""Step 1: wrong answers are told what is wrong, and what counts over time."""

from __future__ import annotations

import json
import re

import pytest

from checks.llm_routing import backend_and_route
from checks.llm_routing.backend_and_route import check
from checks.llm_routing.names import BACKEND as BACKEND_KEY
from checks.llm_routing.names import GATEWAY, SECRET
from checks.llm_routing.names import ROUTE as ROUTE_KEY
from checks.verdict import Passed, Verdict
from labgateway.memory.observation import from_json
from tests.checks.learner import Learner
from tests.checks.misled_manifests import IN_FORCE
from tests.checks.refused_manifests import SCHEMA
from tests.checks.texts import PUBLISHED, ROUTE, UNPINNED
from tests.checks.wrong_manifests import NOT_YAML, UNFINISHED, Wrong, edit

WRONG = (*NOT_YAML, *SCHEMA, *IN_FORCE, *UNFINISHED)


def verdict(learner: Learner) -> Verdict:
    """Step 1's verdict, after the way to the checks and back that JSON is."""
    return check(learner.observe())


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.id)
def test_a_wrong_answer_is_explained(wrong: Wrong) -> None:
    """The message says what was seen and where, and does not give the answer away."""
    said = verdict(Learner(wrong.text))

    assert said.outcome == wrong.outcome, said.message
    for words in wrong.says:
        assert words in said.message
    for words in (*wrong.hides, backend_and_route.MANIFESTS, "openai: {model: gpt-4o}"):
        assert words not in said.message


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.id)
def test_a_message_is_short_and_calm(wrong: Wrong) -> None:
    """No exclamation marks, no belittling words, no page-long message; a full stop at the end."""
    message = verdict(Learner(wrong.text)).message

    assert not {"simply", "just", "obviously"} & set(message.lower().split())
    assert "!" not in message
    assert ".." not in message
    assert len(message) < 620
    assert len(re.findall(r"[.?](?= |$)", re.sub(r"`[^`]*`|^Line .*?`\. ", "", message))) <= 5
    assert message.endswith((".", "?"))


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.id)
def test_the_real_kubectl_gets_an_answer_too(wrong: Wrong) -> None:
    """What the gateway never saw (text, lines, broken YAML) is not needed for a verdict."""
    said = verdict(Learner().kubectl(wrong.text))

    assert said.outcome in {"not_right", "not_yet"}
    assert "None" not in said.message


def test_a_second_route_for_the_same_prefix_is_named() -> None:
    """1.43: the older route wins."""
    second = edit(ROUTE, ("name: openai\n", "name: openai-2\n"))

    said = verdict(Learner(UNPINNED).apply(second))

    assert isinstance(said, Passed)
    assert "HTTPRoute/openai-2 would take `/openai` too; HTTPRoute/openai wins" in said.message


def test_nothing_applied_is_not_yet() -> None:
    """The untouched lab."""
    said = verdict(Learner())

    assert said.outcome == "not_yet"
    assert "HTTPRoute ✗, AgentgatewayBackend ✗" in said.message


def test_a_missing_secret_is_not_the_learners_fault() -> None:
    """1.35: it comes with the lab."""
    said = verdict(Learner(UNPINNED).delete(SECRET))

    assert said.outcome == "not_ready"
    assert "`openai-secret`" in said.message


def test_a_missing_gateway_is_not_ready() -> None:
    """Nothing listens."""
    assert verdict(Learner(UNPINNED).delete(GATEWAY)).outcome == "not_ready"


def test_a_reset_lets_old_failures_go() -> None:
    """Applies before the reset no longer count."""
    learner = Learner(PUBLISHED)
    learner.reset_at["llm-routing/1"] = learner.now + 1

    assert "AgentgatewayBackend ✗" in verdict(learner).message


def test_yaml_in_a_python_cell_is_recognised() -> None:
    """The magic's line is missing."""
    for code in ("apiVersion: v1", "  name: openai-secret", "EOF"):
        said = verdict(Learner().cell_raised("SyntaxError", "invalid syntax", code))

        assert said.outcome == "raised"
        assert "`%%kubectl apply -f -`" in said.message


def test_a_misspelt_magic_is_recognised() -> None:
    """The cell did nothing at all."""
    learner = Learner().cell_raised("UsageError", "Cell magic `%%kubctl` not found.")

    assert "letter by letter" in verdict(learner).message


def test_a_gateway_that_takes_no_foreign_routes() -> None:
    """The Gateway is the learner's to change, too."""
    learner = Learner(UNPINNED)
    gateway = learner.store.get(GATEWAY)
    listener = {"name": "http", "port": 8080, "protocol": "HTTP"}
    gateway["spec"]["listeners"] = [listener]
    learner.apply(json.dumps({name: one for name, one in gateway.items() if name != "status"}))
    learner.delete(ROUTE_KEY)
    learner.apply(edit(ROUTE, ("  namespace: agentgateway-system\n", "  namespace: default\n")))

    assert "takes no routes from namespace `default`" in verdict(learner).message


@pytest.mark.parametrize(
    ("sent", "right"), [("gpt-4o", "gpt-4o"), ("gpt-4o-mini", "gpt-4o-mini"), ("o3", "another")]
)
def test_the_model_question_is_judged_by_what_was_sent(sent: str, right: str) -> None:
    """1.model depends on the learner's own repair."""
    question = backend_and_route.STEP.questions[1]
    learner = Learner(UNPINNED).answer("1.model", "gpt-4o").send(request_model=sent)
    seen = learner.observe()

    passed = [
        one.value
        for one in question.choices
        if isinstance(question.answered(seen, one.value), Passed)
    ]

    assert passed == [right]


def test_a_step_begun_again_asks_for_the_manifests_again() -> None:
    """What is in force may stay; applying it once more is enough, with whichever kubectl."""
    began = Learner(UNPINNED)
    began.reset_at["llm-routing/1"] = began.now + 1

    said = verdict(began)

    assert said.outcome == "not_yet"
    assert "HTTPRoute/openai and AgentgatewayBackend/openai-all-models are from before" in str(said)
    assert "AgentgatewayBackend/openai-all-models is from before" in str(
        verdict(began.apply(ROUTE))
    )
    assert isinstance(verdict(began.apply(UNPINNED)), Passed)
    began.reset_at["llm-routing/1"] = began.now + 1
    began.delete(ROUTE_KEY).delete(BACKEND_KEY)
    assert isinstance(verdict(began.kubectl(UNPINNED)), Passed)


def test_the_verdict_is_the_same_after_json() -> None:
    """What the admin port serves says as much as the original."""
    seen = Learner(PUBLISHED).observe()

    assert check(from_json(json.loads(json.dumps(seen.to_json())))) == check(seen)


def test_names_are_not_judged() -> None:
    """A backend of any name, in another namespace with its own Secret, would do as well."""
    learner = Learner()
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "openai-secret", "namespace": "default"},
        "stringData": {"Authorization": "Bearer x"},
    }
    elsewhere = UNPINNED.replace(
        "  namespace: agentgateway-system\nspec", "  namespace: default\nspec"
    )
    learner.apply(json.dumps(secret)).apply(elsewhere)

    said = verdict(learner)

    assert isinstance(said, Passed), said.message
