"""certificateRefs of HTTPS listeners: what each leads to, and what ``ResolvedRefs`` says."""

from __future__ import annotations

from typing import Any

import pytest

from labgateway.decisions.certificates import CHAIN, PRIVATE_KEY, Certificate, Keyring
from labgateway.decisions.listeners import binds_of, faults
from labgateway.shapes.gateway_api import Gateway
from labgateway.shapes.resource import Resource
from tests.certificates import OPENSSL, certificate
from tests.decisions.resources import GATEWAY, HTTP, NAMESPACE, Json, admitted, gateway, secret

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="needs openssl to make a certificate")


def of(*refs: Json, **listener: Any) -> Gateway:
    """A Gateway with one HTTPS listener."""
    tls: Json = {"certificateRefs": list(refs)} if refs else {"options": {"a.b/c": "d"}}
    found = admitted(gateway({**HTTP, "protocol": "HTTPS", "tls": tls, **listener}))
    assert isinstance(found, Gateway)
    return found


def keyring(*resources: Resource) -> Keyring:
    """A state of the resources."""
    return Keyring({one.key: one for one in resources})


def tls_secret(**changes: str) -> Resource:
    """The Secret ``mine``."""
    entries = {CHAIN: certificate("a.org")[CHAIN], PRIVATE_KEY: certificate("a.org")[PRIVATE_KEY]}
    return admitted(secret({**entries, **changes}, name="mine"))


def test_a_secret_of_the_gateways_namespace_is_served() -> None:
    """Under the hostname of its listener."""
    found = binds_of(of({"name": "mine"}, hostname="a.org"), keyring(tls_secret()))
    ((certificates, *_others),) = found[(GATEWAY, 8080)].values()
    assert list(found[(GATEWAY, 8080)]) == ["a.org"]
    assert certificates == Certificate(*(certificate("a.org")[one] for one in (CHAIN, PRIVATE_KEY)))
    assert "PRIVATE" not in repr(found)


@pytest.mark.parametrize(
    ("refs", "entries", "reason", "message"),
    [
        ([], {}, "InvalidCertificateRef", "no certificateRefs are given"),
        ([{"name": "nope"}], {}, "InvalidCertificateRef", f"secret {NAMESPACE}/nope not found"),
        (
            [{"name": "mine"}, {"name": "nope"}],
            {},
            "InvalidCertificateRef",
            f"secret {NAMESPACE}/nope not found",
        ),
        (
            [{"name": "mine", "group": "example.org", "kind": "Key"}],
            {},
            "InvalidCertificateRef",
            f"example.org/Key {NAMESPACE}/mine is no Secret",
        ),
        (
            [{"name": "mine"}],
            {CHAIN: "-----BEGIN CERTIFICATE-----\nno!\n-----END CERTIFICATE-----"},
            "InvalidCertificateRef",
            f"secret {NAMESPACE}/mine: {CHAIN} is no certificate in PEM form",
        ),
        (
            [{"name": "mine"}],
            {CHAIN: "hello"},
            "InvalidCertificateRef",
            f"secret {NAMESPACE}/mine: {CHAIN} is no certificate in PEM form",
        ),
        (
            [{"name": "mine"}],
            {PRIVATE_KEY: "hello"},
            "InvalidCertificateRef",
            f"secret {NAMESPACE}/mine: {PRIVATE_KEY} is no private key in PEM form",
        ),
        (
            [{"name": "mine", "namespace": "other"}],
            {},
            "RefNotPermitted",
            (
                "certificateRef other/mine not accessible to a Gateway in namespace"
                f' "{NAMESPACE}" (missing a ReferenceGrant?)'
            ),
        ),
    ],
)
def test_a_reference_that_leads_to_nothing_is_not_served(
    refs: list[Json], entries: dict[str, str], reason: str, message: str
) -> None:
    """And the listener's ``ResolvedRefs`` says why."""
    state = keyring(tls_secret(**entries))
    fault = faults(of(*refs), state)["http"]
    assert (fault.type, fault.reason, fault.message) == ("ResolvedRefs", reason, message)
    assert binds_of(of(*refs), state) == {}


def test_a_grant_opens_the_secrets_of_another_namespace() -> None:
    """To Gateways, by kind."""
    spec = {
        "from": [{"group": GATEWAY.group, "kind": "Gateway", "namespace": NAMESPACE}],
        "to": [{"group": "", "kind": "Secret"}],
    }
    grant = admitted(
        {
            "apiVersion": "gateway.networking.k8s.io/v1beta1",
            "kind": "ReferenceGrant",
            "metadata": {"name": "grant", "namespace": "other"},
            "spec": spec,
        }
    )
    elsewhere = tls_secret()
    metadata = elsewhere.metadata.model_copy(update={"namespace": "other"})
    state = keyring(grant, elsewhere.model_copy(update={"metadata": metadata}))
    assert faults(of({"name": "mine", "namespace": "other"}), state) == {}


def test_http_and_https_on_one_port_are_in_conflict() -> None:
    """Neither is served."""
    tls = {"certificateRefs": [{"name": "mine"}]}
    found = admitted(gateway(HTTP, {**HTTP, "name": "tls", "protocol": "HTTPS", "tls": tls}))
    assert isinstance(found, Gateway)
    reasons = {name: one.reason for name, one in faults(found, keyring(tls_secret())).items()}
    assert reasons == {"http": "ProtocolConflict", "tls": "ProtocolConflict"}
