"""Paths by element, hostnames by label, and paths without dot segments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labgateway.decisions.path_index import element_prefixes
from labgateway.decisions.route_table import hostname_holds, hosts_by_specificity
from labgateway.decisions.routes import plain_path


@pytest.mark.parametrize(
    ("path", "prefixes"),
    [
        ("/a/b", ["/a/b", "/a", ""]),
        ("/a/b/", ["/a/b", "/a", ""]),
        ("/", [""]),
        ("", [""]),
        ("a", ["a", ""]),
    ],
)
def test_element_prefixes_are_longest_first(path: str, prefixes: list[str]) -> None:
    """The last one is the prefix / without its slash."""
    assert list(element_prefixes(path)) == prefixes


@pytest.mark.parametrize(
    ("pattern", "host", "held"),
    [
        ("", "anything", True),
        ("a.b", "a.b", True),
        ("a.b", "x.a.b", False),
        ("*.a.b", "x.a.b", True),
        ("*.a.b", "x.y.a.b", True),
        ("*.a.b", "a.b", False),
        ("*.a.b", ".a.b", False),
        ("*.a.b", "xa.b", False),
    ],
)
def test_a_wildcard_stands_for_one_or_more_labels(pattern: str, host: str, held: bool) -> None:
    """Never for none, never for part of one."""
    assert hostname_holds(pattern, host) is held


def test_hosts_are_tried_exact_then_longest_wildcard_then_any() -> None:
    """Those that do not hold the host are left out."""
    names = ["", "*.c", "*.b.c", "a.b.c", "x.b.c"]
    assert hosts_by_specificity(dict.fromkeys(names), "a.b.c") == ["a.b.c", "*.b.c", "*.c", ""]


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("", "/"),
        ("/", "/"),
        ("/openai", "/openai"),
        ("/openai/../metrics", "/metrics"),
        ("/openai/%2e%2e/metrics", "/metrics"),
        ("/openai/%2E./metrics", "/metrics"),
        ("/openai/./v1", "/openai/v1"),
        ("/openai/..", "/"),
        ("/openai/v1/..", "/openai/"),
        ("/openai/.", "/openai/"),
        ("/../../x", "/x"),
        ("/a//../b", "/a/b"),
        ("/a/...", "/a/..."),
        ("/a/..b/.c", "/a/..b/.c"),
        ("/a/%2f../b", "/a/%2f../b"),
        ("/a%2e", "/a%2e"),
        ("/%252e%252e/a", "/%252e%252e/a"),
        ("*", "*"),
        ("evil.example/openai", "evil.example/openai"),
        ("evil.example/../openai", "evil.example/../openai"),
    ],
)
def test_plain_path_has_no_dot_segments(path: str, plain: str) -> None:
    """Encoded ones included (F30); anything else stays as it was sent."""
    assert plain_path(path) == plain


@given(st.text(alphabet="/.%2eEa", max_size=30))
def test_plain_path_is_plain(path: str) -> None:
    """Once is enough, and no dot segment is left."""
    plain = plain_path("/" + path)
    assert plain_path(plain) == plain
    decoded = plain.replace("%2e", ".").replace("%2E", ".")
    assert not {".", ".."} & set(decoded.split("/"))
