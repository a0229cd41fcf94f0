"""The Kubernetes API over HTTP: reads, writes, patches, refusals, secrets."""

from __future__ import annotations

import base64
import json
import threading
from typing import Any

import httpx
import pytest
import yaml

from labgateway.decisions.secret_values import PLACEHOLDER
from labgateway.shapes.resource import Key
from labgateway.words.errors import BadManifest, Invalid
from tests.kubernetes_api import BACKEND, KEPT_KEY, ROUTE, Api

Json = dict[str, Any]

BACKENDS = "/apis/agentgateway.dev/v1alpha1/namespaces/agentgateway-system/agentgatewaybackends"
ROUTES = "/apis/gateway.networking.k8s.io/v1/namespaces/agentgateway-system/httproutes"
SECRETS = "/api/v1/namespaces/agentgateway-system/secrets"
BACKEND_PATH = f"{BACKENDS}/openai-all-models"
KEPT_SECRET = f"{SECRETS}/openai-secret"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
MERGE = "application/merge-patch+json"
STRICT = {"fieldValidation": "Strict"}
HEAD = b'{"kind": "AgentgatewayBackend", "apiVersion": "agentgateway.dev/v1alpha1",'


def _manifest(text: str, **spec: Any) -> Json:
    manifest: Json = yaml.safe_load(text)
    manifest.get("spec", {}).update(spec)
    return manifest


def _patch(client: httpx.Client, path: str, patch: Any, kind: str = MERGE) -> httpx.Response:
    return client.patch(path, content=json.dumps(patch), headers={"content-type": kind})


def _status(response: httpx.Response, code: int, reason: str) -> Json:
    status: Json = response.json()
    assert (response.status_code, status["kind"]) == (code, "Status")
    assert (status["code"], status["reason"], status["status"]) == (code, reason, "Failure")
    return status


def test_an_object_is_created_read_and_listed(client: httpx.Client, api: Api) -> None:
    """What is stored comes back with what the server adds, status included."""
    created = client.post(BACKENDS, json=_manifest(BACKEND))
    assert created.status_code == 201
    read = client.get(BACKEND_PATH).json()
    assert read["spec"]["ai"] == {"provider": {"openai": {"model": "gpt-4o"}}}
    assert read["metadata"]["generation"] == 1
    assert read["status"]["conditions"][0]["type"] == "Accepted"
    listed = client.get(BACKENDS).json()
    assert listed["kind"] == "AgentgatewayBackendList"
    assert [one["metadata"]["name"] for one in listed["items"]] == ["openai-all-models"]
    assert [verb for verb, _ in api.applied] == ["create"]


def test_lists_take_selectors_and_namespaces(client: httpx.Client) -> None:
    """All namespaces or one; labels and metadata.name choose."""
    labelled = _manifest(BACKEND)
    labelled["metadata"]["labels"] = {"tier": "a"}
    client.post(BACKENDS, json=labelled)
    everywhere = "/apis/agentgateway.dev/v1alpha1/agentgatewaybackends"

    def names(path: str, **query: str) -> list[str]:
        items = client.get(path, params=query).json()["items"]
        return [one["metadata"]["name"] for one in items]

    assert names(everywhere) == ["openai-all-models"]
    assert names(BACKENDS.replace("agentgateway-system", "default")) == []
    for chosen in ("tier=a", "tier==a", "tier in (a, b)", "tier", "tier!=b,!other"):
        assert names(everywhere, labelSelector=chosen) == ["openai-all-models"], chosen
    for other in ("tier=b", "tier notin (a)", "!tier", "tier=a,other"):
        assert names(everywhere, labelSelector=other) == [], other
    assert names(everywhere, fieldSelector="metadata.name=openai-all-models") != []
    assert names(everywhere, fieldSelector="metadata.name!=openai-all-models") == []
    bad = client.get(everywhere, params={"labelSelector": "a b c"})
    assert "unable to parse requirement" in _status(bad, 400, "BadRequest")["message"]
    bad = client.get(everywhere, params={"fieldSelector": "spec.x=1"})
    assert "field label not supported" in _status(bad, 400, "BadRequest")["message"]


