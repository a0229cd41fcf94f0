"""Which rule takes a request: precedence, paths by element, hostnames, headers, query."""

from __future__ import annotations

import time

import pytest

from labgateway.decisions.reconcile import Snapshot
from labgateway.decisions.routes import RequestHead
from labgateway.words.errors import RouteNotFound
from tests.decisions.resources import (
    HTTP,
    Json,
    exact,
    gateway,
    header,
    in_force,
    matching,
    prefix,
    regular,
    route,
    table_of,
)


def chosen(
    snapshot: Snapshot,
    path: str,
    *,
    method: str = "POST",
    host: str = "localhost",
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    named_only: bool = False,
) -> str:
    """NAME/RULE of the route that takes a request, or "404"."""
    head = RequestHead(method, host, path, query or {}, headers or {})
    try:
        rule = table_of(snapshot).match(head, named_only=named_only).rule
    except RouteNotFound:
        return "404"
    return f"{rule.route.name}/{rule.index}"


@pytest.mark.parametrize(
    ("path", "held"),
    [
        ("/openai", True),
        ("/openai/", True),
        ("/openai//", True),
        ("/openai/v1/chat/completions", True),
        ("/openaix", False),
        ("/openai.json", False),
        ("/OpenAI", False),
        ("/x/openai", False),
        ("//openai", False),
        ("/", False),
        ("", False),
        ("*", False),
    ],
)
@pytest.mark.parametrize("value", ["/openai", "/openai/"])
def test_path_prefix_goes_by_whole_elements(value: str, path: str, held: bool) -> None:
    """/openai does not hold /openaix; its own trailing slash does not count (F33)."""
    assert chosen(in_force(route(matching(prefix(value)))), path) == ("openai/0" if held else "404")


@pytest.mark.parametrize("path", ["/", "/x", "/x/y", "//", ""])
def test_the_default_match_takes_every_path(path: str) -> None:
    """PathPrefix / holds all, and so does a rule whose list of matches is empty."""
    assert chosen(in_force(route()), path) == "openai/0"
    assert chosen(in_force(route(matching())), path) == "openai/0"


def test_a_path_of_many_elements_is_looked_up_in_no_time() -> None:
    """Prefixes longer than a manifest may have are not even made."""
    snapshot = in_force(route(matching(prefix("/a/a"))))
    before = time.perf_counter()
    assert chosen(snapshot, "/a" * 500_000) == "openai/0"
    assert time.perf_counter() - before < 5
    longest = "/" + "b" * 1023
    assert chosen(in_force(route(matching(prefix(longest)))), longest + "/c" * 9) == "openai/0"


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        (exact("/a"), prefix("/a"), "/a"),
        (exact("/a"), prefix("/a", method="POST"), "/a"),
        (prefix("/a/b"), prefix("/a", method="POST"), "/a/b/c"),
        (prefix("/a/b"), regular("/a/.*"), "/a/b"),
        (regular("/a/b.*"), regular("/a/.*"), "/a/bc"),
        (prefix("/a", method="POST"), prefix("/a", headers=[header("x", "1")]), "/a"),
        (
            prefix("/a", headers=[header("x", "1"), header("y", "2")]),
            prefix("/a", headers=[header("x", "1")], queryParams=[header("q", "3")]),
            "/a",
        ),
        (
            prefix("/a", headers=[header("x", "1")], queryParams=[header("q", "3")]),
            prefix("/a", headers=[header("x", "1")]),
            "/a",
        ),
        (prefix("/a", queryParams=[header("q", "3")]), prefix("/a"), "/a"),
    ],
)
def test_the_more_specific_match_wins(first: Json, second: Json, path: str) -> None:
    """Exact, longest prefix, method, headers, query, in whichever order the routes came."""
    for one, other in [("winner", "loser"), ("loser", "winner")]:
        manifests = {"winner": first, "loser": second}
        snapshot = in_force(
            route(matching(manifests[one]), name=one, created="2026-01-01T00:00:00Z"),
            route(matching(manifests[other]), name=other, created="2026-01-02T00:00:00Z"),
        )
        asked = {"headers": {"x": "1", "y": "2"}, "query": {"q": "3"}}
        assert chosen(snapshot, path, **asked) == "winner/0"  # type: ignore[arg-type]


