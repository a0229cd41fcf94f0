"""What the Kubernetes API refuses over HTTP, and what it warns of."""

from __future__ import annotations

import json
from urllib.parse import quote

import httpx
import pytest

from labgateway.decisions.bodies import VALUES_LIMIT
from labgateway.decisions.json_patch import OPERATIONS_LIMIT
from labgateway.words.errors import Invalid
from tests.edges.objects import (
    BACKEND_PATH,
    BACKENDS,
    HEAD,
    KEPT_SECRET,
    MERGE,
    ROUTES,
    SECRETS,
    STRICT,
    Json,
    manifest_of,
    patch,
    refusal_of,
)
from tests.kubernetes_api import BACKEND, ROUTE, Api


def test_other_patches_say_what_to_use(client: httpx.Client) -> None:
    """Server-side apply and unknown formats are 415 with a sentence."""
    client.post(BACKENDS, json=manifest_of(BACKEND))
    applied = patch(client, BACKEND_PATH, {}, "application/apply-patch+yaml")
    assert "leave out --server-side" in refusal_of(applied, 415, "UnsupportedMediaType")["message"]
    unknown = patch(client, BACKEND_PATH, {}, "text/plain")
    assert "merge-patch" in refusal_of(unknown, 415, "UnsupportedMediaType")["message"]


def test_unknown_fields_are_refused_warned_of_or_dropped(client: httpx.Client) -> None:
    """As fieldValidation says; Warn is the API server's default."""
    manifest = manifest_of(BACKEND, **{"zoo": 1, "a.b": {"c": 2}})
    manifest["spec"]["ai"]["provider"]["model"] = "gpt-4o"
    refused = client.post(BACKENDS, json=manifest, params=STRICT)
    message = refusal_of(refused, 400, "BadRequest")["message"]
    assert 'unknown field "spec.ai.provider.model"' in message
    warned = client.post(BACKENDS, json=manifest)
    texts = warned.headers.get_list("warning")
    assert '299 - "unknown field \\"spec.ai.provider.model\\""' in texts
    assert len(texts) == 3
    assert set(warned.json()["spec"]) == {"ai", "policies"}
    ignored = client.put(BACKEND_PATH, json=manifest, params={"fieldValidation": "Ignore"})
    assert "warning" not in ignored.headers
    assert ignored.status_code == 200


def test_refusals_list_their_causes(client: httpx.Client, api: Api) -> None:
    """The causes are printed by kubectl, and the lab hears of the refusal with the manifest."""
    manifest = manifest_of(ROUTE)
    manifest["spec"]["rules"][0]["matches"][0]["path"]["type"] = "Prefix"
    status = refusal_of(client.post(ROUTES, json=manifest), 422, "Invalid")
    first = status["details"]["causes"][0]
    assert first["field"] == "spec.rules[0].matches[0].path.type"
    assert first["message"].startswith('Unsupported value: "Prefix"')
    assert status["details"]["kind"] == "HTTPRoute"
    ((heard, error),) = api.refused
    assert heard["metadata"]["name"] == "openai"
    assert isinstance(error, Invalid)


def test_the_notebooks_own_kubectl_reports_its_refusals_itself(
    client: httpx.Client, api: Api
) -> None:
    """Else every mistake in a cell would be remembered twice."""
    headers = {"user-agent": "labgateway-notebook"}
    refusal_of(
        client.post(BACKENDS, json=manifest_of(BACKEND, ai={}), headers=headers), 422, "Invalid"
    )
    assert api.refused == []


def test_warnings_name_fields_that_are_only_stored(client: httpx.Client) -> None:
    """A field of the real CRD that this gateway does not act on is never silently ignored."""
    manifest = manifest_of(ROUTE)
    manifest["spec"]["rules"][0]["retry"] = {"attempts": 2}
    (warning,) = client.post(ROUTES, json=manifest).headers.get_list("warning")
    assert warning.startswith('299 - "spec.rules[0].retry: this gateway stores the field')


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not JSON"),
        (b'{"a":', "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":' * 100_000, "not JSON"),
        (b"[]", "an object was expected, as JSON"),
        (b"{}", "Object 'kind' is missing"),
        (b'{"kind": "Secret", "apiVersion": "v1"}', "does not match the expected kind"),
        (b'{"kind": "AgentgatewayBackend", "apiVersion": "v1"}', "expected API version"),
        (
            HEAD + b' "metadata": "x"}',
            "cannot unmarshal string into Go struct field",
        ),
        (
            HEAD + b' "metadata": {"labels": {"a": 1}}}',
            "cannot unmarshal number into Go struct field ObjectMeta.metadata.labels",
        ),
    ],
)
def test_bodies_that_are_no_object_are_refused(
    client: httpx.Client, api: Api, body: bytes, message: str
) -> None:
    """With a Status, in bounded time, and nothing changes."""
    before = api.store.version
    response = client.post(BACKENDS, content=body, headers={"content-type": "application/json"})
    assert message in refusal_of(response, 400, "BadRequest")["message"]
    assert api.store.version == before


def test_bodies_of_other_kinds_are_told_to_come_as_yaml(client: httpx.Client) -> None:
    """Protobuf is read for what kubectl creates by flags; the rest says what to do instead."""
    unread = b"k8s\0\n\x0e\n\x02v1\x12\x08Endpoint"
    response = client.post(
        SECRETS, content=unread, headers={"content-type": "application/vnd.kubernetes.protobuf"}
    )
    assert "kubectl apply -f FILE" in refusal_of(response, 415, "UnsupportedMediaType")["message"]
    form = client.post(SECRETS, data={"a": "b"})
    assert "application/json" in refusal_of(form, 415, "UnsupportedMediaType")["message"]


