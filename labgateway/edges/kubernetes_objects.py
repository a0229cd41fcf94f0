"""Requests to objects of the Kubernetes API: from a path to its kind, from the answer to HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from labgateway.decisions.refusals import not_served, status_is_written
from labgateway.edges.kubernetes_verbs import Answer, Call
from labgateway.edges.request_body import body_of
from labgateway.edges.watches import Watched, Watches
from labgateway.shapes.kinds import Kind

_COLLECTIONS = [
    f"{root}{scope}/{{plural}}"
    for root in ("/apis/{group}/{version}", "/api/{version}")
    for scope in ("/namespaces/{namespace}", "")
]
OBJECT_PATHS = [f"{path}{name}" for path in _COLLECTIONS for name in ("", "/{name}")]
STATUS_PATHS = [f"{path}/{{name}}/status" for path in _COLLECTIONS]


@dataclass(frozen=True)
class Endpoint:
    """All requests to objects of one kind."""

    kind: Kind
    answer: Callable[[Call], Answer]
    place: Watched
    watches: Watches

    async def __call__(self, request: Request) -> Response:
        """Do what the request asks. Errors: ``KubernetesError``."""
        call = Call(
            kind=self.kind,
            method=request.method,
            namespace=request.path_params.get("namespace", ""),
            name=request.path_params.get("name", ""),
            query=dict(request.query_params),
            headers=dict(request.headers),
            body=await body_of(request),
        )
        if call.watch:
            return self.watches.answer(call, self.place)
        # Reading, checking and storing take milliseconds; the gateway's own requests do not wait.
        answer = await run_in_threadpool(self.answer, call)
        return _response(answer)


class Kinds:
    """The kinds by the paths of their objects."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._endpoints = {(one.kind.api_version, one.kind.plural): one for one in endpoints}

    async def answer(self, request: Request) -> Response:
        """What the kind of the path answers. Errors: ``KubernetesError``."""
        return await self._endpoint(request)(request)

    async def status(self, request: Request) -> Response:
        """The object, which is what an API server answers too. Errors: ``KubernetesError``."""
        found = self._endpoint(request)
        if not found.kind.has_status:
            raise not_served(f"{_path(request)}/status")
        if request.method != "GET":
            raise status_is_written(found.kind, request.path_params["name"])
        return await found(request)

    def _endpoint(self, request: Request) -> Endpoint:
        given = request.path_params
        found = self._endpoints.get((_api_version(request), given["plural"]))
        within = "namespace" in given
        # Objects of all namespaces are listed together, and nothing else is done with them.
        if found is None or ((within or "name" in given) and within != found.kind.namespaced):
            raise not_served(_path(request))
        return found


def _api_version(request: Request) -> str:
    given = request.path_params
    return "/".join(filter(None, (given.get("group"), given["version"])))


def _path(request: Request) -> str:
    """What follows ``/api/`` or ``/apis/``."""
    given = request.path_params
    scope = f"namespaces/{given['namespace']}/" if "namespace" in given else ""
    return f"{_api_version(request)}/{scope}{given['plural']}/{given.get('name', '')}"


def _response(answer: Answer) -> Response:
    response = JSONResponse(answer.content, answer.code)
    for warning in answer.warnings:
        text = warning.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
        plain = text.encode("ascii", "backslashreplace").decode()
        response.headers.append("Warning", f'299 - "{plain}"')
    return response
