"""What the Jupyter server passes on between the learner's browser and the console, and what not.

The console comes from the Jupyter server's own origin, so whatever may use it may use Jupyter too.
Sources: the Fetch standard (the Origin header), Fetch Metadata Request Headers (Sec-Fetch-…).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import unquote, urljoin, urlsplit

CONSOLE = "labgateway/ui/"
RUNNING = "labgateway/running"
PROGRESS = "labgateway/progress"
_READS = frozenset({"GET", "HEAD"})
# By name, so that no cookie, token or word of a proxy reaches the gateway.
_PASSED_ON = (
    *("accept", "accept-encoding", "accept-language", "cache-control", "content-type"),
    *("if-modified-since", "if-none-match", "last-event-id", "range"),
)
# A connection's own headers (RFC 9110 §7.6.1), and what the Jupyter server says for itself.
_KEPT_BACK = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "te", "trailer", "transfer-encoding"),
        *("upgrade", "date", "server", "set-cookie", "location"),
        *("access-control-allow-origin", "access-control-allow-credentials"),
    }
)


def refusal(method: str, headers: Mapping[str, str]) -> str | None:
    """Why a request may not be passed on, in one sentence; None when it may.

    A page of the Jupyter server's own origin may do all; a link from elsewhere may open a page.
    """
    origin, site = headers.get("Origin"), headers.get("Sec-Fetch-Site")
    if origin is not None and urlsplit(origin).netloc.lower() != headers.get("Host", "").lower():
        return f"the console answers pages of this Jupyter server only, not of {origin[:200]!r}"
    if site in {"cross-site", "same-site"} and not _opens_a_page(method, headers):
        return "the console answers pages of this Jupyter server only, not of another site"
    if method not in _READS and origin is None and site != "same-origin":
        return "the console takes changes only from a page of this Jupyter server"
    return None


def _opens_a_page(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a person followed a link: the page that had it cannot see the answer."""
    return (
        method == "GET"
        and headers.get("Sec-Fetch-Mode") == "navigate"
        and headers.get("Sec-Fetch-Dest") == "document"
    )


def console_target(uri: str) -> str | None:
    """Path and query at the admin port, below its secret, of a request to the Jupyter server.

    None when the path leads out of ``/ui/``, in whatever spelling.
    """
    path, mark, query = uri.partition("?")
    _, found, rest = path.partition(f"/{CONSOLE}")
    steps = unquote(rest).replace("\\", "/").split("/")
    if not found or "." in steps or ".." in steps:
        return None
    return f"/ui/{rest}{mark}{query}"


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """The browser's headers that the gateway sees."""
    return {name: headers[name] for name in _PASSED_ON if name in headers}


def given_back(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The gateway's headers that the browser sees."""
    return [(name, value) for name, value in headers if name.lower() not in _KEPT_BACK]


def location(given: str, asked: str, secret: str, base: str) -> str | None:
    """A redirect's address as the browser may know it; None when it leads out of ``/ui/``.

    ``asked`` is the target that was redirected, ``base`` the console's path at the Jupyter server.
    """
    parts = urlsplit(urljoin(asked, given))
    path = parts.path.removeprefix(f"/{secret}")
    if not path.startswith("/ui/"):
        return None
    query = f"?{parts.query}" if parts.query else ""
    return f"{base}{path.removeprefix('/ui/')}{query}"
