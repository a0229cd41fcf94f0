"""The card that ``lab`` shows: where things are, what is there, what a request would meet now."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from labgateway.decisions.routes import Destination
from labgateway.memory.home import Running
from labgateway.memory.observation import Observation, conditions_of
from labgateway.shapes.gateway_api import HTTPRoute

_PROVIDERS = {
    "local": "SmolLM2-135M-Instruct, a small model in a process of the lab's own",
    "simulator": "the simulator: fixed answers, made for tests",
    "openai": "OpenAI, with the key that was given",
}
_SHOWN_KINDS = ("Gateway", "HTTPRoute", "AgentgatewayBackend")
_ASKED = "/openai"


@dataclass(frozen=True)
class Card:
    """What is shown: (label, value) rows, resources with conditions, (request, outcome) rows."""

    facts: tuple[tuple[str, str], ...]
    resources: tuple[tuple[str, str], ...]
    requests: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]


def content(seen: Observation, running: Running, home: Path, *, here: bool) -> Card:
    """The card's content, from one observation; ``here``: the gateway runs in this process."""
    state = f" ({seen.place.model})" if seen.place.provider == "local" else ""
    where = "in this kernel" if here else f"in process {running.pid} ({running.owner})"
    return Card(
        facts=(
            ("Gateway", seen.place.gateway_url),
            ("Metrics", seen.place.metrics_url),
            ("Runs", where),
            ("Model", f"{_PROVIDERS[seen.place.provider]}{state}"),
            ("State", str(home)),
        ),
        resources=tuple(
            (
                f"{one['kind']} {one['metadata'].get('namespace', '')}/{one['metadata']['name']}",
                _conditions(one),
            )
            for one in seen.manifests
            if one["kind"] in _SHOWN_KINDS
        ),
        requests=tuple((f"POST {path}", outcome(seen, path)) for path in _paths(seen)),
        notices=seen.place.notices,
    )


def outcome(seen: Observation, path: str) -> str:
    """What a chat completion to a path would meet now, in words."""
    selected = seen.select(path)
    if selected is None:
        return "404 route not found: no route takes this path"
    route = f"{selected.rule.route.kind} {selected.rule.route.name}"
    if selected.rule.redirect is not None:
        return f"{route} → {selected.rule.redirect.status_code} redirect"
    usable = [one for one in selected.rule.destinations if one.weight]
    if not usable:
        return f"{route} → 500 no valid backends"
    return f"{route} → {usable[0].name} → {_met_at(usable[0])}"


def _met_at(destination: Destination) -> str:
    """What a request meets at the end of its way."""
    if destination.redirect is not None:
        return f"{destination.redirect.status_code} redirect"
    if destination.error is not None:
        return f"{destination.error.status} {destination.error}"
    if destination.http is not None:
        up = len(destination.http.addresses)
        return f"plain HTTP, as it came, to {up} endpoint{'' if up == 1 else 's'}"
    assert destination.backend is not None  # a destination has one of the three
    model = destination.backend.model or "the model that the client names"
    return f"{destination.backend.provider}, {model}"


def _paths(seen: Observation) -> list[str]:
    """/openai, and the paths that the routes name."""
    named = [
        match.path.value
        for route in seen.of_kind("HTTPRoute")
        if isinstance(route, HTTPRoute)
        for rule in route.spec.rules
        for match in rule.matches
    ]
    return list(dict.fromkeys([_ASKED, *named]))


def _conditions(manifest: dict[str, Any]) -> str:
    shown = [
        f"{one['type']}={one['status']}"
        + ("" if one["status"] == "True" else f" ({one['reason']}: {one['message']})")
        for one in conditions_of(manifest)
    ]
    return ", ".join(shown) or "no Gateway takes it (no status)"


def as_text(card: Card) -> str:
    """The card for terminals and screen readers."""
    lines = ["labgateway"]
    lines += [f"  {label + ':':9} {value}" for label, value in card.facts]
    lines += ["Resources"]
    lines += [f"  {name}: {conditions}" for name, conditions in card.resources]
    lines += ["A request would meet"]
    lines += [f"  {request} → {result}" for request, result in card.requests]
    lines += [f"Notice: {notice}" for notice in card.notices]
    return "\n".join(lines)


def as_html(card: Card) -> str:
    """The card for notebooks; colours are the theme's."""
    return (
        '<section aria-label="labgateway" style="border:1px solid var(--jp-border-color1);'
        'border-radius:4px;padding:8px 12px;max-width:60em">'
        "<h4 style='margin:0 0 4px'>labgateway</h4>"
        f"{_table('Where', card.facts)}{_table('Resources', card.resources)}"
        f"{_table('A request would meet', card.requests)}"
        + "".join(f'<p role="status">Notice: {escape(one)}</p>' for one in card.notices)
        + "</section>"
    )


def _table(caption: str, rows: tuple[tuple[str, str], ...]) -> str:
    cells = "".join(
        f'<tr><th scope="row" style="text-align:left">{escape(left)}</th>'
        f'<td style="text-align:left">{escape(right)}</td></tr>'
        for left, right in rows
    )
    return (
        f'<table style="margin:0 0 4px;width:100%"><caption style="text-align:left;'
        f'color:var(--jp-ui-font-color2)">{escape(caption)}</caption>{cells}</table>'
    )
