"""Header edits, redirects and rewrites as Gateway API v1.4 defines them."""

from __future__ import annotations

from typing import Any

import pytest

from labgateway.decisions.filters import NO_ACTIONS, Asked, actions_of, location, replaced_path
from labgateway.shapes.filters import PathModifier, RedirectFilter
from labgateway.shapes.route_filters import Filter

ASKED = Asked("http", "example.org", 8080, "/foo/bar", "a=1", prefix="/foo")


def header_filter(**parts: Any) -> Filter:
    """A request header modifier."""
    return Filter.model_validate({"type": "RequestHeaderModifier", "requestHeaderModifier": parts})


def entry(name: str, value: str) -> dict[str, str]:
    """A header in a manifest."""
    return {"name": name, "value": value}


def test_headers_are_set_added_and_removed_without_regard_to_case() -> None:
    """A set one replaces all of its name, an added one goes behind them."""
    edit = actions_of(
        [header_filter(set=[entry("X-Set", "new")], add=[entry("X-Add", "2")], remove=["X-Gone"])]
    ).request
    before = [(b"x-set", b"a"), (b"X-Set", b"b"), (b"x-add", b"1"), (b"x-GONE", b"c"), (b"d", b"e")]
    assert edit.apply(before) == [
        (b"x-add", b"1"),
        (b"d", b"e"),
        (b"x-set", b"new"),
        (b"x-add", b"2"),
    ]


def test_a_value_cannot_begin_another_header() -> None:
    """Line ends in a manifest's text stay within the value."""
    edit = actions_of([header_filter(set=[entry("X-Set", "a\r\nX-Evil: b")])]).request
    assert edit.apply([]) == [(b"x-set", b"a X-Evil: b")]


def test_filters_that_are_not_acted_on_do_nothing() -> None:
    """They are stored with a warning."""
    mirror = {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "a", "port": 80}}}
    assert not actions_of([Filter.model_validate(mirror)])
    assert actions_of([]) is NO_ACTIONS


@pytest.mark.parametrize(
    ("redirect", "expected"),
    [
        ({}, "http://example.org:8080/foo/bar?a=1"),
        ({"hostname": "other.org"}, "http://other.org:8080/foo/bar?a=1"),
        ({"port": 80}, "http://example.org/foo/bar?a=1"),
        ({"port": 443}, "http://example.org:443/foo/bar?a=1"),
        ({"scheme": "https"}, "https://example.org/foo/bar?a=1"),
        ({"scheme": "http"}, "http://example.org/foo/bar?a=1"),
        ({"scheme": "https", "port": 8443}, "https://example.org:8443/foo/bar?a=1"),
        (
            {"path": {"type": "ReplaceFullPath", "replaceFullPath": "/new"}},
            "http://example.org:8080/new?a=1",
        ),
        (
            {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/new"}},
            "http://example.org:8080/new/bar?a=1",
        ),
    ],
)
def test_a_redirect_keeps_what_it_does_not_say(redirect: dict[str, Any], expected: str) -> None:
    """A port that the scheme implies is not written (HTTPRequestRedirectFilter.port)."""
    assert location(RedirectFilter.model_validate(redirect), ASKED) == expected


def test_an_address_of_six_parts_is_written_in_brackets() -> None:
    """As URLs have it."""
    asked = Asked("http", "::1", 80, "/")
    assert location(RedirectFilter(), asked) == "http://[::1]/"


@pytest.mark.parametrize(
    ("path", "prefix", "replacement", "expected"),
    [
        ("/foo/bar", "/foo", "/xyz", "/xyz/bar"),
        ("/foo/bar", "/foo", "/xyz/", "/xyz/bar"),
        ("/foo/bar", "/foo/", "/xyz", "/xyz/bar"),
        ("/foo/bar", "/foo/", "/xyz/", "/xyz/bar"),
        ("/foo", "/foo", "/xyz", "/xyz"),
        ("/foo/", "/foo", "/xyz", "/xyz/"),
        ("/foo/bar", "/foo", "", "/bar"),
        ("/foo/", "/foo", "", "/"),
        ("/foo", "/foo", "", "/"),
        ("/foo/", "/foo", "/", "/"),
        ("/foo", "/foo", "/", "/"),
        ("/foo", "/", "/xyz", "/xyz/foo"),
        ("/foo", "/foo", "xyz", "/xyz"),
    ],
)
def test_a_prefix_is_replaced_by_whole_elements(
    path: str, prefix: str, replacement: str, expected: str
) -> None:
    """The table of HTTPPathModifier.replacePrefixMatch."""
    modifier = PathModifier(type="ReplacePrefixMatch", replace_prefix_match=replacement)
    assert replaced_path(modifier, Asked("http", "a", 80, path, prefix=prefix)) == expected


def test_without_a_prefix_that_matched_there_is_none_to_replace() -> None:
    """Admission lets it come to that only within several backendRefs."""
    modifier = PathModifier(type="ReplacePrefixMatch", replace_prefix_match="/x")
    assert replaced_path(modifier, Asked("http", "a", 80, "/foo")) == "/foo"
