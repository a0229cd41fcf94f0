"""What the API server would refuse is refused here, with the same field path and words."""

from __future__ import annotations

from typing import Any

import pytest

from labgateway.decisions.admission import admit
from labgateway.shapes.kinds import kind_of
from labgateway.words.errors import BadManifest, Invalid
from tests.decisions.refused_manifests import REFUSED, REFUSED_EARLY, UNKNOWN
from tests.decisions.resources import (
    Json,
    backend,
    gateway,
    gateway_class,
    matching,
    prefix,
    refusal,
    route,
    secret,
)

RULES_SKIPPED = (
    '<nil>: Invalid value: "null": some validation rules were not checked because the object was'
    " invalid; correct the existing errors to complete validation"
)


@pytest.mark.parametrize(("manifest", "cause"), REFUSED)
def test_a_broken_rule_is_named_with_field_and_value(manifest: Json, cause: str) -> None:
    """One broken rule, one cause, and the whole in the API server's frame."""
    error = refusal(manifest)
    assert isinstance(error, Invalid)
    (found,) = error.causes
    assert cause in str(found)
    kind, group = manifest["kind"], manifest["apiVersion"].partition("/")[0]
    name = manifest["metadata"]["name"]
    assert str(error) == f'{kind}.{group} "{name}" is invalid: {found}'


@pytest.mark.parametrize(("manifest", "cause"), REFUSED_EARLY)
def test_a_wrong_type_stops_the_rules(manifest: Json, cause: str) -> None:
    """A wrong type, a missing or unsupported value: rules were not checked, as a second cause."""
    error = refusal(manifest)
    assert [str(one) for one in error.causes] == [cause, RULES_SKIPPED]


@pytest.mark.parametrize(("manifest", "field"), UNKNOWN)
def test_an_unknown_field_is_refused_by_strict_decoding(manifest: Json, field: str) -> None:
    """Before anything else is looked at."""
    error = refusal(manifest)
    assert isinstance(error, BadManifest)
    version = manifest["apiVersion"].rpartition("/")[2]
    assert str(error) == (
        f'{manifest["kind"]} in version "{version}" cannot be handled as a {manifest["kind"]}:'
        f' strict decoding error: unknown field "{field}"'
    )
    assert [one.field for one in error.causes] == [field]


def test_every_broken_rule_is_reported_at_once() -> None:
    """Not one after the other."""
    error = refusal(route({"timeouts": {"request": "120"}}, matching(prefix("openai"))))
    assert [one.field for one in error.causes] == [
        "spec.rules[0].timeouts.request",
        "spec.rules[1].matches[0].path",
    ]


@pytest.mark.parametrize(
    "manifest",
    [
        backend(),
        backend({"ai": {"provider": {"openai": {"model": "gpt-4o"}}}}),
        route(),
        route(matching(prefix("/openai", method="POST")), hostnames=["*.example.com"]),
        gateway(),
        gateway_class(),
        secret({"Authorization": "Bearer sk-1"}),
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team-a"}},
    ],
)
def test_good_manifests_are_admitted_without_warnings(manifest: Json) -> None:
    """One of each served kind, and what is stored is admitted again, unchanged."""
    kind = kind_of(manifest["apiVersion"], manifest["kind"])
    assert kind is not None
    first = admit(kind, manifest)
    assert first.warnings == ()
    assert admit(kind, first.manifest).manifest == first.manifest


def test_what_is_stored_has_the_defaults() -> None:
    """As ``kubectl get -o yaml`` would show them."""
    kind = kind_of("gateway.networking.k8s.io/v1", "HTTPRoute")
    assert kind is not None
    assert admit(kind, route()).manifest["spec"] == {
        "parentRefs": [
            {
                "group": "gateway.networking.k8s.io",
                "kind": "Gateway",
                "namespace": "agentgateway-system",
                "name": "agentgateway",
            }
        ],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "backendRefs": [
                    {
                        "group": "agentgateway.dev",
                        "kind": "AgentgatewayBackend",
                        "name": "openai-all-models",
                        "weight": 1,
                    }
                ],
            }
        ],
    }


def test_fields_that_are_stored_but_not_acted_on_are_warned_about() -> None:
    """With their path, so that the learner can find them."""
    kind = kind_of("gateway.networking.k8s.io/v1", "HTTPRoute")
    assert kind is not None
    filters = [
        {"type": "URLRewrite", "urlRewrite": {"hostname": "a.b"}},
        {"type": "CORS", "cors": {"allowMethods": ["GET"]}},
    ]
    rule = {"filters": filters, "retry": {"attempts": 2}}
    assert [one.partition(": ")[0] for one in admit(kind, route(rule)).warnings] == [
        "spec.rules[0].filters[1].cors",
        "spec.rules[0].retry",
    ]
    (said,) = admit(kind, route({"retry": {}})).warnings
    assert said == "spec.rules[0].retry: this gateway stores the field and does not act on it"


def test_a_backends_stored_fields_are_warned_about() -> None:
    """The outermost of them; what is acted on gets no warning."""
    kind = kind_of("agentgateway.dev/v1alpha1", "AgentgatewayBackend")
    assert kind is not None
    provider: Json = {"provider": {"openai": {}}}
    policies = {"auth": {"secretRef": {"name": "a"}}, "ai": {"prompt": {}}, "http": {}}
    for spec, paths in (
        ({"static": {"host": "a", "port": 80}}, []),
        ({"static": {"unixPath": "/a"}}, ["spec.static.unixPath"]),
        ({"ai": {"groups": [{"providers": [{"name": "a", "openai": {}}]}]}}, ["spec.ai.groups"]),
        ({"ai": provider, "policies": policies}, ["spec.policies.http", "spec.policies.ai"]),
        ({"ai": {"provider": {"anthropic": {}}}}, ["spec.ai.provider.anthropic"]),
    ):
        warned = [one.partition(": ")[0] for one in admit(kind, backend(spec)).warnings]
        assert warned == paths


def test_a_namespace_is_a_single_label() -> None:
    """Dots are for other kinds' names."""
    error = refusal({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team.a"}})
    assert [one.field for one in error.causes] == ["metadata.name"]


@pytest.mark.parametrize("metadata", ["openai", 5, [], None, True])
def test_metadata_that_is_no_mapping_is_refused(metadata: Any) -> None:
    """As an error of the manifest, not of the gateway."""
    assert "AgentgatewayBackend" in str(refusal({**backend(), "metadata": metadata}))


def test_an_unknown_field_is_refused_although_it_is_null() -> None:
    """`openai: {model:gpt-4o}`, the space forgotten, is a field of its own and not an empty map."""
    spec = {"ai": {"provider": {"openai": {"model:gpt-4o": None}}}}
    manifest = {
        "apiVersion": "agentgateway.dev/v1alpha1",
        "kind": "AgentgatewayBackend",
        "metadata": {"name": "x", "creationTimestamp": None},
        "spec": spec,
    }
    kind = kind_of("agentgateway.dev/v1alpha1", "AgentgatewayBackend")
    assert kind is not None

    with pytest.raises(BadManifest, match=r'unknown field "spec.ai.provider.openai.model:gpt-4o"'):
        admit(kind, manifest)