def test_a_table_is_served_when_it_is_asked_for(client: httpx.Client) -> None:
    """Of a list and of a single object; else JSON."""
    client.post(BACKENDS, json=_manifest(BACKEND))
    for path in (BACKENDS, BACKEND_PATH):
        table = client.get(path, headers={"accept": TABLE}).json()
        assert table["kind"] == "Table"
        assert [row["cells"][0] for row in table["rows"]] == ["openai-all-models"]
    partial = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
    listed = client.get(BACKENDS, headers={"accept": partial}).json()
    assert listed["kind"] == "PartialObjectMetadataList"
    assert "spec" not in listed["items"][0]


def test_the_namespace_comes_from_the_path_and_must_exist(client: httpx.Client) -> None:
    """A body that says otherwise is refused; so is a namespace that is not there."""
    manifest = _manifest(BACKEND)
    del manifest["metadata"]["namespace"]
    created = client.post(BACKENDS.replace("agentgateway-system", "default"), json=manifest)
    assert created.json()["metadata"]["namespace"] == "default"
    elsewhere = client.post(BACKENDS.replace("agentgateway-system", "x"), json=_manifest(BACKEND))
    assert "does not match the namespace" in _status(elsewhere, 400, "BadRequest")["message"]
    missing = client.post(BACKENDS.replace("agentgateway-system", "x"), json=manifest)
    status = _status(missing, 404, "NotFound")
    assert status["message"] == 'namespaces "x" not found'
    assert status["details"] == {"name": "x", "kind": "namespaces"}


def test_an_update_needs_the_version_it_was_made_from(client: httpx.Client) -> None:
    """PUT with an older resourceVersion is a conflict; without one it wins."""
    first = client.post(BACKENDS, json=_manifest(BACKEND)).json()
    changed = json.loads(json.dumps(first))
    changed["spec"]["ai"]["provider"]["openai"]["model"] = "gpt-4o-mini"
    second = client.put(BACKEND_PATH, json=changed).json()
    assert second["metadata"]["generation"] == 2
    _status(client.put(BACKEND_PATH, json=first), 409, "Conflict")
    assert client.put(BACKEND_PATH, json=_manifest(BACKEND)).status_code == 200
    renamed = _manifest(BACKEND)
    renamed["metadata"]["name"] = "other"
    assert "does not match the name" in client.put(BACKEND_PATH, json=renamed).json()["message"]
    _status(client.put(f"{BACKENDS}/other", json=renamed), 404, "NotFound")
    _status(client.post(BACKENDS, json=_manifest(BACKEND)), 409, "AlreadyExists")


def test_patches_merge(client: httpx.Client) -> None:
    """Merge patches delete with null; strategic ones are for built-in kinds only."""
    client.post(BACKENDS, json=_manifest(BACKEND))
    labels = {"metadata": {"labels": {"a": "1", "b": "2"}}}
    assert _patch(client, BACKEND_PATH, labels).json()["metadata"]["labels"] == {"a": "1", "b": "2"}
    gone = _patch(client, BACKEND_PATH, {"metadata": {"labels": {"a": None}}}).json()
    assert gone["metadata"]["labels"] == {"b": "2"}
    strategic = {"metadata": {"labels": {"c": "3"}, "$retainKeys": ["labels"]}}
    kind = "application/strategic-merge-patch+json"
    namespace = _patch(client, "/api/v1/namespaces/default", strategic, kind).json()
    assert namespace["metadata"]["labels"] == {"c": "3"}
    custom = _status(_patch(client, BACKEND_PATH, labels, kind), 415, "UnsupportedMediaType")
    assert custom["message"] == (
        "the body of the request was in an unknown format - accepted media types include:"
        " application/json-patch+json, application/merge-patch+json"
    )
    _status(_patch(client, f"{BACKENDS}/nope", labels), 404, "NotFound")
    _status(_patch(client, BACKEND_PATH, {"spec": None}), 422, "Invalid")
    _status(_patch(client, BACKEND_PATH, 3), 400, "BadRequest")


