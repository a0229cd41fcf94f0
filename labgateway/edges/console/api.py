"""``/ui/``: the console's addresses. All links are relative, so that any prefix may stand before.

It is read-only but for the chat to try. Nothing in a page runs but the console's own script.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from labgateway.decisions.trace_search import Search
from labgateway.edges.console.pages import NotThere, Pages, Sources
from labgateway.edges.console.relay import relay_api

# Pages of this machine may show the console beside a notebook; no other page may.
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
    " form-action 'self'; base-uri 'none';"
    " frame-ancestors 'self' http://localhost:* http://127.0.0.1:*"
)
_HEADERS = {
    "content-security-policy": _CSP,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",  # the address holds the secret
    "x-content-type-options": "nosniff",
}
_STATIC = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


def console_api(sources: Sources) -> APIRouter:
    """All pages, what they load, and the chat."""
    api = APIRouter()
    for part in (_parts, _lists, _details):
        api.include_router(part(lambda: Pages(sources)))
    api.include_router(relay_api(lambda: Pages(sources).ways()))
    return api


def _parts(now: Callable[[], Pages]) -> APIRouter:
    """What pages load: style, script, icon; and whether there is anything new."""
    api = APIRouter()

    @api.get("/ui")
    def beginning() -> Response:
        return RedirectResponse("ui/", headers=_HEADERS)

    @api.get("/ui/static/{name}")
    def static(name: str) -> Response:
        if name not in _STATIC:
            return PlainTextResponse("not found", 404)
        content = files(__package__).joinpath("static", name).read_bytes()
        headers = {**_HEADERS, "cache-control": "no-cache", "content-type": _STATIC[name]}
        return Response(content, headers=headers)

    @api.get("/ui/version")
    def version() -> Response:
        return PlainTextResponse(now().version, headers=_HEADERS)

    return api


def _lists(now: Callable[[], Pages]) -> APIRouter:
    api = APIRouter()

    @api.get("/ui/")
    def overview(range: str = "") -> Response:  # noqa: A002 - the name in the address
        return _page(now, "./", lambda: now().overview(range))

    @api.get("/ui/routes")
    def routes() -> Response:
        return _page(now, "./", lambda: now().listed("routes"))

    @api.get("/ui/backends")
    def backends() -> Response:
        return _page(now, "./", lambda: now().listed("backends"))

    @api.get("/ui/traces")
    def traces(search: Annotated[Search, Depends(_search)]) -> Response:
        return _page(now, "./", lambda: now().traces(search))

    @api.get("/ui/try")
    def try_it(route: str = "") -> Response:
        return _page(now, "./", lambda: now().try_it(route))

    return api


def _details(now: Callable[[], Pages]) -> APIRouter:
    api = APIRouter()

    @api.get("/ui/resources/{kind}/{namespace}/{name}")
    def resource(kind: str, namespace: str, name: str) -> Response:
        return _page(now, "../../../", lambda: now().resource(kind, namespace, name))

    @api.get("/ui/traces/{trace_id}")
    def trace(trace_id: str, span: str = "") -> Response:
        return _page(now, "../", lambda: now().trace(trace_id, span))

    @api.get("/ui/results/{trace_id}")
    def result(trace_id: str) -> Response:
        try:
            return HTMLResponse(now().result(trace_id), headers=_HEADERS)
        except NotThere as error:
            return PlainTextResponse(str(error), 404, headers=_HEADERS)

    @api.get("/ui/{rest:path}")
    def nothing(rest: str) -> Response:
        root = "../" * rest.count("/") or "./"
        said = "There is no such page of the console."
        return HTMLResponse(now().missing(said, root), 404, headers=_HEADERS)

    return api


def _page(now: Callable[[], Pages], root: str, render: Callable[[], str]) -> Response:
    try:
        return HTMLResponse(render(), headers=_HEADERS)
    except NotThere as error:
        return HTMLResponse(now().missing(str(error), root), 404, headers=_HEADERS)


def _search(  # noqa: PLR0913, PLR0917 - the parts of the address
    q: str = "",
    range: str = "",  # noqa: A002 - the name in the address
    since: str = "",
    until: str = "",
    status: str = "",
    model: str = "",
    route: str = "",
    page: str = "1",
) -> Search:
    """What the address asks for; a page that is no number is the first."""
    number = int(page) if page.isdecimal() and len(page) < 10 else 1
    return Search(q, range, since, until, status, model, route, number)
