"""Certificates of HTTPS listeners: what their ``certificateRefs`` lead to, or why to nothing.

Reasons: Gateway API v1.4, ListenerConditionResolvedRefs.
"""

from __future__ import annotations

import binascii
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from labgateway.decisions.services import Grants
from labgateway.shapes.core import Secret
from labgateway.shapes.gateway_api import GATEWAY_GROUP, Gateway
from labgateway.shapes.listeners import Listener, SecretObject
from labgateway.shapes.resource import Key, Resource

CHAIN, PRIVATE_KEY = "tls.crt", "tls.key"  # entries of a Secret of type kubernetes.io/tls


@dataclass(frozen=True)
class Fault:
    """Why a listener is not served: the type of condition that says so, a reason and a sentence."""

    type: str
    reason: str
    message: str


@dataclass(frozen=True)
class Certificate:
    """A chain and its key as PEM; never shown."""

    chain: str = field(repr=False)
    key: str = field(repr=False)


class Keyring:
    """The Secrets of a state of the resources, and which Gateways may refer to them."""

    def __init__(self, resources: Mapping[Key, Resource]) -> None:
        self._resources = resources

    @cached_property
    def _grants(self) -> Grants:
        return Grants.of(self._resources)

    def certificates(self, gateway: Gateway, listener: Listener) -> tuple[Certificate, ...] | Fault:
        """Those of an HTTPS listener, in its order."""
        found = []
        for ref in listener.tls.certificate_refs if listener.tls else []:
            one = self._certificate(gateway, ref)
            if isinstance(one, Fault):
                return one
            found.append(one)
        return tuple(found) or _unusable("no certificateRefs are given")

    def _certificate(self, gateway: Gateway, ref: SecretObject) -> Certificate | Fault:
        key = Key(ref.group, ref.kind, ref.namespace or gateway.namespace, ref.name)
        where = f"{key.namespace}/{key.name}"
        if key[:2] != ("", "Secret"):
            return _unusable(f"{key.group or 'core'}/{key.kind} {where} is no Secret")
        if not self._grants.allow((GATEWAY_GROUP, "Gateway", gateway.namespace), key):
            why = (
                f"certificateRef {where} not accessible to a Gateway in namespace"
                f' "{gateway.namespace}" (missing a ReferenceGrant?)'
            )
            return Fault("ResolvedRefs", "RefNotPermitted", why)
        secret = self._resources.get(key)
        if not isinstance(secret, Secret):
            return _unusable(f"secret {where} not found")
        chain, private = secret.value(CHAIN), secret.value(PRIVATE_KEY)
        if not chain or not _is_certificate(chain):
            return _unusable(f"secret {where}: {CHAIN} is no certificate in PEM form")
        if not private or "PRIVATE KEY-----" not in private:
            return _unusable(f"secret {where}: {PRIVATE_KEY} is no private key in PEM form")
        return Certificate(chain + "\n", private + "\n")


def _is_certificate(text: str) -> bool:
    try:
        ssl.PEM_cert_to_DER_cert(text[: text.find(ssl.PEM_FOOTER) + len(ssl.PEM_FOOTER)])
    except (ValueError, binascii.Error):
        return False
    return True


def _unusable(why: str) -> Fault:
    return Fault("ResolvedRefs", "InvalidCertificateRef", why)
