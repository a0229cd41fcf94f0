"""What an outsider can observe, in the gateway's process and over the admin port."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labgateway.decisions.chat import Usage
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.metric_families import Sample
from labgateway.decisions.secret_values import masked
from labgateway.decisions.spans import Span
from labgateway.memory.doings import Answer, Attempt, AttemptedDocument, Problem, Raised
from labgateway.memory.observation import Observation, Place, from_json
from labgateway.memory.store import Store
from labgateway.shapes.kinds import kind_of
from labgateway.shapes.resource import Key
from tests.decisions.resources import (
    BACKEND,
    GATEWAY,
    HTTP,
    NAMESPACE,
    ROUTE,
    Json,
    backend,
    exact,
    gateway,
    gateway_class,
    matching,
    prefix,
    route,
    secret,
)

PLACE = Place(
    "http://localhost:8080", "http://localhost:15020/metrics", "simulator", "ready", 1.5, ("a",)
)
EXCHANGE = Exchange(
    started=1767225600.0,
    trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
    span_id="00f067aa0ba902b7",
    method="POST",
    host="localhost",
    path="/openai",
    http_version="HTTP/1.1",
    source="127.0.0.1:51234",
    status=200,
    request_model="gpt-4o",
    usage=Usage(12, 3),
    fields=("model", "messages"),
    roles=("user",),
)


def observed(*manifests: Json, environment: bool = True) -> Observation:
    """What is observed after these manifests were applied, to a new lab unless said."""
    store = Store(None)
    for manifest in (*([gateway_class(), gateway()] if environment else []), *manifests):
        kind = kind_of(manifest["apiVersion"], manifest["kind"])
        assert kind is not None
        store.create(kind, manifest)
    shown = [masked(one) if one["kind"] == "Secret" else one for one in store.all()]
    return Observation(PLACE, tuple(shown))


def winner(seen: Observation, path: str, **request: Any) -> str | None:
    """The name of the route that takes a request."""
    selected = seen.select(path, **request)
    return selected.rule.route.name if selected else None


def test_an_observation_survives_json() -> None:
    """What a check sees does not depend on where it runs."""
    problem = Problem("spec", "must", 3, "spec:")
    document = AttemptedDocument(1, 1, "HTTPRoute", "a", "b", "refused", "no", (problem,), {"a": 1})
    seen = Observation(
        PLACE,
        observed(route(), backend(), secret({"Authorization": "x"})).manifests,
        (Attempt(1.0, "kubectl", "text", (document,)),),
        (EXCHANGE,),
        {"q": Answer(["a", 1], 2.0)},
        Raised("E", "m", "c", 3.0),
        {"step": 1},
        {"step": 4.0},
        {"step": 5.0},
        (Sample("requests", "requests_total", {"status": "200"}, 1.0),),
        (Span("a" * 32, "b" * 16, None, "ask", "CLIENT", 1, 2, attributes={"list": ("x", "y")}),),
    )
    again = from_json(json.loads(json.dumps(seen.to_json())))
    assert again == seen
    assert again.snapshot.statuses.keys() == seen.snapshot.statuses.keys()
    empty = Observation(PLACE)
    assert from_json(json.loads(json.dumps(empty.to_json()))) == empty


def test_resources_are_typed_and_found() -> None:
    """By kind, by key, and as JSON with status."""
    seen = observed(route(), route(name="another"), backend())
    assert [one.name for one in seen.of_kind("HTTPRoute")] == ["another", "openai"]
    assert seen.resources[BACKEND].kind == "AgentgatewayBackend"
    manifest = seen.manifest(ROUTE)
    assert manifest is not None
    assert manifest["status"]["parents"][0]["parentRef"]["name"] == "agentgateway"
    assert seen.manifest(ROUTE._replace(name="typo")) is None
    assert seen.manifest(ROUTE._replace(namespace="other")) is None
    found = seen.backend(BACKEND)
    assert found is not None
    assert found.problem is None
    assert seen.backend(ROUTE) is None


def test_select_answers_what_a_request_would_meet() -> None:
    """On the lab's own Gateway; None is a 404."""
    seen = observed(
        route(matching(prefix("/openai"))),
        route(matching(exact("/openai", method="GET")), name="get"),
        route(matching(prefix("/openai", headers=[{"name": "X", "value": "1"}])), name="header"),
        route(hostnames=["api.example.com"], name="host"),
    )
    assert winner(seen, "/openai") == "openai"
    assert winner(seen, "/openai/../openai/x") == "openai"
    assert winner(seen, "/openai", method="GET") == "get"
    assert winner(seen, "/openai", headers={"x": "1"}) == "header"
    assert winner(seen, "/x", host="api.example.com") == "host"
    assert winner(seen, "/x") is None
    assert winner(seen, "/openaix") is None


