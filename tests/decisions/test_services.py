"""Endpoints of a Service's port, and who may refer to what in another namespace."""

from __future__ import annotations

from typing import Any

import pytest

from labgateway.decisions.services import Grants, Services
from labgateway.shapes.resource import Key, Resource
from labgateway.shapes.services import EndpointSlice, ReferenceGrant, Service

Json = dict[str, Any]
ROUTE = ("gateway.networking.k8s.io", "HTTPRoute", "apps")


def service(**spec: Any) -> Service:
    """The Service ``echo`` in namespace ``backends``, with a port for HTTP and one for DNS."""
    ports = [
        {"name": "http", "port": 80, "targetPort": 3000},
        {"name": "dns", "port": 53, "protocol": "UDP"},
    ]
    return Service.model_validate(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "echo", "namespace": "backends"},
            "spec": {"ports": ports, **spec},
        }
    )


def endpoints(*addresses: str, name: str = "echo-1", **changes: Any) -> EndpointSlice:
    """A slice of ``echo`` with one endpoint for each address, on port 3000."""
    given: Json = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": name,
            "namespace": "backends",
            "labels": {"kubernetes.io/service-name": "echo"},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": [one]} for one in addresses],
        "ports": [{"name": "http", "port": 3000}],
    }
    return EndpointSlice.model_validate({**given, **changes})


def state(*resources: Resource) -> dict[Key, Resource]:
    """Resources by key."""
    return {one.key: one for one in resources}


def addresses(*resources: Resource, port: int = 80) -> list[str] | None:
    """Where a request to the Service goes, as HOST:PORT; None without Service or port."""
    found = Services(state(*resources)).backend("backends", "echo", port)
    return None if found is None else [f"{one.host}:{one.port}" for one in found.addresses]


def test_all_slices_of_a_service_count() -> None:
    """By label and by the port's name, not by the slice's own name."""
    other = endpoints("127.0.0.9", name="other", ports=[{"name": "admin", "port": 9}])
    assert addresses(
        service(), endpoints("127.0.0.1"), endpoints("127.0.0.2", name="b"), other
    ) == [
        "127.0.0.1:3000",
        "127.0.0.2:3000",
    ]


def test_endpoints_that_are_not_ready_get_nothing() -> None:
    """Nothing said is ready."""
    slice_ = endpoints(
        endpoints=[
            {"addresses": ["127.0.0.1"], "conditions": {"ready": False}},
            {"addresses": ["127.0.0.2", "127.0.0.3"], "conditions": {"ready": True}},
            {"addresses": ["127.0.0.4"], "conditions": {}},
        ]
    )
    assert addresses(service(), slice_) == ["127.0.0.2:3000", "127.0.0.4:3000"]


def test_a_service_without_endpoints_is_there_and_empty() -> None:
    """Which is another answer than no Service, or no such port."""
    assert addresses(service()) == []
    assert addresses(service(), port=81) is None
    assert addresses(service(), port=53) is None
    assert addresses(endpoints("127.0.0.1")) is None


def test_a_slice_of_names_is_not_resolved() -> None:
    """This gateway connects to addresses."""
    slice_ = endpoints("example.org", addressType="FQDN")
    assert addresses(service(), slice_) == []


def grant(**to: str) -> ReferenceGrant:
    """Routes of namespace ``apps`` may refer to Services in ``backends``."""
    spec = {
        "from": [{"group": ROUTE[0], "kind": ROUTE[1], "namespace": ROUTE[2]}],
        "to": [{"group": "", "kind": "Service", **to}],
    }
    return ReferenceGrant.model_validate(
        {
            "apiVersion": "gateway.networking.k8s.io/v1beta1",
            "kind": "ReferenceGrant",
            "metadata": {"name": "grant", "namespace": "backends"},
            "spec": spec,
        }
    )


@pytest.mark.parametrize(
    ("origin", "target", "to", "allowed"),
    [
        (ROUTE, ("", "Service", "backends", "echo"), {}, True),
        (ROUTE, ("", "Service", "backends", "echo"), {"name": "echo"}, True),
        (ROUTE, ("", "Service", "backends", "echo"), {"name": "other"}, False),
        (ROUTE, ("", "Secret", "backends", "echo"), {}, False),
        (ROUTE, ("", "Service", "elsewhere", "echo"), {}, False),
        (ROUTE, ("", "Service", "apps", "echo"), {}, True),
        ((*ROUTE[:2], "other"), ("", "Service", "backends", "echo"), {}, False),
        (("", "Pod", "apps"), ("", "Service", "backends", "echo"), {}, False),
    ],
)
def test_a_grant_opens_its_own_namespace_to_those_it_names(
    origin: tuple[str, str, str], target: tuple[str, str, str, str], to: Json, allowed: bool
) -> None:
    """Within a namespace none is needed."""
    assert Grants.of(state(grant(**to))).allow(origin, Key(*target)) is allowed


def test_a_grant_without_spec_opens_nothing() -> None:
    """The CRD lets it be stored."""
    empty = grant().model_copy(update={"spec": None})
    assert not Grants.of(state(empty)).allow(ROUTE, Key("", "Service", "backends", "echo"))
