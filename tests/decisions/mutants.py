"""Manifests that are nearly right, made from the real CRD files: a number leads to a manifest.

First an object that the schema takes, with some of the fields that it need not have; then up to
three mutations. Which of the two breaks a rule is left to chance.
"""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from tests.decisions.oracle import schema_of
from tests.decisions.resources import Json

GATEWAY_API = "gateway.networking.k8s.io"
KINDS = (
    (f"{GATEWAY_API}/v1", "HTTPRoute"),
    (f"{GATEWAY_API}/v1", "HTTPRoute"),
    (f"{GATEWAY_API}/v1", "Gateway"),
    (f"{GATEWAY_API}/v1", "GatewayClass"),
    (f"{GATEWAY_API}/v1beta1", "ReferenceGrant"),
    ("agentgateway.dev/v1alpha1", "AgentgatewayBackend"),
    ("agentgateway.dev/v1alpha1", "AgentgatewayBackend"),
)

_WORDS = (
    *("a", "b", "model", "http", "Service", "Gateway", "Secret", "HTTP", "HTTPS", "TCP", "UDP"),
    *("example.com", "*.example.com", "/a", "/a/b", "openai", "80", "1s", "2s", "10s", "100ms"),
    *("10m", "example.com/controller", "https://a.b:80", "*", "us-east-1", "10.0.0.1", "::1"),
    *("Hostname", "IPAddress", "NamedAddress", ":path", "X-Header", "1Mi"),
    *("arn:aws:iam::123456789012:role/a", "tools/*", "*/list", "session-1"),
)
_ODD_PATHS = (
    *("a/b/c", "/a//b", "/a/./b", "/a/../b", "/a%2fb", "/a%2Fb", "/a#b", "/a/..", "/a/."),
    *("/a%zz", "/é", "//"),
)
_ODD_WORDS = (
    *("", "A_B", "a b", "-a", "a..b", "Example.com", "/../", "%2f", "é", ":x", "a*b*", "#"),
    *("0s", "1d", "-1s", "99999999h", "1.5s", "a.b:80"),
    *("x" * 64, "x" * 254, "x" * 257, "y" * 1025, "z" * 4097, "w" * 16385),
)
_WRONG: tuple[Any, ...] = (5, True, 1.5, "text", [], {}, ["a"], {"name": "a"}, [{}], [None], [5])
_NUMBERS = (-1, 0, 1, 2, 80, 99, 100, 199, 302, 403, 418, 599, 600, 65535, 65536, 1_000_001)

_ENOUGH = 60  # values in a manifest, after which only required fields are added
_PATH_LENGTH = 1024


def mutant(seed: int) -> Json:
    """The manifest of a number."""
    chance = random.Random(seed)
    api_version, kind = chance.choice(KINDS)
    maker = _Maker(chance, chance.choice((0.2, 0.5, 0.8)), _ENOUGH)
    manifest: Json = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "mutant", "namespace": "default"},
        "spec": maker.made(schema_of(api_version, kind)),
    }
    if kind == "GatewayClass":
        del manifest["metadata"]["namespace"]
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3, 5))):
        _mutate(chance, manifest)
    return manifest


class _Maker:
    """Makes values that a schema takes, until there are enough; rules are not looked at."""

    def __init__(self, chance: random.Random, richness: float, enough: int) -> None:
        self._chance, self._richness, self._left = chance, richness, enough

    def made(self, schema: Json) -> Any:
        """A value of the schema."""
        self._left -= 1
        if schema.get("x-kubernetes-int-or-string"):
            return self._chance.choice((1, 1024, "1Mi"))
        if "enum" in schema:
            return self._chance.choice(schema["enum"])
        make = {
            "string": self._text,
            "integer": self._number,
            "boolean": lambda _schema: self._chance.choice((True, False)),
            "array": self._list,
            "object": self._object,
        }.get(schema.get("type", ""))
        return make(schema) if make else self._chance.choice((1, "any", {"a": 1}, ["a"]))

    def _text(self, schema: Json) -> str:
        fitting = [
            word
            for word in _WORDS
            if re.search(schema.get("pattern", ""), word)
            and schema.get("minLength", 0) <= len(word) <= schema.get("maxLength", 64)
        ]
        # Strings of this length are paths, nearly all of them, and paths have most of the rules.
        if schema.get("maxLength") == _PATH_LENGTH:
            return self._chance.choice((*fitting, *_ODD_PATHS))
        return self._chance.choice(fitting or ["a"])

    def _number(self, schema: Json) -> int:
        least: int = schema.get("minimum", 0)
        most: int = schema.get("maximum", 1000)
        return self._chance.choice((least, most, min(most, least + 1), min(most, max(least, 80))))

    def _list(self, schema: Json) -> list[Any]:
        length = self._chance.choice((0, 1, 1, 1, 2)) if self._left > 0 else 0
        least: int = schema.get("minItems", 0)
        return [self.made(schema["items"]) for _ in range(max(least, length))]

    def _object(self, schema: Json) -> Json:
        inside = schema.get("properties", {})
        one_of = _exclusive(schema)
        chosen = self._chance.choice([*one_of]) if one_of else None
        names = [one for one in inside if one not in one_of or one == chosen]
        self._chance.shuffle(names)
        made = {}
        for name in names:
            wanted = name in schema.get("required", []) or name == chosen
            if wanted or (self._left > 0 and self._chance.random() < self._richness):
                made[name] = self.made(inside[name])
        if chosen is not None and one_of[chosen]:
            made["type"] = one_of[chosen]
        more = schema.get("additionalProperties")
        if not isinstance(more, dict):
            return made
        for _ in range(self._chance.choice((1, 1, 2))):
            made[self._chance.choice(_WORDS)] = self.made(more)
        return made


