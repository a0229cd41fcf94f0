"""The stats port: Prometheus metrics and readiness."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CollectorRegistry

from labgateway.decisions.exposition import OPENMETRICS, media_type, openmetrics_text, plain_text
from labgateway.edges.serving import application


def stats_app(registry: CollectorRegistry) -> FastAPI:
    """``/metrics`` (also ``/stats/prometheus``) and ``/healthz/ready``.

    Metrics are plain text; OpenMetrics, with exemplars, for whoever asks for it.
    """
    app = application()

    def metrics(request: Request) -> Response:
        chosen = media_type(",".join(request.headers.getlist("accept")))
        write = openmetrics_text if chosen == OPENMETRICS else plain_text
        return Response(write(registry.collect()), headers={"content-type": chosen})

    app.get("/metrics")(metrics)
    app.get("/stats/prometheus")(metrics)

    @app.get("/healthz/ready")
    def ready() -> PlainTextResponse:
        return PlainTextResponse("ready\n")

    return app