def test_select_looks_at_the_port_that_the_gateway_serves() -> None:
    """A Gateway of the same name elsewhere, or a listener on another port, is not it."""
    elsewhere = gateway()
    elsewhere["metadata"] = {"name": "agentgateway", "namespace": "a"}
    parents = [{"name": "agentgateway", "namespace": "a"}]
    assert winner(observed(elsewhere, route(parents=parents)), "/") is None
    other = observed(gateway_class(), gateway({**HTTP, "port": 80}), route(), environment=False)
    assert winner(other, "/") is None
    both = observed(
        gateway_class(),
        gateway({**HTTP, "name": "other", "port": 80}, HTTP),
        route(parents=[{"name": "agentgateway", "namespace": NAMESPACE, "port": 8080}]),
        environment=False,
    )
    assert winner(both, "/") == "openai"
    assert winner(observed(route(), environment=False), "/") is None


def test_routes_holding_a_path_are_all_that_would_take_it() -> None:
    """Whichever wins, and only those that are attached."""
    seen = observed(
        route(matching(prefix("/openai")), name="long"),
        route(matching(prefix("/")), name="short"),
        route(matching(prefix("/other")), name="other"),
        route(matching(prefix("/openai")), name="loose", parents=[{"name": "typo"}]),
    )
    assert [one.name for one in seen.routes_holding("/openai/x")] == ["long", "short"]


def test_a_condition_is_found_on_the_object_or_its_first_parent() -> None:
    """None when the object, its status or the condition is not there."""
    seen = observed(route(), route(name="loose", parents=[{"name": "typo"}]), backend())
    for key, type_, status in [
        (ROUTE, "ResolvedRefs", "True"),
        (BACKEND, "Accepted", "True"),
        (GATEWAY, "Programmed", "True"),
    ]:
        condition = seen.condition(key, type_)
        assert condition is not None
        assert condition["status"] == status
    assert seen.condition(ROUTE, "Programmed") is None
    assert seen.condition(ROUTE._replace(name="loose"), "Accepted") is None
    assert seen.condition(ROUTE._replace(name="typo"), "Accepted") is None
    assert seen.condition(Key("", "Secret", NAMESPACE, "none"), "Accepted") is None


def test_what_is_in_force_is_decided_as_the_gateway_does() -> None:
    """Also with Secrets whose values are not shown."""
    auth = {"auth": {"secretRef": {"name": "openai-secret"}}}
    spec = {"ai": {"provider": {"openai": {}}}, "policies": auth}
    without, with_secret = (
        observed(backend(spec)),
        observed(backend(spec), secret({"Authorization": "Bearer sk-1"})),
    )
    problems = [one.snapshot.backends[BACKEND].problem for one in (without, with_secret)]
    assert problems == [
        f"failed to translate backend: secret {NAMESPACE}/openai-secret not found",
        None,
    ]
    assert "sk-1" not in repr(with_secret)


def test_llm_exchanges_went_to_a_model() -> None:
    """Others were refused before, or are plain HTTP."""
    refused = Exchange(**{**vars(EXCHANGE), "request_model": None})
    assert Observation(PLACE, exchanges=(refused, EXCHANGE)).llm_exchanges() == [EXCHANGE]


@pytest.mark.parametrize("path", ["", "*", "/", "//", "/" + "a/" * 3000])
def test_any_path_may_be_asked_for(path: str) -> None:
    """The route for / takes it, or none does."""
    assert winner(observed(route()), path) == "openai"
    assert winner(observed(), path) is None
