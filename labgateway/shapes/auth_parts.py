"""Ways to authenticate at a backend that this gateway does not act on (agentgateway 1.4.1)."""

from __future__ import annotations

from labgateway.shapes.marks import Distinct
from labgateway.shapes.part_references import (
    ANY_TEXT,
    BACKEND,
    EXPRESSION,
    LOCATION,
    SECRET,
    SECRET_KEY,
    SHORT,
    SOURCE,
)
from labgateway.shapes.part_rules import Rule, at_most_one, exactly_one
from labgateway.shapes.part_values import Number, Text, choice, text
from labgateway.shapes.parts import List, Map, Part, fields

_TAG = fields(
    {"key*": text(128), "value": Text(most=256), "expression": EXPRESSION},
    Rule(
        "exactly one of value or expression must be set",
        lambda tag: ("value" in tag) != ("expression" in tag),
    ),
)
_ASSUME_ROLE = fields(
    {
        "roleArn*": text(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$"),
        "sessionName": Text(pattern=r"^[\w+=,.@-]{2,64}$"),
        "sessionNameExpression": EXPRESSION,
        "tags": List(of=_TAG, most=50, distinct=Distinct("key")),
    },
    at_most_one("sessionName sessionNameExpression"),
)
AWS = fields(
    {"secretRef": SECRET, "assumeRole": _ASSUME_ROLE, "region": SHORT, "serviceName": SHORT},
    Rule(
        "secretRef and assumeRole are mutually exclusive",
        lambda aws: not {"secretRef", "assumeRole"} <= set(aws),
    ),
)

AZURE = fields(
    {
        "secretRef": SECRET,
        "managedIdentity": fields(
            {"clientId*": ANY_TEXT, "objectId*": ANY_TEXT, "resourceId*": ANY_TEXT}
        ),
        "workloadIdentity": fields({}),
    },
    at_most_one("secretRef managedIdentity workloadIdentity"),
)

GCP = fields(
    {"type": choice("AccessToken", "IdToken"), "audience": SHORT, "secretRef": SECRET_KEY},
    Rule(
        "audience is only valid with IdToken",
        lambda gcp: "audience" not in gcp or gcp.get("type") == "IdToken",
    ),
)

CREDENTIALS = List(
    of=fields({"location*": LOCATION, "secretRef*": SECRET_KEY}),
    least=1,
    most=8,
)

_CACHE = fields({"inMemory": fields({"defaultTtl": ANY_TEXT, "maxEntries": Number()})})
_TEXTS = List(of=ANY_TEXT, least=1, most=64)
_PATH = Text(pattern="^/")
_PRIVATE_KEY_JWT = fields(
    {
        "alg": choice("ES256", "ES384", "PS256", "RS256", "RS384", "RS512"),
        "assertionAudience*": text(),
        "certificateHeader": choice("x5c", "x5t#S256"),
        "certificateRef": SECRET_KEY,
        "kid": ANY_TEXT,
        "signingKeyRef*": SECRET_KEY,
    },
    Rule(
        "certificateRef and certificateHeader must be set together",
        lambda jwt: ("certificateRef" in jwt) == ("certificateHeader" in jwt),
    ),
)
_CLIENT_AUTH = fields(
    {
        "clientId*": text(),
        "method": choice("ClientSecretBasic", "ClientSecretPost", "PrivateKeyJwt"),
        "privateKeyJwt": _PRIVATE_KEY_JWT,
        "secretRef": SECRET_KEY,
    },
    Rule(
        "privateKeyJwt settings require method PrivateKeyJwt",
        lambda one: ("privateKeyJwt" in one) == (one.get("method") == "PrivateKeyJwt"),
    ),
    Rule(
        "secretRef is not valid with method PrivateKeyJwt",
        lambda one: "secretRef" not in one or one.get("method") != "PrivateKeyJwt",
    ),
    Rule(
        "clientAuth without secretRef requires method ClientSecretPost or PrivateKeyJwt",
        lambda one: (
            "secretRef" in one or "privateKeyJwt" in one or one.get("method") == "ClientSecretPost"
        ),
    ),
)
_AUTHORIZATION_SERVER = fields({"backendRef*": BACKEND, "clientAuth*": _CLIENT_AUTH, "path": _PATH})

CROSS_APP_ACCESS = fields(
    {
        "audience*": SHORT,
        "cache": _CACHE,
        "identityProvider*": _AUTHORIZATION_SERVER,
        "resourceAuthorizationServer*": _AUTHORIZATION_SERVER,
        "resources": _TEXTS,
        "scopes": _TEXTS,
        "subjectToken": fields({"source": SOURCE}),
    }
)


def _only_exchanged(field: str) -> Rule:
    return Rule(
        f"{field} is only valid with TokenExchange grantType",
        lambda one: field not in one or one.get("grantType") != "JwtBearer",
    )


_ACTOR_TOKEN = fields(
    {"mayAct": choice("Required"), "source*": SOURCE, "tokenType": ANY_TEXT},
    Rule(
        "mayAct Required requires tokenType Jwt",
        lambda one: one.get("mayAct") != "Required" or one.get("tokenType") == "Jwt",
    ),
)
OAUTH_TOKEN_EXCHANGE = fields(
    {
        "actorToken": _ACTOR_TOKEN,
        "additionalParams": Map(of=EXPRESSION, most=64),
        "audiences": List(of=SHORT, least=1, most=64),
        "backendRef*": BACKEND,
        "cache": _CACHE,
        "clientAuth": _CLIENT_AUTH,
        "grantType": choice("JwtBearer", "TokenExchange"),
        "location": LOCATION,
        "path": _PATH,
        "requestedTokenType": choice("AccessToken", "Jwt", "IdToken", "IdJag"),
        "resources": _TEXTS,
        "scopes": _TEXTS,
        "subjectToken": fields({"source": SOURCE, "tokenType": ANY_TEXT}),
    },
    _only_exchanged("actorToken"),
    _only_exchanged("requestedTokenType"),
    Rule(
        "requestedTokenType IdJag is only supported by crossAppAccess",
        lambda one: one.get("requestedTokenType") != "IdJag",
    ),
)

_KEYS: dict[str, Part] = {"key": Text(most=2048), "location": LOCATION, "secretRef": SECRET_KEY}
KEY_AUTH = fields(_KEYS, exactly_one("key secretRef"))
AWS_AUTH = fields(
    {**_KEYS, "aws": AWS},
    Rule(
        "location may only be set for key or secretRef auth",
        lambda one: "location" not in one or "key" in one or "secretRef" in one,
    ),
    exactly_one("key secretRef aws"),
)
GCP_AUTH = fields({"gcp": GCP}, exactly_one("gcp"))
