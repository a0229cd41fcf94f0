"""Requests to objects of the Kubernetes API: from a path to its kind, from the answer to HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from labgateway.decisions.refusals import not_served
from labgateway.edges.kubernetes_verbs import Answer, Call
from labgateway.edges.request_body import body_of
from labgateway.edges.watches import Watched, Watches
from labgateway.shapes.kinds import Kind

OBJECT_PATHS = [
    f"{root}{scope}/{{plural}}{name}"
    for root in ("/apis/{group}/{version}", "/api/{version}")
    for scope in ("/namespaces/{namespace}", "")
    for name in ("", "/{name}")
]


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
        given = request.path_params
        api_version = "/".join(filter(None, (given.get("group"), given["version"])))
        found = self._endpoints.get((api_version, given["plural"]))
        within = "namespace" in given
        # Objects of all namespaces are listed together, and nothing else is done with them.
        if found is None or ((within or "name" in given) and within != found.kind.namespaced):
            scope = f"namespaces/{given['namespace']}/" if within else ""
            raise not_served(f"{api_version}/{scope}{given['plural']}/{given.get('name', '')}")
        return await found(request)


def _response(answer: Answer) -> Response:
    response = JSONResponse(answer.content, answer.code)
    for warning in answer.warnings:
        text = warning.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
        plain = text.encode("ascii", "backslashreplace").decode()
        response.headers.append("Warning", f'299 - "{plain}"')
    return response
