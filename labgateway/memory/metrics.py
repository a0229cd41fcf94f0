"""Metric families in a registry of the lab's own; names and labels are agentgateway v1.4.1's."""

from __future__ import annotations

from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Info

from labgateway.decisions.exchange import Exchange

UNKNOWN = "unknown"

_REQUEST_LABELS = ("backend", "protocol", "method", "status", "reason")
_ROUTE_LABELS = ("bind", "gateway", "listener", "route", "route_rule")
_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}


class Metrics:
    """Counts exchanges. Every label value comes from a resource or a fixed list, never a client."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        info = Info("agentgateway_build", "Agentgateway build information.", registry=self.registry)
        info.info({"tag": f"labgateway-{version('labgateway')}"})
        self._requests = Counter(
            "agentgateway_requests_total",
            "The total number of HTTP requests sent.",
            (*_REQUEST_LABELS, *_ROUTE_LABELS),
            registry=self.registry,
        )

    def record(self, exchange: Exchange) -> None:
        """Count one exchange."""
        method = exchange.method if exchange.method in _METHODS else "_OTHER"
        bind = f"8080/{exchange.gateway}" if exchange.gateway else UNKNOWN
        self._requests.labels(
            exchange.backend or UNKNOWN,
            "llm" if exchange.request_model is not None else "http",
            method,
            str(exchange.status),
            exchange.reason,
            bind,
            exchange.gateway or UNKNOWN,
            exchange.listener or UNKNOWN,
            exchange.route or UNKNOWN,
            exchange.route_rule or UNKNOWN,
        ).inc()
