"""Durations, matches, listeners and parentRefs as the CRDs of Gateway API v1.4 have them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from labgateway.shapes.durations import duration_s
from labgateway.shapes.gateway_api import (
    BackendRef,
    Gateway,
    GatewaySpec,
    HTTPRoute,
    HTTPRouteSpec,
    ParentReference,
    RouteMatch,
    RouteRule,
    Timeouts,
)
from labgateway.shapes.listeners import Listener
from labgateway.shapes.path_match import PathMatch
from tests.shapes.refusals import refusals

DUPLICATE = '{{"name":"{}"}}'


def rules_broken(shape: Any, value: dict[str, Any]) -> list[str]:
    """The sentences with which a value is refused."""
    sentences = [sentence for _field, sentence in refusals(shape, value)]
    assert sentences
    return sentences


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("0h", 0),
        ("0s", 0),
        ("1h", 3600),
        ("30m", 1800),
        ("10s", 10),
        ("500ms", 0.5),
        ("2h30m", 9000),
        ("150m", 9000),
        ("1h30m10s", 5410),
        ("10s30m1h", 5410),
        ("100ms200ms300ms", 0.6),
        ("00060m", 3600),
        ("99999h", 99999 * 3600),
        ("120s", 120),
    ],
)
def test_duration_is_the_sum_of_its_parts(duration: str, seconds: float) -> None:
    """GEP-2257: up to four pairs of number and unit, in any order, units repeated."""
    assert Timeouts(request=duration).request == duration
    assert duration_s(duration) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "duration",
    ["1", "1m1", "1d", "1h30m10s20ms50h", "999999h", "1.5h", "-15m", "0", "", "1 s", "1S", "1s\n"],
)
def test_what_is_no_duration_is_refused(duration: str) -> None:
    """GEP-2257 has no days, fractions, signs, white space or fifth part."""
    assert rules_broken(Timeouts, {"request": duration})


@pytest.mark.parametrize(
    ("request_", "backend_request", "fine"),
    [("10s", "10s", True), ("10s", "11s", False), ("0s", "1h", True), ("1m", "59s", True)],
)
def test_backend_request_stays_within_request(
    request_: str, backend_request: str, fine: bool
) -> None:
    """A request timeout of 0s is no limit and holds any backendRequest."""
    timeouts = {"request": request_, "backendRequest": backend_request}
    if fine:
        assert Timeouts.model_validate(timeouts).backend_request == backend_request
    else:
        assert rules_broken(Timeouts, timeouts) == [
            "backendRequest timeout cannot be longer than request timeout"
        ]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("openai", "value must be an absolute path and start with '/'"),
        ("", "value must be an absolute path and start with '/'"),
        ("/a//b", "must not contain '//'"),
        ("/a/./b", "must not contain '/./'"),
        ("/a/../b", "must not contain '/../'"),
        ("/a%2fb", "must not contain '%2f'"),
        ("/a%2Fb", "must not contain '%2F'"),
        ("/a#b", "must not contain '#'"),
        ("/a/..", "must not end with '/..'"),
        ("/a/.", "must not end with '/.'"),
        ("/a b", "must only contain valid characters"),
        ("/a?b=c", "must only contain valid characters"),
        ("/ä", "must only contain valid characters"),
        ("/a%zz", "must only contain valid characters"),
        ("/a\n", "must only contain valid characters"),
    ],
)
def test_paths_that_select_nothing_sensible_are_refused(path: str, sentence: str) -> None:
    """Exact and PathPrefix values are absolute and normal; the sentence is the CRD's."""
    message, *others = rules_broken(PathMatch, {"type": "Exact", "value": path})
    assert message.startswith(sentence)
    assert all(one.startswith("must only contain valid characters") for one in others)


def test_regular_expression_path_may_be_anything() -> None:
    """The CRD's rules are for Exact and PathPrefix only."""
    assert PathMatch(type="RegularExpression", value="v[0-9]+//").value == "v[0-9]+//"


def test_a_rule_that_says_nothing_takes_every_path() -> None:
    """Defaults: one match, PathPrefix /; backendRef weight 1; parentRef a Gateway."""
    (rule,) = HTTPRouteSpec.model_validate({}).rules
    assert rule.matches == [RouteMatch(path=PathMatch(type="PathPrefix", value="/"))]
    ref = BackendRef.model_validate({"name": "one", "port": 80})
    assert (ref.group, ref.kind, ref.weight) == ("", "Service", 1)
    parent = ParentReference(name="agentgateway")
    assert (parent.group, parent.kind) == ("gateway.networking.k8s.io", "Gateway")


def test_a_service_reference_needs_a_port() -> None:
    """Only the core group's Service does."""
    assert rules_broken(BackendRef, {"name": "one"}) == ["Must have port for Service reference"]
    other = {"name": "one", "group": "agentgateway.dev", "kind": "AgentgatewayBackend"}
    assert BackendRef.model_validate(other).port is None


@pytest.mark.parametrize("weight", [-1, 1_000_001, True, "1", 1.0])
def test_weights_are_whole_numbers_to_a_million(weight: Any) -> None:
    """Nothing is coerced: a string or a boolean is no weight."""
    assert rules_broken(BackendRef, {"name": "one", "port": 80, "weight": weight})


