"""An AgentgatewayBackend and its Secret → what a request needs, or why it cannot be had."""

from __future__ import annotations

from typing import Any

import pytest

from labgateway.decisions.backends import Address, Backend, Credential, HTTPBackend, translate
from labgateway.shapes.agentgateway import AgentgatewayBackend
from labgateway.shapes.core import Secret
from tests.decisions.resources import BACKEND, NAMESPACE, Json, admitted, backend, secret


def any_translated(spec: Json, *secrets: Json) -> Backend | HTTPBackend:
    """The backend in force."""
    resource = admitted(backend(spec))
    assert isinstance(resource, AgentgatewayBackend)
    held = [admitted(one) for one in secrets]
    return translate(resource, {one.key: one for one in held if isinstance(one, Secret)})


def translated(spec: Json, *secrets: Json) -> Backend:
    """One that speaks to a provider, or would without its problem."""
    found = any_translated(spec, *secrets)
    assert isinstance(found, Backend)
    return found


def static(host: str, port: int = 80, auth: Json | None = None) -> Json:
    """A spec with a server that gets requests as they are."""
    spec: Json = {"static": {"host": host, "port": port}}
    return {**spec, "policies": {"auth": auth}} if auth is not None else spec


def openai(auth: Json | None = None, **provider: Any) -> Json:
    """A spec with the openai provider."""
    spec: Json = {"ai": {"provider": {"openai": {}, **provider}}}
    return {**spec, "policies": {"auth": auth}} if auth is not None else spec


FROM_SECRET = {"secretRef": {"name": "openai-secret"}}


def test_the_provider_alone_means_its_own_address_and_the_clients_model() -> None:
    """``openai: {}``."""
    assert translated(openai()) == Backend(BACKEND)


def test_every_field_of_a_provider_is_carried_over() -> None:
    """Model, host and port, path."""
    spec = openai(openai={"model": "gpt-4o"}, host="mock", port=8000, path="/v1/x")
    assert translated(spec) == Backend(
        BACKEND, model="gpt-4o", address=Address("mock", 8000), path="/v1/x"
    )
    assert translated(openai(host="mock", port=80, pathPrefix="/api")).path_prefix == "/api"


@pytest.mark.parametrize(
    ("value", "token"),
    [
        ("Bearer sk-1", "sk-1"),
        ("sk-1", "sk-1"),
        ("Bearer sk-1\r\n", "sk-1"),
        ("  Bearer   sk-1  ", "sk-1"),
        ("bearer sk-1", "bearer sk-1"),
    ],
)
def test_the_key_is_the_secrets_entry_without_bearer(value: str, token: str) -> None:
    """A line end that came with it is no part of it (F25)."""
    found = translated(openai(FROM_SECRET), secret({"Authorization": value}))
    assert (found.credential.token if found.credential else None, found.problem) == (token, None)


def test_another_entry_may_be_named() -> None:
    """``secretRef.key``."""
    auth = {"secretRef": {"name": "openai-secret", "key": "token"}}
    found = translated(openai(auth), secret({"Authorization": "a", "token": "b"}))
    assert found.credential is not None
    assert found.credential.token == "b"


