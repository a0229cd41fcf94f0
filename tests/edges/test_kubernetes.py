"""The Kubernetes API over HTTP: reads, writes, patches."""

from __future__ import annotations

import json
import re
import threading

import httpx

from tests.edges.objects import (
    BACKEND_PATH,
    BACKENDS,
    MERGE,
    ROUTES,
    STRICT,
    TABLE,
    manifest_of,
    patch,
    refusal_of,
)
from tests.kubernetes_api import BACKEND, ROUTE, Api


def test_an_object_is_created_read_and_listed(client: httpx.Client, api: Api) -> None:
    """What is stored comes back with what the server adds, status included."""
    created = client.post(BACKENDS, json=manifest_of(BACKEND))
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
    labelled = manifest_of(BACKEND)
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
    assert "unable to parse requirement" in refusal_of(bad, 400, "BadRequest")["message"]
    bad = client.get(everywhere, params={"fieldSelector": "spec.x=1"})
    assert "field label not supported" in refusal_of(bad, 400, "BadRequest")["message"]


def test_a_table_is_served_when_it_is_asked_for(client: httpx.Client) -> None:
    """Of a list and of a single object; else JSON."""
    client.post(BACKENDS, json=manifest_of(BACKEND))
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
    manifest = manifest_of(BACKEND)
    del manifest["metadata"]["namespace"]
    created = client.post(BACKENDS.replace("agentgateway-system", "default"), json=manifest)
    assert created.json()["metadata"]["namespace"] == "default"
    elsewhere = client.post(BACKENDS.replace("agentgateway-system", "x"), json=manifest_of(BACKEND))
    assert "does not match the namespace" in refusal_of(elsewhere, 400, "BadRequest")["message"]
    missing = client.post(BACKENDS.replace("agentgateway-system", "x"), json=manifest)
    status = refusal_of(missing, 404, "NotFound")
    assert status["message"] == 'namespaces "x" not found'
    assert status["details"] == {"name": "x", "kind": "namespaces"}


def test_an_update_needs_the_version_it_was_made_from(client: httpx.Client) -> None:
    """PUT with an older resourceVersion is a conflict; without one it wins."""
    first = client.post(BACKENDS, json=manifest_of(BACKEND)).json()
    changed = json.loads(json.dumps(first))
    changed["spec"]["ai"]["provider"]["openai"]["model"] = "gpt-4o-mini"
    second = client.put(BACKEND_PATH, json=changed).json()
    assert second["metadata"]["generation"] == 2
    refusal_of(client.put(BACKEND_PATH, json=first), 409, "Conflict")
    assert client.put(BACKEND_PATH, json=manifest_of(BACKEND)).status_code == 200
    renamed = manifest_of(BACKEND)
    renamed["metadata"]["name"] = "other"
    assert "does not match the name" in client.put(BACKEND_PATH, json=renamed).json()["message"]
    refusal_of(client.put(f"{BACKENDS}/other", json=renamed), 404, "NotFound")
    refusal_of(client.post(BACKENDS, json=manifest_of(BACKEND)), 409, "AlreadyExists")


def test_patches_merge(client: httpx.Client) -> None:
    """Merge patches delete with null; strategic ones are for built-in kinds only."""
    client.post(BACKENDS, json=manifest_of(BACKEND))
    labels = {"metadata": {"labels": {"a": "1", "b": "2"}}}
    assert patch(client, BACKEND_PATH, labels).json()["metadata"]["labels"] == {"a": "1", "b": "2"}
    gone = patch(client, BACKEND_PATH, {"metadata": {"labels": {"a": None}}}).json()
    assert gone["metadata"]["labels"] == {"b": "2"}
    strategic = {"metadata": {"labels": {"c": "3"}, "$retainKeys": ["labels"]}}
    kind = "application/strategic-merge-patch+json"
    namespace = patch(client, "/api/v1/namespaces/default", strategic, kind).json()
    assert namespace["metadata"]["labels"] == {"c": "3"}
    custom = refusal_of(patch(client, BACKEND_PATH, labels, kind), 415, "UnsupportedMediaType")
    assert custom["message"] == (
        "the body of the request was in an unknown format - accepted media types include:"
        " application/json-patch+json, application/merge-patch+json"
    )
    refusal_of(patch(client, f"{BACKENDS}/nope", labels), 404, "NotFound")
    refusal_of(patch(client, BACKEND_PATH, {"spec": None}), 422, "Invalid")
    refusal_of(patch(client, BACKEND_PATH, 3), 400, "BadRequest")


