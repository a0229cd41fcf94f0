"""The stations that a request can pass, each read from the manifest of its object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from labgateway.decisions.condition_rows import ConditionRow, condition_rows
from labgateway.decisions.mentions import key_of, mentions_of
from labgateway.shapes.resource import Key

Json = Mapping[str, Any]
Column = Literal["listener", "route", "backend", "provider"]
ANY_MODEL = "the client's model"
_ADDRESS = {"host", "port", "path", "pathPrefix", "name", "policies"}
OWN_ADDRESS = "its own address"  # of a provider that a backend gives no other one


@dataclass(frozen=True)
class Station:
    """One listener, route, backend or provider.

    ``key`` is the object behind it; ``facts`` and ``policies`` are its own words, without values
    of Secrets; ``loose`` says what keeps requests from it; ``missing``: an object that is named
    and does not exist.
    """

    id: str
    column: Column
    title: str
    key: Key | None = None
    facts: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    conditions: tuple[ConditionRow, ...] = ()
    loose: str = ""
    missing: bool = False

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is wrong with it, in the words of its conditions; () when nothing is."""
        if self.missing:
            return ("named by a route, but does not exist",)
        said = (
            f"{one.type}={one.status}: {one.message or one.reason}"
            for one in self.conditions
            if not one.good
        )
        return (*dict.fromkeys(said), *((self.loose,) if self.loose else ()))


def listener_id(gateway: Key, listener: str) -> str:
    """The id of a listener's station."""
    return f"listener/{gateway.namespace}/{gateway.name}/{listener}"


def listeners(gateway: Json) -> Iterator[Station]:
    """Those of a Gateway."""
    key = key_of(gateway)
    rows = condition_rows(gateway)
    for spec in gateway["spec"]["listeners"]:
        own = f"listener {spec['name']}"
        yield Station(
            listener_id(key, spec["name"]),
            "listener",
            f"{key.name} / {spec['name']}",
            key,
            (f"{spec['protocol']}, port {spec['port']}", spec.get("hostname") or "any host"),
            conditions=tuple(one for one in rows if one.of in {"", own}),
        )


def route(manifest: Json) -> Station:
    """An HTTPRoute with its hosts, matches, timeouts and filters."""
    key = key_of(manifest)
    spec = manifest["spec"]
    rules = spec.get("rules") or [{}]
    paths = [_path(match) for rule in rules for match in rule.get("matches") or [{}]]
    timeouts = [rule["timeouts"].get("request") for rule in rules if rule.get("timeouts")]
    policies = [
        *(f"timeout {one}" for one in timeouts if one),
        *(one["type"] for rule in rules for one in rule.get("filters") or ()),
    ]
    return Station(
        str(key),
        "route",
        key.name,
        key,
        tuple(dict.fromkeys((*(spec.get("hostnames") or ()), *paths))),
        tuple(dict.fromkeys(policies)),
        condition_rows(manifest),
    )


def backend(manifest: Json, manifests: Sequence[Json]) -> Station:
    """A backend with its models, its inline policies and those that others attach to it."""
    key = key_of(manifest)
    models = [said for _station, said in providers(manifest) if said]
    attached = [
        f"{one.origin.kind} {one.origin.name}"
        for one in mentions_of(key, manifests)
        if one.origin.kind == "AgentgatewayPolicy"
    ]
    return Station(
        str(key),
        "backend",
        key.name,
        key,
        ("Service",) if key.kind == "Service" else tuple(dict.fromkeys(models)),
        (*inline_policies(manifest), *attached),
        condition_rows(manifest),
    )


def missing(key: Key) -> Station:
    """A backend that a route names and nobody has made."""
    return Station(str(key), "backend", key.name, key, missing=True)


def inline_policies(manifest: Json) -> tuple[str, ...]:
    """The policies that a backend has of its own, such as ``auth (Secret openai-secret)``."""
    policies = manifest["spec"].get("policies") or {}
    return tuple(_policy(name, value) for name, value in policies.items())


def providers(manifest: Json) -> Iterator[tuple[Station, str]]:
    """(who answers for a backend, which model is asked of it)."""
    spec, key = manifest["spec"], key_of(manifest)
    if key.kind == "Service":
        yield _plain(f"{key.name}.{key.namespace}", "the Service's endpoints"), ""
    if spec.get("static"):
        yield _plain(f"{spec['static'].get('host')}:{spec['static'].get('port')}", "static"), ""
    ai = spec.get("ai") or {}
    groups = [one for group in ai.get("groups") or () for one in group.get("providers", ())]
    for one in [ai["provider"], *groups] if ai.get("provider") else groups:
        yield _provider(one)


def _plain(title: str, fact: str) -> Station:
    return Station(f"provider/{title}", "provider", title, facts=(fact,))


def _provider(provider: Json) -> tuple[Station, str]:
    name = next((one for one in provider if one not in _ADDRESS), "provider")
    own = provider.get(name)
    model = own.get("model") if isinstance(own, dict) else None
    where = f"{provider['host']}:{provider.get('port')}" if provider.get("host") else ""
    station = Station(f"provider/{name}/{where}", "provider", name, facts=(where or OWN_ADDRESS,))
    return station, f"model {model}" if model else ANY_MODEL


def _policy(name: str, value: Any) -> str:
    if name != "auth" or not isinstance(value, dict):
        return name
    ref = value.get("secretRef")
    return f"auth (Secret {ref['name']})" if ref else f"auth ({', '.join(value)})"


def _path(match: Json) -> str:
    path = match.get("path") or {}
    value = f"{path.get('type', 'PathPrefix')} {path.get('value', '/')}"
    return f"{match['method']} {value}" if match.get("method") else value
