"""``/ui/``: what is there and what went through, on one page that needs nothing but HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from labgateway.decisions.access_log import log_record
from labgateway.memory.observation import Observation, conditions_of

SHOWN_EXCHANGES = 50
_COLUMNS = (
    "time",
    "http.status",
    "http.path",
    "route",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "duration",
    "error",
)
_STYLE = (
    ":root{color-scheme:light dark}body{font:14px system-ui,sans-serif;margin:1.5rem}"
    "table{border-collapse:collapse;margin-bottom:1.5rem}"
    "th,td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #8884}"
)


def overview_api(observe: Callable[[], Observation]) -> APIRouter:
    """The page; everything on it is text, whatever a prompt or a name holds."""
    api = APIRouter()

    @api.get("/ui/", response_class=HTMLResponse)
    def overview() -> HTMLResponse:
        return HTMLResponse(
            page(observe()),
            headers={"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"},
        )

    return api


def page(seen: Observation) -> str:
    """Resources with their conditions, and the last exchanges, newest first."""
    records = [log_record(one) for one in reversed(seen.exchanges[-SHOWN_EXCHANGES:])]
    resources = [(_name(one), _conditions(one)) for one in seen.manifests]
    rows = [[str(one.get(name, "")) for name in _COLUMNS] for one in records]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>labgateway</title>'
        f"<style>{_STYLE}</style><h1>labgateway</h1><p>{escape(seen.place.gateway_url)}</p>"
        f"<h2>Resources</h2>{_table(('resource', 'conditions'), resources)}"
        f"<h2>The last {SHOWN_EXCHANGES} requests</h2>{_table(_COLUMNS, rows)}</html>"
    )


def _name(manifest: dict[str, Any]) -> str:
    metadata = manifest["metadata"]
    return f"{manifest['kind']} {metadata.get('namespace', '')}/{metadata['name']}"


def _conditions(manifest: dict[str, Any]) -> str:
    return ", ".join(
        f"{one['type']}={one['status']} ({one['reason']})" for one in conditions_of(manifest)
    )


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in columns)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
