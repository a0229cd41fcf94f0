"""YAML → documents with the line of every field, and kubectl's words for what is not YAML."""

from __future__ import annotations

import pytest

from labgateway.decisions.manifests import (
    DEPTH_LIMIT,
    SIZE_LIMIT_BYTES,
    ManifestUnreadable,
    parse,
    unwrap,
)
from tests.kubernetes_api import BACKEND, BAD_MANIFESTS, PUBLISHED, ROUTE


def _error(text: str) -> ManifestUnreadable:
    error = parse(text)[-1].error
    assert error is not None
    return error


def test_documents_are_numbered_and_know_where_they_begin() -> None:
    """Lines count in the whole text."""
    first, second = parse(f"{ROUTE}---\n{BACKEND}")
    assert (first.number, first.first_line) == (1, 1)
    assert (second.number, second.first_line) == (2, ROUTE.count("\n") + 2)
    assert second.data["kind"] == "AgentgatewayBackend"


def test_the_published_manifest_is_half_readable() -> None:
    """Its second document ends at `model:`, line 31; kubectl counts 9 within the document."""
    route, backend = parse(PUBLISHED)
    assert route.error is None
    assert backend.error is not None
    assert str(backend.error) == "yaml: line 9: did not find expected key"
    assert backend.error.line == 31
    assert PUBLISHED.splitlines()[30].strip() == "model: gpt-4o"


def test_a_field_leads_to_its_line() -> None:
    """A field that the text lacks leads to the nearest field around it."""
    (route,) = parse(ROUTE)
    assert route.line("spec.rules[0].matches[0].path.type") == 12
    assert route.line("spec.rules[0].matches[0].headers[3].name") == 11
    assert route.line("status") == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("off", False),
        ("~", None),
        ("0x1F", 31),
        ("010", 8),
        ("0o10", 8),
        ("1_000", 1000),
        ("1e3", 1000),
        ("1.5", 1.5),
        ("120s", "120s"),
        ('"yes"', "yes"),
        ("2020-01-01", "2020-01-01"),
        ("1:20", "1:20"),
        ("!!binary aGk=", "hi"),
    ],
)
def test_scalars_are_read_as_kubectl_reads_them(text: str, value: object) -> None:
    """YAML 1.1, without dates and base-60 numbers."""
    (document,) = parse(f"a: {text}\n")
    assert document.data["a"] == value


def test_the_last_of_two_equal_keys_holds() -> None:
    """As in kubectl, tried with 1.32 and 1.37."""
    (document,) = parse("a: 1\na: 2\n")
    assert document.data == {"a": 2}
    assert document.line("a") == 2


def test_merge_keys_and_aliases_are_expanded() -> None:
    """A document's own keys win over merged ones."""
    (document,) = parse("base: &b {p: 1, q: 2}\nown: {<<: *b, q: 3}\n")
    assert document.data["own"] == {"p": 1, "q": 3}


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("a tab", "yaml: line 9: found character that cannot start any token"),
        ("an unknown anchor", "yaml: unknown anchor 'nope' referenced"),
        ("a YAML bomb", "yaml: document contains excessive aliasing"),
        ("an open quote", "yaml: line 15: found unexpected end of stream"),
    ],
)
def test_unreadable_text_is_refused_in_kubectls_words(case: str, message: str) -> None:
    """The words were seen in kubectl's own output (tests/edges compares them again)."""
    assert str(_error(BAD_MANIFESTS[case])) == message


def test_deep_nesting_is_refused() -> None:
    """Before libyaml's composer overruns the stack."""
    assert f"max depth of {DEPTH_LIMIT}" in str(_error("a: " + "[" * 50_000))


def test_text_over_the_limit_is_refused_whole() -> None:
    """5 MB are not even parsed."""
    with pytest.raises(ManifestUnreadable, match=str(SIZE_LIMIT_BYTES)):
        parse("a: " + "x" * 5_000_000)


def test_text_without_documents_has_none() -> None:
    """Comments and separators alone are no document."""
    assert parse("# nothing\n---\n---\n") == ()


def test_a_shell_wrapper_is_blanked_out() -> None:
    """Lines go on counting in the learner's text."""
    text = f"kubectl apply -f - <<'EOF'\n{ROUTE}EOF\n"
    (route,) = parse(unwrap(text))
    assert route.line("kind") == 3
    assert unwrap(ROUTE) == ROUTE
    assert unwrap("") == ""
