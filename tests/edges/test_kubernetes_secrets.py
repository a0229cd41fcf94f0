"""Secrets and keys over the Kubernetes API."""

from __future__ import annotations

import base64
import json

import httpx

from labgateway.decisions.secret_values import PLACEHOLDER
from labgateway.shapes.resource import Key
from labgateway.words.errors import BadManifest
from tests.edges.objects import (
    BACKENDS,
    KEPT_SECRET,
    SECRETS,
    TABLE,
    manifest_of,
    patch,
    refusal_of,
)
from tests.kubernetes_api import BACKEND, KEPT_KEY, Api


def test_an_inline_key_is_not_stored(client: httpx.Client, api: Api) -> None:
    """The field stays, redacted; the warning says where the key belongs."""
    manifest = manifest_of(BACKEND, policies={"auth": {"key": "sk-canary-0123456789"}})
    created = client.post(BACKENDS, json=manifest)
    assert "it was not stored" in created.headers["warning"]
    assert "canary" not in created.text
    assert "canary" not in json.dumps(list(api.store.all()) + [one for _, one in api.applied])


def test_a_provided_secret_shows_a_placeholder(client: httpx.Client, api: Api) -> None:
    """Read in any form, the key of the environment is not there; written back, nothing changes."""
    for path, accept in ((KEPT_SECRET, "*/*"), (SECRETS, "*/*"), (SECRETS, TABLE)):
        query = {"includeObject": "Object"}
        text = client.get(path, headers={"accept": accept}, params=query).text
        assert KEPT_KEY not in text
        assert PLACEHOLDER in text
    shown = client.get(KEPT_SECRET).json()
    assert client.put(KEPT_SECRET, json=shown).is_success
    assert patch(client, KEPT_SECRET, {"metadata": {"labels": {"a": "b"}}}).is_success
    key = Key("", "Secret", "agentgateway-system", "openai-secret")
    assert api.store.is_provided(key)
    kept = api.store.get(key)
    assert (kept["data"], kept["metadata"]["labels"]) == ({"Authorization": KEPT_KEY}, {"a": "b"})
    mixed = {"data": {"other": base64.b64encode(b"x").decode()}}
    assert (
        "kept by the lab"
        in refusal_of(patch(client, KEPT_SECRET, mixed), 403, "Forbidden")["message"]
    )


def test_a_learners_secret_replaces_a_provided_one(client: httpx.Client, api: Api) -> None:
    """Typed by the learner, it is stored and shown as typed; callbacks get no values."""
    own = {"stringData": {"Authorization": "my-own-key"}}
    assert patch(client, KEPT_SECRET, own).is_success
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
        assert message in refusal_of(response, 400, "BadRequest")["message"]
    assert all(isinstance(error, BadManifest) for _, error in api.refused)
    assert "not base64!" not in json.dumps([one for one, _ in api.refused])