def _exclusive(schema: Json) -> dict[str, str]:
    """Fields of which exactly one has to be there, so that most objects have it; and its type."""
    one_of: dict[str, str] = {}
    for rule in schema.get("x-kubernetes-validations", []):
        message = rule.get("message", "")
        found = re.search(r"exactly one of the fields in \[([^]]*)\]", message)
        if found:
            one_of |= dict.fromkeys(found[1].split(), "")
        found = re.search(r"filter\.(\w+) must be specified for (\w+) filter", message)
        if found:
            one_of[found[1]] = found[2]
    return one_of


def _mutate(chance: random.Random, manifest: Json) -> None:
    """Change one place inside the object, or drop its spec."""
    places = [*_places(manifest["spec"])] if "spec" in manifest else []
    if not places or chance.random() < 0.01:
        manifest.pop("spec", None)
        return
    # First which field, then where: else long lists would take all the mutations.
    names = sorted({str(place) for _holder, place in places})
    name = chance.choice(names)
    holder, place = chance.choice([one for one in places if str(one[1]) == name])
    chance.choice(_MUTATIONS)(chance, manifest, holder, place)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """(what holds it, its name or index) of every value inside."""
    members: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    for place, one in members:
        yield value, place
        yield from _places(one)


def _delete(_chance: random.Random, _manifest: Json, holder: Any, place: Any) -> None:
    del holder[place]


def _duplicate(chance: random.Random, _manifest: Json, holder: Any, place: Any) -> None:
    value = holder[place]
    if isinstance(holder, list):
        holder.append(copy.deepcopy(value))
    elif isinstance(value, list) and value:
        value += copy.deepcopy(value) * chance.choice((1, 1, 8, 40))


def _wrong_type(chance: random.Random, _manifest: Json, holder: Any, place: Any) -> None:
    holder[place] = copy.deepcopy(chance.choice(_WRONG))


def _odd(chance: random.Random, _manifest: Json, holder: Any, place: Any) -> None:
    value = holder[place]
    if isinstance(value, bool | dict):
        _unknown(chance, _manifest, holder, place)
    elif isinstance(value, int):
        holder[place] = chance.choice(_NUMBERS)
    elif isinstance(value, str) and value.startswith("/"):
        holder[place] = chance.choice(_ODD_PATHS)
    elif isinstance(value, str):
        holder[place] = chance.choice((*_ODD_WORDS, *_WORDS))
    else:
        holder[place] = []


def _other(chance: random.Random, manifest: Json, holder: Any, place: Any) -> None:
    """Another value of an enum, or another string."""
    value = holder[place]
    if isinstance(value, str):
        enums = _enums(manifest["apiVersion"], manifest["kind"])
        alike = [one for enum in enums if value in enum for one in enum]
        holder[place] = chance.choice(alike or _WORDS)


@cache
def _enums(api_version: str, kind: str) -> tuple[tuple[Any, ...], ...]:
    """All enums in a kind's schema."""

    def found(schema: Any) -> Iterator[tuple[Any, ...]]:
        if isinstance(schema, dict):
            if isinstance(schema.get("enum"), list):
                yield tuple(schema["enum"])
            for one in schema.values():
                yield from found(one)

    return tuple(found(schema_of(api_version, kind)))


def _unknown(_chance: random.Random, _manifest: Json, holder: Any, place: Any) -> None:
    target = holder[place] if isinstance(holder[place], dict) else holder
    if isinstance(target, dict):
        target["surprise"] = "x"


def _rename(chance: random.Random, _manifest: Json, holder: Any, place: Any) -> None:
    if isinstance(holder, dict):
        holder[chance.choice((*_ODD_WORDS, *_WORDS))] = holder.pop(place)


def _null(_chance: random.Random, _manifest: Json, holder: Any, place: Any) -> None:
    holder[place] = None


def _swap(chance: random.Random, manifest: Json, holder: Any, place: Any) -> None:
    other, there = chance.choice([*_places(manifest["spec"])])
    mine, theirs = copy.deepcopy(holder[place]), copy.deepcopy(other[there])
    other[there] = mine
    # The first swap may have replaced what holds the second place; then it changes nothing more.
    holder[place] = theirs


def _more(chance: random.Random, manifest: Json, _holder: Any, _place: Any) -> None:
    """A field from another object of the kind, where both have what holds it."""
    kind = manifest["apiVersion"], manifest["kind"]
    more = _Maker(chance, 0.5, _ENOUGH).made(schema_of(*kind))
    _merge(chance, manifest["spec"], more)


def _merge(chance: random.Random, value: Any, other: Any) -> None:
    if not isinstance(value, dict) or not isinstance(other, dict):
        return
    for name, one in other.items():
        if name not in value and chance.random() < 0.3:
            value[name] = one
        else:
            _merge(chance, value.get(name), one)


_Mutation = Callable[[random.Random, Json, Any, Any], None]
_MUTATIONS: tuple[_Mutation, ...] = (
    *(
        _delete,
        _duplicate,
        _wrong_type,
        _odd,
        _odd,
        _odd,
        _other,
        _other,
        _unknown,
        _rename,
        _null,
        _swap,
        _more,
        _more,
    ),
)
