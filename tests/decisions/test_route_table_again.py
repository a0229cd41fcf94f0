"""A second opinion on the route table: every match held against a request, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from labgateway.decisions.route_table import hostname_holds
from labgateway.decisions.routes import RequestHead
from labgateway.words.errors import RouteNotFound
from tests.decisions.resources import (
    Json,
    exact,
    header,
    in_force,
    matching,
    prefix,
    regular,
    route,
    table_of,
)

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
@settings(max_examples=100)
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
