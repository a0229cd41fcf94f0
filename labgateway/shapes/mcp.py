"""A backend of MCP servers, which this gateway does not act on (agentgateway 1.4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from labgateway.shapes.backend_policies import TargetPolicies
from labgateway.shapes.listeners import LabelSelector
from labgateway.shapes.marks import AtMost, Distinct, Rules
from labgateway.shapes.resource import PortNumber, SectionName, Shape
from labgateway.shapes.transport_parts import LOCAL_OBJECT


class Selector(Shape):
    """Services by their labels."""

    namespaces: LabelSelector | None = None
    services: LabelSelector | None = None

    def broken_rules(self) -> Iterator[str]:
        """Something is selected by."""
        if self.namespaces is None and self.services is None:
            yield "at least one of the fields in [namespaces services] must be set"


class StaticTarget(Shape):
    """A server by host, or by a Service."""

    backend_ref: Annotated[dict[str, Any] | None, LOCAL_OBJECT] = None
    host: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    path: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    policies: TargetPolicies | None = None
    port: PortNumber
    protocol: Literal["SSE", "StreamableHTTP"] | None = None

    def broken_rules(self) -> Iterator[str]:
        """One way to name it."""
        if self.backend_ref is not None and self.policies is not None:
            yield "mcp target policies may not be used with backendRef"
        if (self.host is None) == (self.backend_ref is None):
            yield "exactly one of the fields in [host backendRef] must be set"


class Target(Shape):
    """One server, or those that a selector finds."""

    name: SectionName
    selector: Selector | None = None
    static: StaticTarget | None = None

    def broken_rules(self) -> Iterator[str]:
        """One of the two."""
        if (self.selector is None) == (self.static is None):
            yield "exactly one of the fields in [selector static] must be set"


def _named_twice(targets: list[Target]) -> Iterator[str]:
    if len({one.name for one in targets}) < len(targets):
        yield "target names must be unique"


class MCP(Shape):
    """MCP servers behind one address."""

    failure_mode: Literal["FailClosed", "FailOpen"] | None = None
    prefix_mode: Literal["Always", "Conditional", "Never"] | None = None
    session_routing: Literal["Stateful", "Stateless"] | None = None
    targets: Annotated[
        list[Target],
        Field(min_length=1),
        AtMost(32),
        Distinct("name"),
        Rules(_named_twice),
    ]
