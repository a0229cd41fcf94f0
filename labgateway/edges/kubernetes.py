"""A small Kubernetes API that the real kubectl believes: discovery, OpenAPI, objects, errors.

Any kind of ``shapes.kinds.KINDS`` is served by the same few functions (``kubernetes_verbs``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from functools import cache, partial
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from labgateway.decisions.access import AUTHORIZATION, access_review, rules_review
from labgateway.decisions.bodies import read_body
from labgateway.decisions.openapi import (
    VERSION,
    api_groups,
    api_resources,
    api_versions,
    custom_resource_definitions,
    openapi_document,
    openapi_index,
)
from labgateway.decisions.refusals import not_found, not_served
from labgateway.edges.kubernetes_objects import OBJECT_PATHS, STATUS_PATHS, Endpoint, Kinds
from labgateway.edges.kubernetes_verbs import Objects, OnApplied, OnRefused
from labgateway.edges.pod_logs import PodLogs
from labgateway.edges.request_body import body_of
from labgateway.edges.watches import Watches
from labgateway.edges.workloads import Workloads
from labgateway.memory.store import Store
from labgateway.shapes.kinds import KINDS, SERVED, WORKLOADS
from labgateway.shapes.resource import Key
from labgateway.words.errors import KubernetesError

Json = dict[str, Any]

OPENAPI_V2_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
POD_PATH = "/api/v1/namespaces/{namespace}/pods/{name}"
SCALE_PATH = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale"
REVIEWS = {"selfsubjectaccessreviews": access_review, "selfsubjectrulesreviews": rules_review}
HEALTH_PATHS = ("/healthz", "/livez", "/readyz")
STREAMS = ("attach", "exec", "portforward")


def kubernetes_api(
    store: Store,
    workloads: Workloads,
    logs: PodLogs,
    watches: Watches,
    on_refused: OnRefused = lambda _manifest, _error: None,
    on_applied: OnApplied = lambda _verb, _manifest: None,
) -> APIRouter:
    """``/version``, ``/api``, ``/apis`` and ``/openapi/v3`` over a store and the gateway's own Pod.

    ``on_refused(manifest, error)`` is told of refused writes, ``on_applied(verb, manifest)`` of
    writes that were stored (verb: create, update, patch or delete); both get Secrets without their
    values. Neither hears of dry runs, nor of the notebook's own kubectl, which reports its
    attempts itself.
    """
    api = APIRouter(route_class=_StatusRoute)
    objects = Objects(store, on_refused, on_applied)
    _add_discovery(api)
    _add_streams(api, workloads, logs)
    api.add_api_route(SCALE_PATH, workloads.scale, methods=METHODS)
    for resource, review in REVIEWS.items():
        path = f"/apis/{AUTHORIZATION}/{resource}"
        api.add_api_route(path, _reviewing(review), methods=["POST"], status_code=201)
    for path in ("/api/v1/events", "/api/v1/namespaces/{namespace}/events"):
        api.add_api_route(path, _no_events, methods=["GET"])
    stored = [Endpoint(kind, objects.answer, store, watches) for kind in KINDS]
    computed = [Endpoint(kind, workloads.answer, workloads, watches) for kind in WORKLOADS]
    kinds = Kinds([*stored, *computed])
    for path in OBJECT_PATHS:
        api.add_api_route(path, kinds.answer, methods=METHODS)
    for path in STATUS_PATHS:
        api.add_api_route(path, kinds.status, methods=METHODS)
    for root in ("/api", "/apis", "/openapi"):
        api.add_api_route(f"{root}/{{rest:path}}", _unknown, methods=METHODS)
    return api


def status(error: KubernetesError) -> Json:
    """A refusal as a ``Status`` object, in the form that kubectl prints well."""
    causes = [
        {"reason": cause.reason, "message": cause.message, "field": cause.field}
        for cause in error.causes
    ]
    details = {"name": error.name, "group": error.group, "kind": error.kind, "causes": causes}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": str(error),
        "reason": error.reason,
        "details": {name: value for name, value in details.items() if value},
        "code": error.code,
    }


class _StatusRoute(APIRoute):
    """A route whose refusals are Status objects."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except KubernetesError as error:
                return JSONResponse(status(error), error.code)

        return answer


def _add_streams(api: APIRouter, workloads: Workloads, logs: PodLogs) -> None:
    """What is read from the Pod or sent to it, in its own time."""

    def known(namespace: str, name: str) -> str:
        if (namespace, name) != (workloads.namespace, workloads.pod):
            raise not_found(Key("", "Pod", namespace, name))
        return name

    async def log(request: Request, namespace: str, name: str) -> Response:
        return await logs.answer(request.query_params, known(namespace, name))

    api.add_api_route(f"{POD_PATH}/log", log, methods=["GET"])

    def refuse(request: Request, namespace: str, name: str) -> Response:
        known(namespace, name)
        raise workloads.refusal(request.url.path.rpartition("/")[2])

    for subresource in STREAMS:
        api.add_api_route(f"{POD_PATH}/{subresource}", refuse, methods=["GET", "POST"])


def _add_discovery(api: APIRouter) -> None:
    documents: dict[str, Callable[[], Json | None]] = {
        "/version": lambda: VERSION,
        "/api": api_versions,
        "/apis": api_groups,
        "/openapi/v3": openapi_index,
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": custom_resource_definitions,
    }
    for api_version in dict.fromkeys(kind.api_version for kind in SERVED):
        root = "apis" if "/" in api_version else "api"
        documents[f"/{root}/{api_version}"] = partial(api_resources, api_version)
        documents[f"/openapi/v3/{root}/{api_version}"] = partial(openapi_document, api_version)
    for path, document in documents.items():
        api.add_api_route(path, _serving(document), methods=["GET"])
    for path in HEALTH_PATHS:
        api.add_api_route(path, _healthy, methods=["GET"])
    api.add_api_route("/openapi/v2", _no_openapi_v2, methods=["GET"])


def _serving(document: Callable[[], Json | None]) -> Callable[[], Response]:
    # Made when it is asked for: the schemas take longer than the rest of a gateway's start.
    body = cache(lambda: json.dumps(document()).encode())

    def serve() -> Response:
        return Response(body(), media_type="application/json")

    return serve


def _healthy() -> Response:
    return Response("ok", media_type="text/plain")


def _no_openapi_v2() -> Response:
    """An empty document: kubectl looks here for kinds that v3 does not have, and reads protobuf."""
    return Response(b"", media_type=OPENAPI_V2_TYPE)


def _no_events(request: Request) -> Json:
    """The lab records no events; ``kubectl describe`` asks for them all the same."""
    if "as=Table" in request.headers.get("accept", ""):
        return {
            "kind": "Table",
            "apiVersion": "meta.k8s.io/v1",
            "columnDefinitions": [],
            "rows": [],
        }
    return {"kind": "EventList", "apiVersion": "v1", "metadata": {}, "items": []}


def _reviewing(review: Callable[[Json], Json]) -> Callable[[Request], Coroutine[Any, Any, Json]]:
    async def answer(request: Request) -> Json:
        return review(read_body(await body_of(request), request.headers))

    return answer


def _unknown(request: Request) -> Json:
    raise not_served(request.path_params["rest"])