def test_ties_go_to_the_older_route_then_to_the_name_then_to_the_first_rule() -> None:
    """The name with its namespace, compared as one text: ``a-b/x`` stands before ``a/x``."""
    same = matching(prefix("/a"))
    older = route(same, same, name="z", created="2026-01-01T00:00:00Z")
    newer = route(same, name="a", created="2026-01-01T00:00:01Z")
    assert chosen(in_force(newer, older), "/a") == "z/0"
    assert chosen(in_force(route(same, name="b"), route(same, name="a")), "/a") == "a/0"
    spaces = in_force(
        route(same, name="one", namespace="a"), route(same, name="two", namespace="a-b")
    )
    assert chosen(spaces, "/a") == "two/0"


def test_the_next_best_match_takes_what_the_best_refuses() -> None:
    """A longer prefix with a header does not hide a shorter one without."""
    rules = [matching(prefix("/a/b", headers=[header("x", "1")])), matching(prefix("/a"))]
    snapshot = in_force(route(*rules))
    assert chosen(snapshot, "/a/b") == "openai/1"
    assert chosen(snapshot, "/a/b", headers={"x": "1"}) == "openai/0"


@pytest.mark.parametrize(
    ("match", "headers", "held"),
    [
        (header("Model", "a"), {"model": "a"}, True),
        (header("model", "a"), {"model": "A"}, False),
        (header("model", "a"), {}, False),
        (header("model", "gpt-.*", "RegularExpression"), {"model": "gpt-4o"}, True),
        (header("model", "gpt", "RegularExpression"), {"model": "gpt-4o"}, False),
    ],
)
def test_header_names_have_no_case_and_values_have(
    match: Json, headers: dict[str, str], held: bool
) -> None:
    """A regular expression has to take the whole value."""
    snapshot = in_force(route(matching({"headers": [match]})))
    assert chosen(snapshot, "/", headers=headers) == ("openai/0" if held else "404")


def test_the_first_of_two_header_matches_of_one_name_counts() -> None:
    """Gateway API, HTTPHeaderMatch.name: equivalent names after the first are ignored."""
    both = [header("model", "a"), header("Model", "b")]
    snapshot = in_force(route(matching({"headers": both})))
    assert chosen(snapshot, "/", headers={"model": "a"}) == "openai/0"
    assert chosen(snapshot, "/", headers={"model": "b"}) == "404"


def test_query_names_have_case() -> None:
    """Unlike headers."""
    snapshot = in_force(route(matching({"queryParams": [header("Model", "a")]})))
    assert chosen(snapshot, "/", query={"Model": "a"}) == "openai/0"
    assert chosen(snapshot, "/", query={"model": "a"}) == "404"


def test_a_method_selects() -> None:
    """POST is not GET."""
    snapshot = in_force(route(matching({"method": "POST"})))
    assert chosen(snapshot, "/") == "openai/0"
    assert chosen(snapshot, "/", method="GET") == "404"


def test_the_more_specific_hostname_wins_before_the_path() -> None:
    """A request for api.example.com meets its own route first, then the wildcard's."""
    snapshot = in_force(
        route(matching(prefix("/a")), name="own", hostnames=["api.example.com"]),
        route(matching(exact("/a"), prefix("/b")), name="wild", hostnames=["*.example.com"]),
        route(name="any"),
    )
    assert chosen(snapshot, "/a", host="api.example.com") == "own/0"
    assert chosen(snapshot, "/b", host="api.example.com") == "wild/0"
    assert chosen(snapshot, "/c", host="api.example.com") == "any/0"
    assert chosen(snapshot, "/a", host="www.example.com") == "wild/0"
    assert chosen(snapshot, "/a", host="example.com") == "any/0"


def test_the_most_specific_listener_owns_its_host() -> None:
    """A listener for a hostname has no route for the path: 404, even if another listener does."""
    named = {**HTTP, "name": "named", "hostname": "api.example.com"}
    snapshot = in_force(
        gateway(HTTP, named),
        route(parents=[{"name": "agentgateway", "sectionName": "http"}], name="any"),
        route(
            matching(prefix("/a")),
            parents=[{"name": "agentgateway", "sectionName": "named"}],
            name="named",
        ),
    )
    assert chosen(snapshot, "/a", host="api.example.com") == "named/0"
    assert chosen(snapshot, "/b", host="api.example.com") == "404"
    assert chosen(snapshot, "/b", host="localhost") == "any/0"


def test_a_foreign_host_reaches_only_what_is_named() -> None:
    """A rebound DNS name finds no route that takes any host (F28)."""
    snapshot = in_force(route(name="any"), route(name="named", hostnames=["api.example.com"]))
    assert chosen(snapshot, "/", host="evil.example", named_only=True) == "404"
    assert chosen(snapshot, "/", host="api.example.com", named_only=True) == "named/0"


# A second opinion: every match of every route, held against the request one by one.