@pytest.mark.parametrize(
    ("auth", "entries", "problem"),
    [
        (FROM_SECRET, None, f"secret {NAMESPACE}/openai-secret not found"),
        (
            FROM_SECRET,
            {"authorization": "Bearer sk-1"},
            f"secret {NAMESPACE}/openai-secret missing Authorization value",
        ),
        (FROM_SECRET, {"Authorization": ""}, "the Authorization value holds no key"),
        (FROM_SECRET, {"Authorization": "Bearer "}, "the Authorization value holds no key"),
        (FROM_SECRET, {"Authorization": "sk-1\r\nHost: evil"}, "value cannot be sent as a header"),
        (FROM_SECRET, {"Authorization": "sk-ключ"}, "value cannot be sent as a header"),
        ({"key": "sk-inline"}, None, "policies.auth.key was not stored; use secretRef"),
        ({"key": ""}, None, "policies.auth.key was not stored; use secretRef"),
        ({"aws": {}}, None, "this kind of policies.auth is not acted on here; use secretRef"),
    ],
)
def test_a_credential_that_cannot_be_had_is_a_problem(
    auth: Json, entries: dict[str, str] | None, problem: str
) -> None:
    """The sentence is the controller's, and never has the value in it."""
    found = translated(openai(auth), *([secret(entries)] if entries is not None else []))
    assert found.credential is None
    assert found.problem is not None
    assert found.problem.startswith("failed to translate backend: ")
    assert problem in found.problem
    assert not any("sk-" in word for word in found.problem.split() if "openai-secret" not in word)


def test_no_auth_and_passthrough_leave_the_clients_own() -> None:
    """Passthrough says so."""
    assert translated(openai()).credential is None
    assert translated(openai({"passthrough": {}})).passthrough


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (
            {"ai": {"provider": {"anthropic": {}}}},
            "provider anthropic is not spoken here; this gateway speaks openai",
        ),
        (
            {"ai": {"groups": [{"providers": [{"name": "a", "openai": {}}]}]}},
            "ai.groups is not acted on here; use ai.provider",
        ),
        (
            {"static": {"unixPath": "/run/a"}},
            "only spec.ai and spec.static with host and port are acted on here",
        ),
        (static("a/b"), "host 'a/b' is not a host name"),
        (
            static("a", auth=FROM_SECRET),
            f"secret {NAMESPACE}/openai-secret not found",
        ),
    ],
)
def test_what_is_stored_but_not_spoken_says_so(spec: Json, problem: str) -> None:
    """Rather than being silently ignored."""
    assert translated(spec).problem == f"failed to translate backend: {problem}"


@pytest.mark.parametrize(
    ("host", "port", "asked_for"),
    [
        ("127.0.0.1", 3000, None),
        ("::1", 80, None),
        ("echo.svc", 80, "echo.svc"),
        ("echo.svc", 3000, "echo.svc:3000"),
    ],
)
def test_a_static_server_with_a_name_is_asked_for_by_it(
    host: str, port: int, asked_for: str | None
) -> None:
    """One with an address gets the client's own Host."""
    assert any_translated(static(host, port)) == HTTPBackend(
        BACKEND, (Address(host, port),), host=asked_for
    )


def test_a_static_server_gets_the_key_of_its_secret() -> None:
    """As a provider does."""
    key = secret({"Authorization": "Bearer sk-1"})
    found = any_translated(static("a", auth=FROM_SECRET), key)
    assert found.credential == Credential("sk-1")


@pytest.mark.parametrize(
    "host",
    [
        "evil.com#",
        "a@b",
        "a/b",
        "a?b",
        "a:80",
        "[",
        "[::1",
        "a b",
        "\u2100.com",
        "http://a",
        "a..",
        "\\",
    ],
)
def test_a_host_that_is_more_or_less_than_a_host_is_a_problem(host: str) -> None:
    """Nothing in it may become another part of the URL (F29), and nothing may crash."""
    assert translated(openai(host=host, port=80)).problem == (
        f"failed to translate backend: host {host!r} is not a host name"
    )


@pytest.mark.parametrize("host", ["mock", "MOCK.svc", "127.0.0.1", "api.openai.com.", "a_b"])
def test_host_names_and_addresses_are_fine(host: str) -> None:
    """In any case, with the root's dot, with an underscore."""
    assert translated(openai(host=host, port=80)).problem is None


def test_a_credential_never_shows() -> None:
    """Not in the repr of anything that holds it."""
    found = translated(openai(FROM_SECRET), secret({"Authorization": "Bearer sk-canary-1"}))
    assert "canary" not in repr(found)