def test_json_patches_add_remove_replace_and_test(client: httpx.Client) -> None:
    """Operations apply in order or not at all."""
    client.post(ROUTES, json=_manifest(ROUTE))
    path, kind = f"{ROUTES}/openai", "application/json-patch+json"
    operations = [
        {"op": "test", "path": "/spec/rules/0/timeouts/request", "value": "120s"},
        {"op": "replace", "path": "/spec/rules/0/timeouts/request", "value": "60s"},
        {"op": "add", "path": "/spec/hostnames", "value": ["a.example"]},
        {"op": "add", "path": "/spec/hostnames/-", "value": "b.example"},
        {"op": "remove", "path": "/spec/hostnames/0"},
        {"op": "add", "path": "/metadata/annotations", "value": {}},
        {"op": "add", "path": "/metadata/annotations/x~1y", "value": "z"},
    ]
    patched = _patch(client, path, operations, kind).json()
    assert patched["spec"]["hostnames"] == ["b.example"]
    assert patched["spec"]["rules"][0]["timeouts"] == {"request": "60s"}
    assert patched["metadata"]["annotations"] == {"x/y": "z"}
    for bad in (
        [{"op": "test", "path": "/spec/hostnames/0", "value": "no"}],
        [{"op": "remove", "path": "/spec/nope"}],
        [{"op": "add", "path": "/spec/hostnames/9", "value": "no"}],
        [{"op": "move", "path": "/spec"}],
        ["no operation"],
    ):
        _status(_patch(client, path, bad, kind), 422, "Invalid")
    _status(_patch(client, path, {}, kind), 400, "BadRequest")


def test_other_patches_say_what_to_use(client: httpx.Client) -> None:
    """Server-side apply and unknown formats are 415 with a sentence."""
    client.post(BACKENDS, json=_manifest(BACKEND))
    applied = _patch(client, BACKEND_PATH, {}, "application/apply-patch+yaml")
    assert "leave out --server-side" in _status(applied, 415, "UnsupportedMediaType")["message"]
    unknown = _patch(client, BACKEND_PATH, {}, "text/plain")
    assert "merge-patch" in _status(unknown, 415, "UnsupportedMediaType")["message"]


