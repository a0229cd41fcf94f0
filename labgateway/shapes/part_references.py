"""Unread parts that others are made of: references to objects, places in a request, names."""

from __future__ import annotations

from labgateway.shapes.part_rules import Rule, exactly_one
from labgateway.shapes.part_values import Choice, Number, Text, choice, text
from labgateway.shapes.parts import Map, Part, fields
from labgateway.shapes.resource import DNS_LABEL, DNS_SUBDOMAIN

HEADER_NAME = r"^[A-Za-z0-9!#$%&'*+\-.^_\x60|~]+$"

NAME = text(253)
SECTION_NAME = text(253, pattern=DNS_SUBDOMAIN)
SHORT = text(256)
PATH = text(1024)
EXPRESSION = text(16384)  # in CEL; nothing here reads it
PORT = Number(least=1, most=65535)
ANY_TEXT = Text()
EXPRESSIONS = Map(of=EXPRESSION, most=64)

_GROUP = Text(most=253, pattern=f"^$|{DNS_SUBDOMAIN}", default="")
_SERVICE_KIND = Text(
    least=1, most=63, pattern=r"^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$", default="Service"
)
_NEEDS_PORT = Rule(
    "Must have port for Service reference",
    lambda ref: ref["group"] != "" or ref["kind"] != "Service" or "port" in ref,
)
_OBJECT: dict[str, Part] = {"group": _GROUP, "kind": _SERVICE_KIND, "name*": NAME, "port": PORT}

LOCAL_BACKEND = fields(_OBJECT, _NEEDS_PORT)
BACKEND = fields({**_OBJECT, "namespace": text(63, pattern=DNS_LABEL)}, _NEEDS_PORT)


def _group_and_kind(ref: dict[str, str]) -> bool:
    kind = ref.get("kind", "")
    return bool(kind) if ref.get("group") else kind in {"", "Secret"}


_OWN_CREDENTIALS = Rule("custom credential refs must set both group and kind", _group_and_kind)
_SECRET: dict[str, Part] = {"group": ANY_TEXT, "kind": ANY_TEXT, "name*": NAME}

SECRET = fields(_SECRET, _OWN_CREDENTIALS)
SECRET_KEY = fields({**_SECRET, "key": NAME}, _OWN_CREDENTIALS)

_BY_NAME = fields({"name*": SHORT})
_PLACES: dict[str, Part] = {
    "header": fields({"name*": text(256, pattern=HEADER_NAME), "prefix": SHORT}),
    "queryParameter": _BY_NAME,
    "cookie": _BY_NAME,
}

LOCATION = fields(_PLACES, exactly_one("header queryParameter cookie"))
SOURCE = fields(
    {**_PLACES, "expression": EXPRESSION}, exactly_one("header queryParameter cookie expression")
)

FAILURE_MODE = choice("FailClosed", "FailOpen")
MATCH_TYPE: Choice = choice("Exact", "RegularExpression", default="Exact")
