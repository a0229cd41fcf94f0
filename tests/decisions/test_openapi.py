"""Discovery and OpenAPI documents: what kubectl looks for in them."""

from __future__ import annotations

import json

from labgateway.decisions.explaining import explained
from labgateway.decisions.openapi import (
    api_groups,
    api_resources,
    custom_resource_definitions,
    openapi_document,
    openapi_index,
)
from labgateway.shapes.kinds import KINDS, SERVED

ROUTES = "gateway.networking.k8s.io/v1"


def _schema(api_version: str, name: str) -> dict[str, object]:
    document = openapi_document(api_version)
    assert document is not None
    found: dict[str, object] = document["components"]["schemas"][name]
    return found


def test_every_kind_is_discovered() -> None:
    """Each kind is in the resources of its group version, with its short names and verbs."""
    for kind in SERVED:
        listed = api_resources(kind.api_version)
        assert listed is not None
        found = next(one for one in listed["resources"] if one["kind"] == kind.kind)
        assert found["name"] == kind.plural
        assert found["namespaced"] is kind.namespaced
        assert found["shortNames"] == list(kind.short_names)
        assert {"get", "list", "watch"} <= set(found["verbs"])


def test_the_gateways_own_can_only_be_read() -> None:
    """Of the Pod there is a log besides; both are in the category that `get all` asks for."""
    for api_version, name in (("v1", "pods"), ("apps/v1", "deployments")):
        listed = api_resources(api_version)
        assert listed is not None
        found = next(one for one in listed["resources"] if one["name"] == name)
        assert (found["verbs"], found["categories"]) == (["get", "list", "watch"], ["all"])
    core = api_resources("v1")
    assert core is not None
    log = next(one for one in core["resources"] if one["name"] == "pods/log")
    assert (log["kind"], log["verbs"]) == ("Pod", ["get"])


def test_groups_name_their_versions() -> None:
    """The core group is not among the named groups."""
    names = [group["name"] for group in api_groups()["groups"]]
    assert names == ["discovery.k8s.io", "gateway.networking.k8s.io", "agentgateway.dev", "apps"]
    gateway_api = api_groups()["groups"][1]
    assert [one["version"] for one in gateway_api["versions"]] == ["v1", "v1beta1"]
    assert gateway_api["preferredVersion"]["version"] == "v1"
    assert api_resources("batch/v1") is None
    assert openapi_document("batch/v1") is None


def test_the_index_leads_to_every_group_version() -> None:
    """The hash changes with the document, so that kubectl's cache does."""
    paths = openapi_index()["paths"]
    assert set(paths) == {
        *("api/v1", f"apis/{ROUTES}", "apis/agentgateway.dev/v1alpha1", "apis/apps/v1"),
        *("apis/discovery.k8s.io/v1", "apis/gateway.networking.k8s.io/v1beta1"),
    }
    for path, one in paths.items():
        assert one["serverRelativeURL"].startswith(f"/openapi/v3/{path}?hash=")


def test_writes_list_field_validation() -> None:
    """Validation is left to the server only where the operations have the parameter."""
    document = openapi_document(ROUTES)
    assert document is not None
    operations = [one for path in document["paths"].values() for one in path.items()]
    writes = [one for verb, one in operations if verb in {"post", "put", "patch"}]
    assert len(writes) == 9
    for one in writes:
        assert {"fieldValidation", "dryRun", "fieldManager"} <= {
            p["name"] for p in one["parameters"]
        }
        assert one["x-kubernetes-group-version-kind"]["group"] == "gateway.networking.k8s.io"


def test_schemas_have_no_references_inside_but_metadata() -> None:
    """As in a CRD, the fields of a kind are written out; only metadata is shared."""
    schema = _schema(ROUTES, "io.k8s.networking.gateway.v1.HTTPRoute")
    text = json.dumps(schema)
    assert text.count("$ref") == 1
    assert "$defs" not in text
    assert "anyOf" not in text
    assert "x-unacted" not in text


def test_schemas_tell_types_bounds_and_choices() -> None:
    """What the shapes demand is in the schema, under the names on the wire."""
    schema = _schema(ROUTES, "io.k8s.networking.gateway.v1.HTTPRoute")
    spec = schema["properties"]["spec"]["properties"]  # type: ignore[index]
    path = spec["rules"]["items"]["properties"]["matches"]["items"]["properties"]["path"]
    assert path["properties"]["type"]["enum"] == ["Exact", "PathPrefix", "RegularExpression"]
    assert path["properties"]["type"]["default"] == "PathPrefix"
    assert spec["hostnames"]["maxItems"] == 16
    assert spec["rules"]["description"].startswith("Matches, of which one is enough")


def test_a_field_that_is_not_acted_on_says_so() -> None:
    """`kubectl explain` shows which fields this gateway only stores."""
    schema = _schema("agentgateway.dev/v1alpha1", "dev.agentgateway.v1alpha1.AgentgatewayBackend")
    spec = schema["properties"]["spec"]["properties"]  # type: ignore[index]
    assert "does not act on it" in spec["dynamicForwardProxy"]["description"]
    assert "does not act on it" not in json.dumps(schema["properties"]["status"])  # type: ignore[index]


def test_parts_that_nothing_reads_are_explained_too() -> None:
    """Their fields, types, choices and bounds, as those of every other part."""
    schema = _schema("agentgateway.dev/v1alpha1", "dev.agentgateway.v1alpha1.AgentgatewayBackend")
    spec = schema["properties"]["spec"]["properties"]  # type: ignore[index]
    ai = spec["policies"]["properties"]["ai"]
    assert "does not act on it" in ai["description"]
    guard = ai["properties"]["promptGuard"]["properties"]
    assert guard["streaming"]["enum"] == ["Enabled"]
    assert guard["request"]["maxItems"] == 8
    regex = guard["request"]["items"]["properties"]["regex"]["properties"]
    assert regex["action"]["default"] == "Mask"
    formats = spec["ai"]["properties"]["provider"]["properties"]["custom"]
    assert formats["required"] == ["formats"]


def test_numbers_to_choose_from_are_explained() -> None:
    """They are printed as text."""
    document = openapi_document(ROUTES)
    assert document is not None
    path = ["spec", "rules", "filters", "requestRedirect"]
    assert "enum: 301, 302" in explained(
        document, "gateway.networking.k8s.io", "v1", "HTTPRoute", path, recursive=False
    )


def test_named_groups_are_listed_as_crds() -> None:
    """CRDs are asked for when a manifest's version is not in OpenAPI; EndpointSlices have none."""
    kinds = {one["spec"]["names"]["kind"] for one in custom_resource_definitions()["items"]}
    built_in = {"Namespace", "Secret", "Service", "EndpointSlice"}
    assert kinds == {kind.kind for kind in KINDS} - built_in
