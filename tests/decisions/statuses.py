"""Status of resources as tests read it."""

from __future__ import annotations

from labgateway.decisions.conditions import CONTROLLER
from labgateway.decisions.reconcile import Snapshot
from labgateway.decisions.references import choose
from labgateway.decisions.routes import RequestHead
from labgateway.shapes.resource import Condition, Key
from labgateway.words.errors import NoValidBackends, RouteNotFound
from tests.decisions.resources import GATEWAY, NAMESPACE, ROUTE, Json

PARENT = {"name": "agentgateway", "namespace": NAMESPACE}


def condition(conditions: list[Condition], type_: str) -> Condition:
    """The one condition of a type."""
    (found,) = [one for one in conditions if one.type == type_]
    return found


def parent_condition(snapshot: Snapshot, type_: str, key: Key = ROUTE) -> Condition:
    """A condition of a route that has one parent."""
    (parent,) = snapshot.statuses[key]["parents"]
    assert parent["controllerName"] == CONTROLLER
    return condition(parent["conditions"], type_)


def attached(snapshot: Snapshot, listener: str = "http") -> int:
    """``attachedRoutes`` of a listener."""
    listeners: list[Json] = snapshot.statuses[GATEWAY]["listeners"]
    (found,) = [one["attachedRoutes"] for one in listeners if one["name"] == listener]
    return int(found)


def error_for(snapshot: Snapshot, path: str = "/") -> tuple[int, str]:
    """(status, body) of what a request meets instead of a backend."""
    try:
        selected = snapshot.tables[(GATEWAY, 8080)].match(RequestHead("POST", "localhost", path))
        destination = choose(selected.rule.destinations, 0.5)
    except (RouteNotFound, NoValidBackends) as error:
        return error.status, str(error)
    assert destination.error is not None
    return destination.error.status, str(destination.error)
