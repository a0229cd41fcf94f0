"""The real kubectl against the Kubernetes API: what it prints, and its exit codes."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.kubernetes_api import (
    BACKEND,
    BAD_MANIFESTS,
    KEPT_KEY,
    PUBLISHED,
    ROUTE,
    SECRET,
    Api,
    changed,
)
from tests.terminals import Terminal, terminal

pytestmark = pytest.mark.slow  # real processes

NS = ("-n", "agentgateway-system")


@pytest.fixture(scope="session")
def kube_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where kubectl keeps what it discovered."""
    return tmp_path_factory.mktemp("kube")


@pytest.fixture
def shell(api: Api, kube_home: Path, tmp_path: Path) -> Terminal:
    """A terminal with kubectl."""
    return terminal(api, kube_home, tmp_path)


def test_the_published_manifest_is_applied_by_half(shell: Terminal) -> None:
    """The route is created, the backend is not YAML, the line counts within its document."""
    done = shell.run("apply", "-f", "-", text=PUBLISHED)
    assert done.returncode == 1
    assert done.stdout == "httproute.gateway.networking.k8s.io/openai created\n"
    assert done.stderr == (
        "error: error parsing STDIN: error converting YAML to JSON: yaml: line 9: did not find"
        " expected key\n"
    )
    described = shell.run("describe", "httproute", "openai", *NS).stdout
    assert "Backend not found: agentgateway-system/openai-all-models" in described
    assert "BackendNotFound" in described


def test_applying_twice_changes_nothing(shell: Terminal) -> None:
    """A backend is unchanged. A route is configured, as on a cluster: defaults in its lists."""
    for outcomes in (
        ("created", "created"),
        ("unchanged", "configured"),
        ("unchanged", "configured"),
    ):
        done = shell.run("apply", "-f", "-", text=f"{BACKEND}---\n{ROUTE}")
        assert (done.returncode, done.stderr) == (0, "")
        assert [line.split()[-1] for line in done.stdout.splitlines()] == list(outcomes)


def test_a_change_is_configured_and_a_field_left_out_is_removed(shell: Terminal) -> None:
    """The three-way merge that kubectl makes from its annotation."""
    shell.run("apply", "-f", "-", text=BACKEND)
    without = changed(BACKEND, "openai:\n        model: gpt-4o", "openai: {}")
    assert "configured" in shell.run("apply", "-f", "-", text=without).stdout
    path = "jsonpath={.spec.ai.provider}"
    shown = shell.run("get", "agbe", "openai-all-models", *NS, "-o", path).stdout
    assert shown == '{"openai":{}}'


def test_tables_have_the_printer_columns(shell: Terminal) -> None:
    """Of one kind, of several, of all namespaces, wide, by name."""
    shell.run("apply", "-f", "-", text=f"{ROUTE}---\n{BACKEND}")
    shown = shell.run("get", "httproute,agbe", "-A").stdout.splitlines()
    assert shown[0].split() == ["NAMESPACE", "NAME", "HOSTNAMES", "AGE"]
    assert shown[4].split()[1:3] == [
        "agentgatewaybackend.agentgateway.dev/openai-all-models",
        "True",
    ]
    wide = shell.run("get", "gatewayclass", "-o", "wide").stdout.splitlines()[0]
    assert wide.split() == ["NAME", "CONTROLLER", "ACCEPTED", "AGE", "DESCRIPTION"]
    assert shell.run("get", "ns", "-o", "name").stdout.split() == [
        "namespace/agentgateway-system",
        "namespace/default",
    ]
    none = shell.run("get", "httproute")
    assert none.stderr == "No resources found in default namespace.\n"
    missing = shell.run("get", "httproute", "nope")
    assert missing.stderr == (
        'Error from server (NotFound): httproutes.gateway.networking.k8s.io "nope" not found\n'
    )


def test_kubectl_knows_the_kinds_and_explains_their_fields(shell: Terminal) -> None:
    """api-resources with short names; explain from the OpenAPI documents."""
    kinds = shell.run("api-resources").stdout
    assert "agentgatewaybackends   agbe" in kinds
    explained = shell.run("explain", "httproute.spec.rules.matches.path.type").stdout
    assert "PathPrefix" in explained
    assert "required" in shell.run("explain", "agbe").stdout
    assert shell.run("version").stdout.splitlines()[-1].startswith("Server Version: v1.34")


def test_what_is_deleted_is_gone_at_once(shell: Terminal) -> None:
    """A second delete is not found; a Namespace takes what is in it along."""
    shell.run("apply", "-f", "-", text=BACKEND)
    done = shell.run("delete", "-f", "-", text=BACKEND)
    assert done.returncode == 0
    assert 'agentgatewaybackend.agentgateway.dev "openai-all-models" deleted' in done.stdout
    again = shell.run("delete", "agbe", "openai-all-models", *NS)
    assert again.stderr.startswith("Error from server (NotFound)")
    assert shell.run("delete", "ns", "agentgateway-system").returncode == 0
    assert shell.run("get", "gateways", "-A").stderr == "No resources found\n"