@pytest.mark.parametrize(
    "hostname", ["Example.com", "a.b:80", "*", "*.*.b", "a..b", "-a.b", "a_b.c", "", "ä.de", "a.b."]
)
def test_hostnames_are_lower_case_names_with_one_wildcard_in_front(hostname: str) -> None:
    """No port, no address notation of its own, no trailing dot."""
    assert rules_broken(HTTPRouteSpec, {"hostnames": [hostname]})


def test_header_names_stand_once() -> None:
    """``headers`` and ``queryParams`` are lists keyed by name; case tells names apart here."""
    twice = [{"name": "model", "value": "a"}, {"name": "model", "value": "b"}]
    assert rules_broken(RouteMatch, {"headers": twice}) == [DUPLICATE.format("model")]
    assert rules_broken(RouteMatch, {"queryParams": twice}) == [DUPLICATE.format("model")]
    cased = [{"name": "model", "value": "a"}, {"name": "Model", "value": "b"}]
    assert len(RouteMatch.model_validate({"headers": cased}).headers) == 2


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        ({}, "sectionName or port must be unique"),
        ({"sectionName": "http"}, "sectionName or port must be specified"),
        ({"namespace": "other"}, None),
        ({"kind": "Service", "group": ""}, None),
    ],
)
def test_two_references_to_one_gateway_are_told_apart(
    second: dict[str, str], sentence: str | None
) -> None:
    """Each then has a sectionName or port."""
    spec = {"parentRefs": [{"name": "agw"}, {"name": "agw", **second}]}
    if sentence is None:
        assert len(HTTPRouteSpec.model_validate(spec).parent_refs) == 2
    else:
        (message,) = rules_broken(HTTPRouteSpec, spec)
        assert message.startswith(sentence)


def test_two_references_to_one_listener_are_refused() -> None:
    """sectionName and port together are unique."""
    spec = {"parentRefs": [{"name": "agw", "sectionName": "http"}] * 2}
    (message,) = rules_broken(HTTPRouteSpec, spec)
    assert message.startswith("sectionName or port must be unique")


def test_a_route_has_at_most_128_matches() -> None:
    """Although 16 rules of 64 matches would each be allowed."""
    rules: list[dict[str, Any]] = [{"matches": [{}] * 64}, {"matches": [{}] * 64}]
    assert len(HTTPRouteSpec.model_validate({"rules": rules}).rules) == 2
    (message,) = rules_broken(HTTPRouteSpec, {"rules": [*rules, {"matches": [{}]}]})
    assert "must be less than 128" in message


def test_rule_names_differ() -> None:
    """Rules without a name do not count."""
    assert len(HTTPRouteSpec.model_validate({"rules": [{}, {}]}).rules) == 2
    assert rules_broken(HTTPRouteSpec, {"rules": [{"name": "a"}, {"name": "a"}]}) == [
        "Rule name must be unique within the route"
    ]


def listener(**fields: Any) -> dict[str, Any]:
    """A listener, HTTP on 80 unless said."""
    return {"name": "http", "port": 80, "protocol": "HTTP", **fields}


@pytest.mark.parametrize(
    ("listeners", "sentence"),
    [
        (
            [listener(), listener(name="again")],
            "Combination of port, protocol and hostname must be unique for each listener",
        ),
        (
            [listener(tls={"options": {"a": "b"}})],
            "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']",
        ),
        (
            [listener(protocol="HTTPS", tls={"mode": "Passthrough"})],
            "tls mode must be Terminate for protocol HTTPS",
        ),
        (
            [listener(protocol="TCP", hostname="a.b")],
            "hostname must not be specified for protocols ['TCP', 'UDP']",
        ),
        ([], "List should have at least 1 item after validation, not 0"),
        ([listener(port=0)], "Input should be greater than or equal to 1"),
        ([listener(port="80")], "Input should be a valid integer"),
    ],
)
def test_listeners_that_cannot_be_told_apart_are_refused(
    listeners: list[dict[str, Any]], sentence: str
) -> None:
    """Names are unique, and so is the place: port, protocol and hostname."""
    manifest = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "agw"},
        "spec": {"gatewayClassName": "agentgateway", "listeners": listeners},
    }
    assert rules_broken(Gateway, manifest) == [sentence]


def test_two_listeners_of_one_name_are_refused_twice() -> None:
    """As a list keyed by name, and by a rule that says the same."""
    spec = {"gatewayClassName": "a", "listeners": [listener(), listener(port=81)]}
    assert rules_broken(GatewaySpec, spec) == [
        DUPLICATE.format("http"),
        "Listener name must be unique within the Gateway",
    ]


def test_a_listener_takes_routes_of_its_own_namespace_unless_it_says_else() -> None:
    """``allowedRoutes.namespaces.from`` is Same."""
    assert Listener.model_validate(listener()).allowed_routes.namespaces.from_ == "Same"


def test_shapes_do_not_change_once_parsed() -> None:
    """What was decided from a shape stays true."""
    with pytest.raises(ValidationError):
        setattr(RouteRule.model_validate({}), "name", "other")  # noqa: B010 - mypy knows


def test_a_route_with_an_empty_spec_is_the_default_route() -> None:
    """The default rule matches /."""
    route = HTTPRoute.model_validate(
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {"name": "openai", "namespace": "default"},
            "spec": {},
        }
    )
    assert (route.spec.parent_refs, len(route.spec.rules)) == ([], 1)
    assert str(route.key) == "HTTPRoute/default/openai"
