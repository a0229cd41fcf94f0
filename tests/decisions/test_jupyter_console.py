"""What passes between browser, Jupyter server and console, and what does not."""

from __future__ import annotations

import pytest

from labgateway.decisions.jupyter_console import (
    console_target,
    given_back,
    location,
    passed_on,
    refusal,
)
from labgateway.decisions.waiting_page import waiting_page

HOST = {"Host": "hub.example"}
PAGE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
FRAME = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
OWN = {"Origin": "https://hub.example", "Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {}),
        ("GET", {"Sec-Fetch-Site": "same-origin"}),
        ("GET", {"Sec-Fetch-Site": "none"} | PAGE),
        ("GET", {"Sec-Fetch-Site": "cross-site"} | PAGE),
        ("POST", OWN),
        ("POST", {"Origin": "http://HUB.example"}),
        ("POST", {"Sec-Fetch-Site": "same-origin"}),
    ],
)
def test_pages_of_the_jupyter_server_may_ask(method: str, headers: dict[str, str]) -> None:
    """The same origin may do all; a link from elsewhere opens a page, and its page sees nothing."""
    assert refusal(method, HOST | headers) is None


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {"Origin": "https://evil.example"}),
        ("GET", {"Origin": "null"}),
        ("GET", {"Origin": "https://hub.example:444"}),
        ("GET", {"Origin": "https://hub.example, https://evil.example"}),
        ("GET", {"Sec-Fetch-Site": "cross-site"}),
        ("GET", {"Sec-Fetch-Site": "cross-site"} | FRAME),
        ("GET", {"Sec-Fetch-Site": "same-site"}),
        ("POST", {"Sec-Fetch-Site": "cross-site"} | PAGE),
        ("POST", {"Origin": "https://ada.hub.example", "Sec-Fetch-Site": "same-site"}),
        ("POST", {}),
    ],
)
def test_other_pages_may_not(method: str, headers: dict[str, str]) -> None:
    """Another origin, another user's server on the same site, and changes from nowhere."""
    assert refusal(method, HOST | headers) is not None


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("/labgateway/ui/", "/ui/"),
        ("/user/ada-1x2y/labgateway/ui/traces?q=a%2Fb&x=..", "/ui/traces?q=a%2Fb&x=.."),
        ("/user/a%40b/labgateway/ui/routes/ns%2Fname", "/ui/routes/ns%2Fname"),
        ("/labgateway/ui/../observation", None),
        ("/labgateway/ui/%2e%2e/observation", None),
        ("/labgateway/ui/a%2F..%2F..%2Fobservation", None),
        ("/labgateway/ui/a\\..\\observation", None),
        ("/labgateway/observation", None),
    ],
)
def test_only_the_console_is_reached(uri: str, target: str | None) -> None:
    """No spelling of a path leads to the rest of the admin port."""
    assert console_target(uri) == target


def test_what_the_gateway_sees_is_named() -> None:
    """No cookie, no token, no word about proxies, no Origin."""
    sent = {
        "Accept": "text/html",
        "Cookie": "_xsrf=1",
        "Authorization": "token abc",
        "X-Forwarded-For": "10.0.0.1",
        "Origin": "https://hub.example",
        "Last-Event-ID": "7",
    }
    lower = {name.lower(): value for name, value in sent.items()}

    assert passed_on(lower) == {"accept": "text/html", "last-event-id": "7"}


def test_what_the_browser_sees_has_no_address_and_no_cookie() -> None:
    """A connection's own headers, cookies and CORS permissions end at the Jupyter server."""
    headers = [
        *(("content-type", "text/html"), ("etag", '"1"'), ("Set-Cookie", "a=b")),
        *(("transfer-encoding", "chunked"), ("location", "/s3cret/ui/")),
        ("access-control-allow-origin", "*"),
    ]

    assert given_back(headers) == [("content-type", "text/html"), ("etag", '"1"')]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("http://127.0.0.1:15000/ui/traces?x=1", "/user/ada/labgateway/ui/traces?x=1"),
        ("/s3cret/ui/traces", "/user/ada/labgateway/ui/traces"),
        ("/ui/traces/", "/user/ada/labgateway/ui/traces/"),
        ("backends", "/user/ada/labgateway/ui/backends"),
        ("?page=2", "/user/ada/labgateway/ui/routes?page=2"),
        ("../../observation", None),
        ("https://evil.example/", None),
        ("//evil.example/", None),
    ],
)
def test_a_redirect_stays_in_the_console(given: str, expected: str | None) -> None:
    """The secret and the admin port's address are not in it."""
    assert location(given, "/ui/routes", "s3cret", "/user/ada/labgateway/ui/") == expected


def test_the_waiting_page_says_what_to_do_and_can_do_no_more() -> None:
    """Words for the learner; names are text; only this very script and style may run."""
    page = waiting_page("/home/<ada>", '/user/"ada"/labgateway/running')

    assert "labgateway.start()" in page.html
    assert "/home/&lt;ada&gt;" in page.html
    assert 'data-ask="/user/&quot;ada&quot;/labgateway/running"' in page.html
    assert "unsafe" not in page.policy
    assert page.policy.startswith("default-src 'none';")
