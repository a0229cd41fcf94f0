"""Which rule takes a request: precedence, paths by element, hostnames, headers, query."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labgateway.decisions.reconcile import Snapshot
from labgateway.decisions.routes import (
    RequestHead,
    RouteTable,
    element_prefixes,
    hostname_holds,
    hosts_by_specificity,
    plain_path,
)
from labgateway.words.errors import RouteNotFound
from tests.decisions.resources import (
    GATEWAY,
    HTTP,
    Json,
    exact,
    gateway,
    in_force,
    matching,
    prefix,
    regular,
    route,
)


def table_of(snapshot: Snapshot) -> RouteTable:
    """The routes on port 8080."""
    return snapshot.tables[(GATEWAY, 8080)]


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


def header(name: str, value: str, kind: str = "Exact") -> Json:
    """One header or query parameter of a match."""
    return {"name": name, "value": value, "type": kind}


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


def test_a_path_of_many_elements_is_looked_up_in_no_time() -> None:
    """Prefixes longer than a manifest may have are not even made."""
    snapshot = in_force(route(matching(prefix("/a/a"))))
    before = time.perf_counter()
    assert chosen(snapshot, "/a" * 500_000) == "openai/0"
    assert time.perf_counter() - before < 1
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


# A second opinion: every match of every route, held against the request one by one.

PATHS = ["/", "/a", "/a/", "/a/b", "/a/b/c", "/ab", "/b"]
HOSTS = ["a.io", "b.a.io", "c.io", "localhost"]
PATTERNS = ["/a.*", "/a/b", "/.*"]
VALUES = st.sampled_from(["1", "2"])

NAMED = st.lists(
    st.builds(header, st.sampled_from(["x", "y"]), VALUES),
    max_size=2,
    unique_by=lambda h: h["name"],
)
MATCHES = st.fixed_dictionaries(
    {},
    optional={
        "path": st.one_of(
            st.builds(lambda p: prefix(p)["path"], st.sampled_from(PATHS)),
            st.builds(lambda p: exact(p)["path"], st.sampled_from(PATHS)),
            st.builds(lambda p: regular(p)["path"], st.sampled_from(PATTERNS)),
        ),
        "method": st.sampled_from(["GET", "POST"]),
        "headers": NAMED,
        "queryParams": NAMED,
    },
)
ROUTES = st.lists(
    st.tuples(
        st.lists(st.lists(MATCHES, min_size=1, max_size=2), min_size=1, max_size=2),
        st.sampled_from([None, ["a.io"], ["*.a.io"], ["*.io", "a.io"]]),
        st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]),
    ),
    min_size=1,
    max_size=4,
)
REQUESTS = st.builds(
    RequestHead,
    st.sampled_from(["GET", "POST"]),
    st.sampled_from(HOSTS),
    st.sampled_from([*PATHS, "/a/c", "/abc"]),
    st.dictionaries(st.sampled_from(["x", "y"]), VALUES),
    st.dictionaries(st.sampled_from(["x", "y"]), VALUES),
)


def path_rank(path: Json, asked: str) -> tuple[int, int] | None:
    """How well a path match holds a path; None when it does not."""
    kind, value = path["type"], path["value"]
    if kind == "Exact":
        return (2, len(value)) if value == asked else None
    if kind == "PathPrefix":
        bare = value.rstrip("/")
        held = asked == bare or asked.startswith(bare + "/") or not bare
        return (1, len(bare)) if held else None
    whole = {"/a.*": asked.startswith("/a"), "/a/b": asked == "/a/b", "/.*": asked.startswith("/")}
    return (0, len(value)) if whole[value] else None


def ranked(routes: list[Any], head: RequestHead) -> Iterator[tuple[Any, str]]:
    """(sort key, NAME/RULE) of every match that holds the request, lowest key first wins."""
    for number, (rules, hostnames, created) in enumerate(routes):
        for index, matches in enumerate(rules):
            for position, match in enumerate(matches):
                rank = path_rank(match.get("path") or prefix("/")["path"], head.path)
                named = [*match.get("headers", []), *match.get("queryParams", [])]
                fits = [
                    head.headers.get(one["name"]) == one["value"]
                    for one in match.get("headers", [])
                ]
                fits += [
                    head.query.get(one["name"]) == one["value"]
                    for one in match.get("queryParams", [])
                ]
                if rank is None or not all(fits) or match.get("method", head.method) != head.method:
                    continue
                assert len(named) == len(fits)
                for hostname in hostnames or [""]:
                    if not hostname_holds(hostname, head.host):
                        continue
                    key = (
                        hostname == "",
                        hostname.startswith("*."),
                        -len(hostname),
                        -rank[0],
                        -rank[1],
                        "method" not in match,
                        -len(match.get("headers", [])),
                        -len(match.get("queryParams", [])),
                        created,
                        f"route-{number}",
                        index,
                        position,
                    )
                    yield key, f"route-{number}/{index}"


@given(routes=ROUTES, head=REQUESTS)
@settings(max_examples=300, deadline=None)
def test_the_table_finds_what_a_linear_search_finds(routes: list[Any], head: RequestHead) -> None:
    """The index is only faster."""
    snapshot = in_force(
        *(
            route(
                *(matching(*matches) for matches in rules),
                name=f"route-{number}",
                hostnames=hostnames,
                created=created,
            )
            for number, (rules, hostnames, created) in enumerate(routes)
        )
    )
    expected = min(ranked(routes, head), default=(None, "404"))[1]
    try:
        rule = table_of(snapshot).match(head).rule
        found = f"{rule.route.name}/{rule.index}"
    except RouteNotFound:
        found = "404"
    assert found == expected