def test_concurrent_patches_all_count(client: httpx.Client, api: Api) -> None:
    """A patch that meets another writer is made again from the new state."""
    client.post(BACKENDS, json=_manifest(BACKEND))
    names = [f"label-{i}" for i in range(4)]

    def label(name: str) -> None:
        with api.client() as own:
            for value in range(5):
                patch = {"metadata": {"labels": {name: str(value)}}}
                assert _patch(own, BACKEND_PATH, patch).status_code in {200, 409}

    threads = [threading.Thread(target=label, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    labels = client.get(BACKEND_PATH).json()["metadata"]["labels"]
    assert set(labels) == set(names)


def test_dry_runs_store_nothing(client: httpx.Client, api: Api) -> None:
    """They answer as if, and tell nobody."""
    query = {"dryRun": "All"}
    assert client.post(BACKENDS, json=_manifest(BACKEND), params=query).status_code == 201
    _status(client.get(BACKEND_PATH), 404, "NotFound")
    bad = client.post(BACKENDS, json=_manifest(BACKEND, zoo=1), params=query | STRICT)
    _status(bad, 400, "BadRequest")
    client.post(BACKENDS, json=_manifest(BACKEND))
    patch = {"spec": {"ai": {"provider": {"openai": {"model": "other"}}}}}
    answer = client.patch(
        BACKEND_PATH, content=json.dumps(patch), params=query, headers={"content-type": MERGE}
    ).json()
    assert answer["spec"]["ai"]["provider"]["openai"]["model"] == "other"
    assert answer["metadata"]["resourceVersion"] == str(api.store.version)
    assert client.delete(BACKEND_PATH, params=query).json()["status"] == "Success"
    assert client.request("DELETE", BACKEND_PATH, json={"dryRun": ["All"]}).is_success
    stored = client.get(BACKEND_PATH).json()
    assert stored["spec"]["ai"]["provider"]["openai"]["model"] == "gpt-4o"
    assert not api.refused
    assert [verb for verb, _ in api.applied] == ["create"]


def test_unknown_fields_are_refused_warned_of_or_dropped(client: httpx.Client) -> None:
    """As fieldValidation says; Warn is the API server's default."""
    manifest = _manifest(BACKEND, **{"zoo": 1, "a.b": {"c": 2}})
    manifest["spec"]["ai"]["provider"]["model"] = "gpt-4o"
    refused = client.post(BACKENDS, json=manifest, params=STRICT)
    message = _status(refused, 400, "BadRequest")["message"]
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
    manifest = _manifest(ROUTE)
    manifest["spec"]["rules"][0]["matches"][0]["path"]["type"] = "Prefix"
    status = _status(client.post(ROUTES, json=manifest), 422, "Invalid")
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
    _status(client.post(BACKENDS, json=_manifest(BACKEND, ai={}), headers=headers), 422, "Invalid")
    assert api.refused == []


def test_warnings_name_fields_that_are_only_stored(client: httpx.Client) -> None:
    """A field of the real CRD that this gateway does not act on is never silently ignored."""
    manifest = _manifest(ROUTE)
    manifest["spec"]["rules"][0]["retry"] = {"attempts": 2}
    (warning,) = client.post(ROUTES, json=manifest).headers.get_list("warning")
    assert warning.startswith('299 - "spec.rules[0].retry: this gateway stores the field')


def test_an_inline_key_is_not_stored(client: httpx.Client, api: Api) -> None:
    """The field stays, redacted; the warning says where the key belongs."""
    manifest = _manifest(BACKEND, policies={"auth": {"key": "sk-canary-0123456789"}})
    created = client.post(BACKENDS, json=manifest)
    assert "it was not stored" in created.headers["warning"]
    assert "canary" not in created.text
    assert "canary" not in json.dumps(list(api.store.all()) + [one for _, one in api.applied])


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
    assert message in _status(response, 400, "BadRequest")["message"]
    assert api.store.version == before


def test_bodies_of_other_kinds_are_told_to_come_as_yaml(client: httpx.Client) -> None:
    """Protobuf is read for what kubectl creates by flags; the rest says what to do instead."""
    unread = b"k8s\0\n\x0e\n\x02v1\x12\x08Endpoint"
    response = client.post(
        SECRETS, content=unread, headers={"content-type": "application/vnd.kubernetes.protobuf"}
    )
    assert "kubectl apply -f FILE" in _status(response, 415, "UnsupportedMediaType")["message"]
    form = client.post(SECRETS, data={"a": "b"})
    assert "application/json" in _status(form, 415, "UnsupportedMediaType")["message"]


def test_a_body_over_the_limit_is_refused(client: httpx.Client) -> None:
    """Whether its length was declared or not."""
    big = b"x" * 5_000_000
    for content in (big, iter([big])):
        response = client.post(
            SECRETS, content=content, headers={"content-type": "application/json"}
        )
        _status(response, 413, "RequestEntityTooLarge")


def test_deleting_answers_success_and_then_404(client: httpx.Client, api: Api) -> None:
    """`kubectl delete --wait` looks for exactly that."""
    uid = client.post(BACKENDS, json=_manifest(BACKEND)).json()["metadata"]["uid"]
    answer = client.delete(BACKEND_PATH).json()
    assert (answer["status"], answer["details"]["uid"]) == ("Success", uid)
    assert answer["details"]["kind"] == "agentgatewaybackends"
    _status(client.get(BACKEND_PATH), 404, "NotFound")
    _status(client.delete(BACKEND_PATH), 404, "NotFound")
    assert [verb for verb, _ in api.applied] == ["create", "delete"]


def test_a_namespace_goes_with_its_content(client: httpx.Client) -> None:
    """All but `default`, which a cluster keeps as well."""
    client.post(BACKENDS, json=_manifest(BACKEND))
    assert client.delete("/api/v1/namespaces/agentgateway-system").is_success
    _status(client.get(BACKEND_PATH), 404, "NotFound")
    assert client.get("/api/v1/secrets").json()["items"] == []
    _status(client.delete("/api/v1/namespaces/default"), 403, "Forbidden")


def test_unknown_paths_and_methods_are_status_objects(client: httpx.Client) -> None:
    """Also for kinds that a cluster has and the lab has not."""
    for path in ("/apis/apps/v1/statefulsets", "/api/v2", "/openapi/v3/apis/batch/v1"):
        _status(client.get(path), 404, "NotFound")
    _status(client.delete(BACKENDS), 405, "MethodNotAllowed")
    _status(client.put(BACKENDS, json={}), 405, "MethodNotAllowed")


def test_events_are_an_empty_list(client: httpx.Client) -> None:
    """`kubectl describe` asks for them."""
    assert client.get("/api/v1/namespaces/default/events").json()["items"] == []
    assert client.get("/api/v1/events", headers={"accept": TABLE}).json()["rows"] == []


def test_a_provided_secret_shows_a_placeholder(client: httpx.Client, api: Api) -> None:
    """Read in any form, the key of the environment is not there; written back, nothing changes."""
    for path, accept in ((KEPT_SECRET, "*/*"), (SECRETS, "*/*"), (SECRETS, TABLE)):
        query = {"includeObject": "Object"}
        text = client.get(path, headers={"accept": accept}, params=query).text
        assert KEPT_KEY not in text
        assert PLACEHOLDER in text
    shown = client.get(KEPT_SECRET).json()
    assert client.put(KEPT_SECRET, json=shown).is_success
    assert _patch(client, KEPT_SECRET, {"metadata": {"labels": {"a": "b"}}}).is_success
    key = Key("", "Secret", "agentgateway-system", "openai-secret")
    assert api.store.is_provided(key)
    kept = api.store.get(key)
    assert (kept["data"], kept["metadata"]["labels"]) == ({"Authorization": KEPT_KEY}, {"a": "b"})
    mixed = {"data": {"other": base64.b64encode(b"x").decode()}}
    assert (
        "kept by the lab"
        in _status(_patch(client, KEPT_SECRET, mixed), 403, "Forbidden")["message"]
    )


def test_a_learners_secret_replaces_a_provided_one(client: httpx.Client, api: Api) -> None:
    """Typed by the learner, it is stored and shown as typed; callbacks get no values."""
    own = {"stringData": {"Authorization": "my-own-key"}}
    assert _patch(client, KEPT_SECRET, own).is_success
    encoded = base64.b64encode(b"my-own-key").decode()
    assert client.get(KEPT_SECRET).json()["data"] == {"Authorization": encoded}
    assert "stringData" not in client.get(KEPT_SECRET).json()
    assert encoded not in json.dumps(api.applied)
    assert "my-own-key" not in json.dumps(api.applied)


def test_bad_secrets_are_refused_as_the_decoder_does(client: httpx.Client, api: Api) -> None:
    """Core kinds are decoded before they are validated: 400, not 422; no values in the record."""
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}
    for data, message in (
        ({"k": "not base64!"}, "illegal base64 data at input byte 3"),
        ({"k": "abcde"}, "illegal base64 data at input byte 4"),
        ({"k": 1}, "cannot unmarshal number into Go struct field Secret.data of type []uint8"),
        ([], "cannot unmarshal array into Go struct field Secret.data of type map[string]string"),
    ):
        response = client.post(SECRETS, json={**manifest, "data": data})
        assert message in _status(response, 400, "BadRequest")["message"]
    assert all(isinstance(error, BadManifest) for _, error in api.refused)
    assert "not base64!" not in json.dumps([one for one, _ in api.refused])
