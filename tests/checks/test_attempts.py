"""Step 1 over time: which refusal still stands after repairs, deletions and other applies."""

from __future__ import annotations

from dataclasses import replace

from checks.llm_routing.backend_and_route import check
from checks.llm_routing.names import BACKEND as BACKEND_KEY
from checks.llm_routing.names import ROUTE as ROUTE_KEY
from checks.verdict import NotRight, NotYet, Passed, Verdict
from tests.checks.learner import Learner
from tests.checks.texts import BACKEND, PINNED, PUBLISHED, ROUTE, UNPINNED
from tests.checks.wrong_manifests import edit


def verdict(learner: Learner) -> Verdict:
    """Step 1's verdict."""
    return check(learner.observe())


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


def test_a_failed_change_is_no_pass() -> None:
    """What was applied before is still in force, and the learner's newest text is not."""
    learner = Learner(PINNED).apply(PUBLISHED)

    said = verdict(learner)

    assert isinstance(said, NotRight)
    assert "Line 31" in said.message
    assert "What you applied before it is still in force" in said.message
    assert isinstance(verdict(learner.apply(PINNED)), Passed)


def test_a_blank_in_a_later_file_takes_nothing_away() -> None:
    """The file beside the notebook, handed over as it is: refused, and nobody is misled by that."""
    said = verdict(Learner(PINNED).apply(edit(BACKEND, ("openai: {}", "openai: ____"))))

    assert isinstance(said, Passed)
    assert "still has a blank and was refused: what you applied before" in said.message


def test_a_blank_that_was_taken_is_not_yet_filled_in() -> None:
    """It is in force in place of what was right."""
    said = verdict(Learner(PINNED).apply(edit(BACKEND, ("openai-secret", "____"))))

    assert isinstance(said, NotYet)
    assert "still has a blank" in said.message


def test_a_repair_by_the_real_kubectl_counts() -> None:
    """Its successes are seen as resources only."""
    said = verdict(Learner(PUBLISHED).kubectl(BACKEND))

    assert isinstance(said, Passed)


def test_a_deletion_ends_a_refusal() -> None:
    """What the same text applied is gone: the learner has moved on, and hears what is missing."""
    said = verdict(Learner(PUBLISHED).delete(ROUTE_KEY))

    assert said.outcome == "not_yet"
    assert "HTTPRoute ✗, AgentgatewayBackend ✗" in said.message


def test_a_deletion_ends_the_refusal_of_a_change() -> None:
    """In a notebook by kubectl's words, in a terminal by what was applied before."""
    wrong = edit(ROUTE, ("PathPrefix", "Prefix"))
    notebook = Learner(PINNED).apply(wrong)
    (document,) = notebook.attempts[-1].documents
    patching = replace(document, message=f"error when applying patch: {document.message}")
    notebook.attempts[-1] = replace(notebook.attempts[-1], documents=(patching,))
    terminal = Learner().kubectl(PINNED).kubectl(wrong)

    for learner in (notebook, terminal):
        said = verdict(learner.delete(ROUTE_KEY))

        assert "HTTPRoute ✗, AgentgatewayBackend ✓" in said.message


def test_a_deletion_before_the_refusal_does_not_end_it() -> None:
    """The notebook clears the backend away before it has the published text applied."""
    learner = Learner(PINNED).delete(BACKEND_KEY)

    assert "Line 31" in verdict(learner.apply(PUBLISHED)).message


def test_a_repair_by_the_real_kubectl_ends_a_refusal() -> None:
    """Its success is an attempt without text; what is wrong in the new state is said instead."""
    wrong = edit(BACKEND, ("openai-secret", "openai-secrets"))

    said = verdict(Learner(PUBLISHED).kubectl(wrong))

    assert "no Secret `openai-secrets`" in said.message
    assert "Line" not in said.message


def test_a_refusal_without_the_value_names_its_type() -> None:
    """The API server's words for a wrong type hold no value."""
    said = verdict(Learner().kubectl(edit(UNPINNED, ('"120s"', "120"))))

    assert "`request` holds a number without a unit" in said.message


def test_a_line_without_its_text_is_compared_with_none() -> None:
    """Of a directory's files the text is not kept."""
    learner = Learner(PUBLISHED)
    learner.attempts[-1] = replace(learner.attempts[-1], text="")

    said = verdict(learner)

    assert "Line 31: `model: gpt-4o`" in said.message
    assert "the lines above it" in said.message


def test_a_refusal_of_the_real_kubectl_is_explained_by_field() -> None:
    """Without the text there is no line to name."""
    said = verdict(Learner().kubectl(edit(UNPINNED, ("PathPrefix", "Prefix"))))

    assert "`Prefix` is not a type of path match" in said.message
    assert "spec.rules[0].matches[0].path.type" in said.message