def test_json_patches_are_done_as_a_whole_or_not_at_all(client: httpx.Client) -> None:
    """An object that was patched is admitted like any other."""
    client.post(ROUTES, json=manifest_of(ROUTE))
    path, kind = f"{ROUTES}/openai", "application/json-patch+json"
    operations = [
        {"op": "test", "path": "/spec/rules/0/timeouts/request", "value": "120s"},
        {"op": "add", "path": "/spec/hostnames", "value": ["a.example"]},
        {"op": "copy", "from": "/metadata/name", "path": "/spec/rules/0/name"},
        {"op": "move", "from": "/spec/rules/0/timeouts", "path": "/spec/rules/0/timeouts"},
    ]
    spec = patch(client, path, operations, kind).json()["spec"]
    assert spec["hostnames"] == ["a.example"]
    assert (spec["rules"][0]["name"], spec["rules"][0]["timeouts"]) == (
        "openai",
        {"request": "120s"},
    )
    refused: list[list[object]] = [
        [
            {"op": "add", "path": "/spec/hostnames/-", "value": "b.example"},
            {"op": "remove", "path": "/spec/nope"},
        ],
        [{"op": "copy", "from": "/spec/rules", "path": "/spec/hostnames"}],
        ["no operation"],
    ]
    for misfits in refused:
        refusal_of(patch(client, path, misfits, kind), 422, "Invalid")
    assert client.get(path).json()["spec"] == spec
    nothing_left = [{"op": "remove", "path": ""}]
    refusal_of(patch(client, path, nothing_left, kind), 400, "BadRequest")
    refusal_of(patch(client, path, {}, kind), 400, "BadRequest")


def test_concurrent_patches_all_count(client: httpx.Client, api: Api) -> None:
    """A patch that meets another writer is made again from the new state."""
    client.post(BACKENDS, json=manifest_of(BACKEND))
    names = [f"label-{i}" for i in range(4)]

    def label(name: str) -> None:
        with api.client() as own:
            for value in range(5):
                change = {"metadata": {"labels": {name: str(value)}}}
                assert patch(own, BACKEND_PATH, change).status_code in {200, 409}

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
    assert client.post(BACKENDS, json=manifest_of(BACKEND), params=query).status_code == 201
    refusal_of(client.get(BACKEND_PATH), 404, "NotFound")
    bad = client.post(BACKENDS, json=manifest_of(BACKEND, zoo=1), params=query | STRICT)
    refusal_of(bad, 400, "BadRequest")
    client.post(BACKENDS, json=manifest_of(BACKEND))
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


def test_deleting_answers_success_and_then_404(client: httpx.Client, api: Api) -> None:
    """`kubectl delete --wait` looks for exactly that."""
    uid = client.post(BACKENDS, json=manifest_of(BACKEND)).json()["metadata"]["uid"]
    answer = client.delete(BACKEND_PATH).json()
    assert (answer["status"], answer["details"]["uid"]) == ("Success", uid)
    assert answer["details"]["kind"] == "agentgatewaybackends"
    refusal_of(client.get(BACKEND_PATH), 404, "NotFound")
    refusal_of(client.delete(BACKEND_PATH), 404, "NotFound")
    assert [verb for verb, _ in api.applied] == ["create", "delete"]


def test_a_namespace_goes_with_its_content(client: httpx.Client) -> None:
    """All but `default`, which a cluster keeps as well."""
    client.post(BACKENDS, json=manifest_of(BACKEND))
    assert client.delete("/api/v1/namespaces/agentgateway-system").is_success
    refusal_of(client.get(BACKEND_PATH), 404, "NotFound")
    assert client.get("/api/v1/secrets").json()["items"] == []
    refusal_of(client.delete("/api/v1/namespaces/default"), 403, "Forbidden")


def test_events_are_an_empty_list(client: httpx.Client) -> None:
    """`kubectl describe` asks for them."""
    assert client.get("/api/v1/namespaces/default/events").json()["items"] == []
    assert client.get("/api/v1/events", headers={"accept": TABLE}).json()["rows"] == []


def test_a_name_is_made_where_only_its_beginning_is_given(client: httpx.Client) -> None:
    """`generateName`, as `kubectl create -f` sends it on; what the server owns is its own."""
    manifest = manifest_of(ROUTE)
    manifest["metadata"] = {"generateName": "route-", "deletionTimestamp": "x", "managedFields": []}
    names = [client.post(ROUTES, json=manifest).json()["metadata"]["name"] for _ in range(2)]
    assert names[0] != names[1]
    for name in names:
        assert re.fullmatch("route-[a-z0-9]{5}", name)
        metadata = client.get(f"{ROUTES}/{name}").json()["metadata"]
        assert not {"deletionTimestamp", "managedFields"} & set(metadata)
