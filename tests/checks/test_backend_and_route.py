"""Step 1: right answers pass whatever their form; wrong ones are told what is wrong."""

from __future__ import annotations

import json

import pytest
import yaml

from checks.llm_routing import backend_and_route
from checks.llm_routing.backend_and_route import check
from checks.llm_routing.names import GATEWAY, SECRET
from checks.llm_routing.names import ROUTE as ROUTE_KEY
from checks.verdict import NotYet, Passed, Verdict
from labgateway.memory.observation import from_json
from tests.checks.learner import BACKEND, LOCAL, PINNED, PUBLISHED, ROUTE, UNPINNED, Learner
from tests.checks.wrong_manifests import WRONG, Wrong, edit


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
    assert message.endswith((".", "?"))


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.id)
def test_the_real_kubectl_gets_an_answer_too(wrong: Wrong) -> None:
    """What the gateway never saw (text, lines, broken YAML) is not needed for a verdict."""
    said = verdict(Learner().kubectl(wrong.text))

    assert said.outcome in {"not_right", "not_yet"}
    assert "None" not in said.message


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


def test_a_repair_makes_the_failure_forgotten() -> None:
    """The published text, then the repaired one."""
    assert isinstance(verdict(Learner(PUBLISHED).apply(PINNED)), Passed)


def test_a_repair_of_the_backend_alone_is_enough() -> None:
    """The route of the first apply is in force already."""
    assert isinstance(verdict(Learner(PUBLISHED).apply(BACKEND)), Passed)


def test_a_failure_outlives_a_success_of_the_other_document() -> None:
    """Applying the route once more does not make the backend's text right."""
    said = verdict(Learner(PUBLISHED).apply(ROUTE))

    assert "Line 31" in said.message


def test_a_failed_change_does_not_undo_a_pass() -> None:
    """What was applied before is still in force; the pass mentions the refusal."""
    said = verdict(Learner(PINNED).apply(PUBLISHED))

    assert isinstance(said, Passed)
    assert "was refused, line 31" in said.message


def test_a_repair_by_the_real_kubectl_counts() -> None:
    """Its successes are seen as resources only."""
    said = verdict(Learner(PUBLISHED).kubectl(BACKEND))

    assert isinstance(said, Passed)


def test_a_refusal_of_the_real_kubectl_is_explained_by_field() -> None:
    """Without the text there is no line to name."""
    said = verdict(Learner().kubectl(edit(UNPINNED, ("PathPrefix", "Prefix"))))

    assert "`Prefix` is not a type of path match" in said.message
    assert "spec.rules[0].matches[0].path.type" in said.message


def test_a_missing_secret_is_not_the_learners_fault() -> None:
    """1.35: it comes with the lab."""
    said = verdict(Learner(UNPINNED).delete(SECRET))

    assert said.outcome == "not_ready"
    assert "`openai-secret`" in said.message


def test_a_missing_gateway_is_not_ready() -> None:
    """Nothing listens."""
    assert verdict(Learner(UNPINNED).delete(GATEWAY)).outcome == "not_ready"


def test_a_reset_lets_old_failures_go() -> None:
    """Applies before the reset no longer count; what is in force does."""
    learner = Learner(PUBLISHED)
    learner.reset_at["llm-routing/1"] = learner.now + 1

    assert "AgentgatewayBackend ✗" in verdict(learner).message


def test_yaml_in_a_python_cell_is_recognised() -> None:
    """The magic's line is missing."""
    learner = Learner().cell_raised("SyntaxError", "invalid syntax", "apiVersion: v1")

    said = verdict(learner)

    assert said.outcome == "raised"
    assert "`%%kubectl apply -f -`" in said.message


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
    ("text", "right"),
    [(PINNED, "gpt-4o"), (UNPINNED, "gpt-4o-mini"), (PINNED.replace("gpt-4o", "o3"), "another")],
)
def test_the_model_question_is_judged_by_the_backend_in_force(text: str, right: str) -> None:
    """1.model depends on the learner's own repair."""
    question = backend_and_route.QUESTIONS[1]
    seen = Learner(text).observe()

    passed = [
        one.value
        for one in question.choices
        if isinstance(question.answered(seen, one.value), Passed)
    ]

    assert passed == [right]


def test_a_prediction_is_kept_until_it_can_be_judged() -> None:
    """Before there is a backend, 1.model has no right answer."""
    said = backend_and_route.QUESTIONS[1].answered(Learner().observe(), "gpt-4o")

    assert isinstance(said, NotYet)
    assert "kept" in said.message


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