def test_a_body_over_the_limit_is_refused(client: httpx.Client) -> None:
    """Whether its length was declared or not."""
    big = b"x" * 5_000_000
    for content in (big, iter([big])):
        response = client.post(
            SECRETS, content=content, headers={"content-type": "application/json"}
        )
        refusal_of(response, 413, "RequestEntityTooLarge")


def test_unknown_paths_and_methods_are_status_objects(client: httpx.Client) -> None:
    """Also for kinds that a cluster has and the lab has not."""
    scopes = ("httproutes/x", "namespaces/default/gatewayclasses")
    unscoped = [f"/apis/gateway.networking.k8s.io/v1/{one}" for one in scopes]
    for path in ("/apis/apps/v1/statefulsets", "/api/v2", "/openapi/v3/apis/batch/v1", *unscoped):
        refusal_of(client.get(path), 404, "NotFound")
    refusal_of(client.delete(BACKENDS), 405, "MethodNotAllowed")
    refusal_of(client.put(BACKENDS, json={}), 405, "MethodNotAllowed")


def _named(character: str) -> bytes:
    manifest = {**manifest_of(ROUTE), "metadata": {"name": f"x{character}"}}
    return json.dumps(manifest).encode()


ODD = [
    *(chr(number) for number in range(0x80) if not chr(number).isalnum()),
    *("é", "☃", "\N{GLOBE WITH MERIDIANS}", "%2e", "..", "a/b", "\u2028", "a" * 10_000),
]


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_odd_names_in_a_path_are_refused_or_not_found(
    client: httpx.Client, api: Api, method: str
) -> None:
    """Every odd character: a Status, and nothing changes."""
    before = api.store.version
    for character in ODD:
        content = b"{}" if method in {"PUT", "PATCH"} else b""
        path = f"{ROUTES}/{quote(f'x{character}', safe='')}"
        answer = client.request(method, path, content=content, headers={"content-type": MERGE})
        assert answer.status_code in {400, 404, 405, 415}, character
        # A line feed ends the path for the router, before any kind is known.
        assert character == "\n" or answer.json()["kind"] == "Status"
    assert api.store.version == before


def test_odd_names_in_a_body_are_refused(client: httpx.Client, api: Api) -> None:
    """With the rule for names; nothing is stored."""
    before = api.store.version
    for character in ODD[:-1]:
        answer = client.post(ROUTES, content=_named(character))
        refusal_of(answer, 422, "Invalid")
        assert "RFC 1123 subdomain" in answer.text
    assert api.store.version == before


@pytest.mark.parametrize(
    ("spec", "code", "reason"),
    [
        ({"hostnames": ["a"] * (VALUES_LIMIT + 1)}, 413, "RequestEntityTooLarge"),
        ({"hostnames": [1] * (VALUES_LIMIT // 2)}, 422, "Invalid"),
        ({"rules": [{"zoo": 1}] * (VALUES_LIMIT // 10)}, 400, "BadRequest"),
        ({f"x{number}": 1 for number in range(1_000)}, 400, "BadRequest"),
    ],
)
def test_a_refusal_is_short_however_long_the_body(
    client: httpx.Client, api: Api, spec: Json, code: int, reason: str
) -> None:
    """A megabyte of mistakes is answered with a few kilobytes, and nothing is stored."""
    before = api.store.version
    answer = client.post(ROUTES, json=manifest_of(ROUTE, **spec), params=STRICT)
    refusal_of(answer, code, reason)
    assert len(answer.content) < 64 * 1024
    assert api.store.version == before


CLASS = "/apis/gateway.networking.k8s.io/v1/gatewayclasses/agentgateway"
KEPT = [
    (CLASS, {"spec": {"controllerName": "a.b/c"}}, "spec.controllerName"),
    (CLASS, {"metadata": {"uid": "x"}}, "metadata.uid"),
    (KEPT_SECRET, {"type": "other"}, "type"),
    (
        CLASS,
        {"metadata": {"creationTimestamp": "2020-01-01T00:00:00Z"}},
        "metadata.creationTimestamp",
    ),
]


@pytest.mark.parametrize(("path", "change", "field"), KEPT)
def test_what_stays_for_ever_is_refused_another_value(
    client: httpx.Client, path: str, change: Json, field: str
) -> None:
    """The CRD's rule about its own field; the API server's about those of every object."""
    (cause,) = refusal_of(patch(client, path, change), 422, "Invalid")["details"]["causes"]
    assert cause["field"] == field
    assert cause["message"].endswith(("Value is immutable", "field is immutable"))


def test_a_json_patch_has_at_most_ten_thousand_operations(client: httpx.Client) -> None:
    """As the API server has it."""
    client.post(BACKENDS, json=manifest_of(BACKEND))
    operation = {"op": "test", "path": "/metadata/name", "value": "openai-all-models"}
    answer = patch(
        client, BACKEND_PATH, [operation] * (OPERATIONS_LIMIT + 1), "application/json-patch+json"
    )
    assert "maximum operations" in refusal_of(answer, 413, "RequestEntityTooLarge")["message"]