def test_warnings_are_printed(shell: Terminal) -> None:
    """Of stored fields without effect, and of a key that does not belong there."""
    retried = changed(ROUTE, "      timeouts:", "      retry: {attempts: 2}\n      timeouts:")
    warned = shell.run("apply", "-f", "-", text=retried)
    assert "Warning: spec.rules[0].retry: this gateway stores the field" in warned.stderr
    inline = changed(BACKEND, "secretRef:\n        name: openai-secret", "key: sk-abcdefghijkl")
    warned = shell.run("apply", "-f", "-", text=inline)
    assert "Warning: spec.policies.auth.key: holds a credential" in warned.stderr
    shown = shell.run("get", "agbe", "openai-all-models", *NS, "-o", "yaml").stdout
    assert "sk-abcdefghijkl" not in shown


def test_secrets_of_the_lab_are_not_shown(shell: Terminal) -> None:
    """The learner's own are, base64 as on a cluster."""
    shown = shell.run("get", "secret", "openai-secret", *NS, "-o", "yaml").stdout
    assert "Authorization:" in shown
    assert KEPT_KEY not in shown
    assert "created" in shell.run("apply", "-f", "-", text=f"{SECRET}stringData: {{a: b}}\n").stdout
    assert "a: Yg==" in shell.run("get", "secret", "mine", "-o", "yaml").stdout
    assert "1 bytes" in shell.run("describe", "secret", "mine").stdout


@pytest.mark.slow
@pytest.mark.parametrize("case", BAD_MANIFESTS)
def test_bad_manifests_end_in_one_clear_error(
    shell: Terminal, api: Api, client: httpx.Client, case: str
) -> None:
    """Exit 1, no stack trace, nothing stored but what was good, and the API goes on."""
    before = api.store.version
    done = shell.run("apply", "-f", "-", text=BAD_MANIFESTS[case])
    assert done.returncode == 1
    assert done.stderr.strip()
    for word in ("Internal", "openapi", "panic", "Traceback"):
        assert word not in done.stderr
    assert (api.store.version == before) is (done.stdout == "")
    assert client.get("/api/v1/namespaces").is_success


EXACTLY = {
    "model beside openai": (
        'Error from server (BadRequest): error when creating "STDIN": AgentgatewayBackend in'
        ' version "v1alpha1" cannot be handled as a AgentgatewayBackend: strict decoding error:'
        ' unknown field "spec.ai.provider.model"\n'
    ),
    "openai is null": (
        'The AgentgatewayBackend "openai-all-models" is invalid: spec.ai.provider: Invalid value:'
        ' "object": exactly one of the fields in [openai azureopenai azure anthropic gemini'
        " vertexai bedrock custom] must be set\n"
    ),
    "Prefix for PathPrefix": (
        'The HTTPRoute "openai" is invalid: \n* spec.rules[0].matches[0].path.type: Unsupported'
        ' value: "Prefix": supported values: "Exact", "PathPrefix", "RegularExpression"\n* <nil>:'
        ' Invalid value: "null": some validation rules were not checked because the object was'
        " invalid; correct the existing errors to complete validation\n"
    ),
    "an old group": (
        'error: resource mapping not found for name: "openai-all-models" namespace:'
        ' "agentgateway-system" from "STDIN": no matches for kind "AgentgatewayBackend" in version'
        ' "gateway.kgateway.dev/v1alpha1"\nensure CRDs are installed first\n'
    ),
    "no such namespace": (
        'Error from server (NotFound): error when creating "STDIN": namespaces "nowhere" not'
        " found\n"
    ),
    "nothing": "error: no objects passed to apply\n",
}


@pytest.mark.parametrize("case", EXACTLY)
def test_refusals_read_as_on_a_cluster(shell: Terminal, case: str) -> None:
    """To the letter, as far as kubectl and the field rules decide it."""
    assert shell.run("apply", "-f", "-", text=BAD_MANIFESTS[case]).stderr == EXACTLY[case]


def test_huge_and_odd_files_are_refused(shell: Terminal, tmp_path: Path) -> None:
    """5 MB, deep nesting, bytes that are not UTF-8."""
    big = tmp_path / "big.yaml"
    big.write_text(f"{SECRET}stringData:\n  a: {'x' * 5_000_000}\n", encoding="utf-8")
    assert "RequestEntityTooLarge" in shell.run("apply", "-f", "big.yaml").stderr
    odd = tmp_path / "odd.yaml"
    odd.write_bytes(b"apiVersion: v1\nkind: Secret\nmetadata: {name: \xff\xfe}\n")
    assert "is invalid: metadata.name" in shell.run("apply", "-f", "odd.yaml").stderr
    deep = changed(BACKEND, "gpt-4o", "[" * 1_000 + "]" * 1_000)
    assert shell.run("apply", "-f", "-", text=deep).returncode == 1
    twice = changed(BACKEND, "spec:\n", "spec: {}\nspec:\n")
    assert shell.run("apply", "-f", "-", text=twice).returncode == 0
