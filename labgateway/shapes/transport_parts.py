"""How a backend is reached and when it is left alone: policies that this gateway does not act on.

(agentgateway 1.4.1: ``http``, ``tcp``, ``tls``, ``tunnel``, ``health``, ``transformation``,
``extAuth``.)
"""

from __future__ import annotations

from typing import Any

from labgateway.shapes.marks import Distinct
from labgateway.shapes.part_references import (
    ANY_TEXT,
    BACKEND,
    EXPRESSION,
    EXPRESSIONS,
    FAILURE_MODE,
    HEADER_NAME,
    SECRET,
    SHORT,
)
from labgateway.shapes.part_rules import Rule, at_least_one, at_most_one
from labgateway.shapes.part_values import Number, Size, Text, choice, duration, text
from labgateway.shapes.parts import List, Map, Part, fields
from labgateway.shapes.resource import DNS_SUBDOMAIN

HTTP = fields(
    {
        "requestTimeout": duration("1ms", "requestTimeout must be at least 1ms"),
        "version": choice("HTTP1", "HTTP2"),
    }
)

TCP = fields(
    {
        "connectTimeout": duration("100ms", "connectTimeout must be at least 100ms"),
        "keepalive": fields(
            {
                "interval": duration("1s", "interval must be at least 1 second"),
                "retries": Number(least=1, most=64),
                "time": duration("1s", "time must be at least 1 second"),
            }
        ),
    }
)

LOCAL_OBJECT = fields({"name": Text(default="")})

TLS = fields(
    {
        "alpnProtocols": List(of=text(64), least=1, most=16),
        "caCertificateRefs": List(of=LOCAL_OBJECT, most=1),
        "insecureSkipVerify": choice("All", "Hostname"),
        "keyExchangeGroups": List(of=choice("P-256", "P-384", "X25519", "X25519_MLKEM768")),
        "mtlsCertificateRef": List(of=SECRET, most=1),
        "sni": text(253, pattern=DNS_SUBDOMAIN),
        "verifySubjectAltNames": List(of=SHORT, least=1, most=16),
    },
    Rule(
        "insecureSkipVerify All and caCertificateRefs may not be set together",
        lambda tls: tls.get("insecureSkipVerify") != "All" or "caCertificateRefs" not in tls,
    ),
    Rule(
        "insecureSkipVerify and verifySubjectAltNames may not be set together",
        lambda tls: "insecureSkipVerify" not in tls or "verifySubjectAltNames" not in tls,
    ),
    at_most_one("verifySubjectAltNames insecureSkipVerify"),
)

TUNNEL = fields({"backendRef*": BACKEND})

TRANSPORT: dict[str, Part] = {"http": HTTP, "tcp": TCP, "tls": TLS, "tunnel": TUNNEL}

HEALTH = fields(
    {
        "eviction": fields(
            {
                "consecutiveFailures": Number(least=0),
                "duration": duration(
                    "1s", "evictionDuration must be at least 1 second", default="3s"
                ),
                "healthThreshold": Number(least=0, most=100),
                "restoreHealth": Number(least=0, most=100),
            }
        ),
        "unhealthyCondition": EXPRESSION,
    }
)

_PSEUDO = (":authority", ":method", ":path", ":scheme", ":status")


def _known_if_pseudo(name: str) -> bool:
    return not name.startswith(":") or name in _PSEUDO


ANY_HEADER_NAME = Text(
    least=1,
    most=256,
    pattern=f"^:?{HEADER_NAME.removeprefix('^')}",
    rules=(
        Rule(
            "pseudo-headers must be one of :authority, :method, :path, :scheme, or :status",
            _known_if_pseudo,
        ),
    ),
)
_HEADERS = List(
    of=fields({"name*": ANY_HEADER_NAME, "value*": EXPRESSION}),
    least=1,
    most=16,
    distinct=Distinct("name"),
)
_EDITS = fields(
    {
        "add": _HEADERS,
        "body": EXPRESSION,
        "metadata": Map(of=EXPRESSION, least=1, most=16),
        "remove": List(of=ANY_HEADER_NAME, least=1, most=16, distinct=Distinct()),
        "set": _HEADERS,
    },
    at_least_one("add body metadata remove set"),
)
TRANSFORMATION = fields({"request": _EDITS, "response": _EDITS}, at_least_one("request response"))


def _some_bytes(size: Any) -> bool:
    return bool(size) if isinstance(size, str) else 1 <= size <= 2**32 - 1


_SIZE = Size(rules=(Rule("value must be at least 1 byte and fit within uint32", _some_bytes),))
_HEADER_NAMES = List(of=SHORT, most=64)
_HTTP_AUTH = fields(
    {
        "addRequestHeaders": EXPRESSIONS,
        "allowedRequestHeaders": _HEADER_NAMES,
        "allowedResponseHeaders": _HEADER_NAMES,
        "body": EXPRESSION,
        "path": EXPRESSION,
        "redirect": EXPRESSION,
        "responseMetadata": EXPRESSIONS,
    }
)
EXT_AUTH = fields(
    {
        "backendRef": BACKEND,
        "cache": fields(
            {
                "key*": List(of=EXPRESSION, least=1, most=16),
                "maxEntries": Number(least=1),
                "ttl*": EXPRESSION,
            }
        ),
        "failureMode": FAILURE_MODE,
        "forwardBody": fields({"maxSize*": _SIZE}),
        "grpc": fields(
            {"contextExtensions": Map(of=ANY_TEXT, most=64), "requestMetadata": EXPRESSIONS}
        ),
        "http": _HTTP_AUTH,
    },
    Rule(
        "forwardBody cannot be used with http.body",
        lambda one: "forwardBody" not in one or "body" not in one.get("http", {}),
    ),
)
