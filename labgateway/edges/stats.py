"""The stats port: Prometheus metrics and readiness."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest


def stats_app(registry: CollectorRegistry) -> FastAPI:
    """``/metrics`` (also ``/stats/prometheus``) and ``/healthz/ready``."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    app.get("/metrics")(metrics)
    app.get("/stats/prometheus")(metrics)

    @app.get("/healthz/ready")
    def ready() -> PlainTextResponse:
        return PlainTextResponse("ready\n")

    return app
