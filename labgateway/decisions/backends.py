"""An AgentgatewayBackend with its Secret → what a request to it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from labgateway.decisions.origin import DEFAULT_PORTS, is_address, split_host
from labgateway.shapes.agentgateway import PROVIDERS, AgentgatewayBackend
from labgateway.shapes.backend_policies import BackendAuth
from labgateway.shapes.core import Secret
from labgateway.shapes.resource import Key

DEFAULT_ENTRY = "Authorization"


@dataclass(frozen=True)
class Credential:
    """The key that replaces the client's; never shown."""

    token: str = field(repr=False)


@dataclass(frozen=True)
class Address:
    """Where an override sends traffic: host and port of ``ai.provider``."""

    host: str
    port: int


@dataclass(frozen=True)
class Backend:
    """A destination in force.

    ``address`` None means the provider's own; ``path`` replaces the client's path and query,
    ``path_prefix`` replaces the ``/v1`` of the provider. ``problem`` says why it cannot be used.
    """

    key: Key
    provider: str = "openai"
    model: str | None = None
    address: Address | None = None
    path: str | None = None
    path_prefix: str | None = None
    credential: Credential | None = None
    passthrough: bool = False
    problem: str | None = None


@dataclass(frozen=True)
class HTTPBackend:
    """A destination that gets requests as they are; ``addresses`` are its endpoints that are up.

    ``host`` is the Host that it is asked for, None for the client's. ``unsupported`` says what
    about its protocol keeps requests away.
    """

    key: Key
    addresses: tuple[Address, ...]
    host: str | None = None
    credential: Credential | None = None
    unsupported: str | None = None


def translate(
    resource: AgentgatewayBackend, secrets: Mapping[Key, Secret]
) -> Backend | HTTPBackend:
    """The backend as requests meet it; a ``problem`` is the controller's sentence.

    Requests to a ``static`` one go as they are, unless it has a problem.
    """
    spec = resource.spec
    if spec.static is not None and spec.static.host and spec.static.port:
        return _static(resource, Address(spec.static.host, spec.static.port), secrets)
    provider = spec.ai.provider if spec.ai else None
    if provider is None or provider.openai is None:
        what = _unsupported(resource)
        return Backend(resource.key, problem=f"failed to translate backend: {what}")
    auth = spec.policies.auth if spec.policies else None
    credential, problem = _credential(auth, resource.namespace, secrets)
    address = Address(provider.host, provider.port) if provider.host and provider.port else None
    problem = _not_a_host(address) or problem
    return Backend(
        resource.key,
        model=provider.openai.model,
        address=address,
        path=provider.path,
        path_prefix=provider.path_prefix,
        credential=credential,
        passthrough=auth is not None and auth.passthrough is not None,
        problem=f"failed to translate backend: {problem}" if problem else None,
    )


def _static(
    resource: AgentgatewayBackend, address: Address, secrets: Mapping[Key, Secret]
) -> Backend | HTTPBackend:
    auth = resource.spec.policies.auth if resource.spec.policies else None
    credential, problem = _credential(auth, resource.namespace, secrets)
    problem = _not_a_host(address) or problem
    if problem:
        return Backend(resource.key, problem=f"failed to translate backend: {problem}")
    named = None if is_address(address.host) else _authority(address)
    return HTTPBackend(resource.key, (address,), named, credential)


def _not_a_host(address: Address | None) -> str | None:
    """What is wrong with an address that could run into the rest of a URL."""
    if address is None or is_address(address.host):
        return None
    if split_host(address.host) == address.host.lower().rstrip("."):
        return None
    return f"host {address.host!r} is not a host name"


def _authority(address: Address) -> str:
    default = address.port == DEFAULT_PORTS["http"]
    return address.host if default else f"{address.host}:{address.port}"


def _unsupported(resource: AgentgatewayBackend) -> str:
    provider = resource.spec.ai.provider if resource.spec.ai else None
    if provider is not None:
        given = next(name for name in PROVIDERS if getattr(provider, name) is not None)
        return f"provider {given} is not spoken here; this gateway speaks openai"
    if resource.spec.ai is not None:
        return "ai.groups is not acted on here; use ai.provider"
    return "only spec.ai and spec.static with host and port are acted on here"


def _credential(
    auth: BackendAuth | None, namespace: str, secrets: Mapping[Key, Secret]
) -> tuple[Credential | None, str | None]:
    """(credential, problem): at most one of the two is set."""
    if auth is None or auth.passthrough is not None:
        return None, None
    if auth.key is not None:
        return None, "policies.auth.key was not stored; use secretRef"
    if auth.secret_ref is None:
        return None, "this kind of policies.auth is not acted on here; use secretRef"
    where = f"{namespace}/{auth.secret_ref.name}"
    secret = secrets.get(Key("", "Secret", namespace, auth.secret_ref.name))
    if secret is None:
        return None, f"secret {where} not found"
    entry = auth.secret_ref.key or DEFAULT_ENTRY
    value = secret.value(entry)
    if value is None:
        return None, f"secret {where} missing {entry} value"
    scheme, _, rest = value.partition(" ")
    token = rest.strip() if scheme == "Bearer" else value
    if not token:
        return None, f"secret {where}: the {entry} value holds no key"
    if not token.isprintable() or not token.isascii():
        return None, f"secret {where}: the {entry} value cannot be sent as a header"
    return Credential(token), None
