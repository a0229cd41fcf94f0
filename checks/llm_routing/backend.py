"""Whether a backend leads to OpenAI, with a key."""

from __future__ import annotations

from checks.llm_routing.learner_text import line_of
from checks.llm_routing.names import (
    LOCAL_HOST,
    LOCAL_SECRET,
    NAMESPACE,
    SECRET,
    listed,
    nearest,
    quoted,
    short,
)
from checks.verdict import NotReady, NotRight, Unpassed
from labgateway.memory.observation import Observation
from labgateway.shapes.agentgateway import PROVIDERS, AgentgatewayBackend, Provider
from labgateway.shapes.backend_policies import SecretRef
from labgateway.shapes.core import Secret
from labgateway.shapes.resource import Key

CHAT_PATH = "/v1/chat/completions"
DEFAULT_ENTRY = "Authorization"
_REDACTED = "(redacted)"


def own_backends(seen: Observation) -> list[AgentgatewayBackend]:
    """The backends that are not the worked example's."""
    backends = seen.of_kind("AgentgatewayBackend")
    typed = [one for one in backends if isinstance(one, AgentgatewayBackend)]
    return [one for one in typed if not _is_local(one)]


def _is_local(backend: AgentgatewayBackend) -> bool:
    provider = backend.spec.ai.provider if backend.spec.ai else None
    return provider is not None and (provider.host or "").startswith(LOCAL_HOST)


def unusable(seen: Observation, backend: AgentgatewayBackend) -> Unpassed | None:
    """Why a request to the backend does not reach OpenAI with a key; None when it does."""
    provider = backend.spec.ai.provider if backend.spec.ai else None
    if provider is None or provider.openai is None:
        return _not_openai(seen, backend, provider)
    return _elsewhere(seen, backend, provider) or _keyless(seen, backend)


def _not_openai(
    seen: Observation, backend: AgentgatewayBackend, provider: Provider | None
) -> NotRight:
    spec = backend.spec
    given = "groups" if spec.ai else next((n for n in spec.model_fields_set if n != "policies"), "")
    if provider is not None:
        given = next(name for name in PROVIDERS if getattr(provider, name) is not None)
    return NotRight(
        f"{short(backend.key)} has `{given}` where step 1 asks for the OpenAI provider",
        line_of(seen, backend.key, given),
        "The provider decides which API the gateway speaks to the model.",
        "Compare the lines under `spec` with the worked example",
    )


def _elsewhere(
    seen: Observation, backend: AgentgatewayBackend, provider: Provider
) -> NotRight | None:
    if provider.host is not None:
        whose = ", the small model of the worked example" if _is_local(backend) else ""
        return NotRight(
            f"{short(backend.key)} sends requests to {quoted(provider.host)}{whose}",
            line_of(seen, backend.key, "host"),
            "`host` and `port` replace the provider's own address.",
            "Leave them out (and `path`): the gateway knows where OpenAI is",
        )
    if provider.path not in {None, CHAT_PATH}:
        return NotRight(
            f"{short(backend.key)} calls OpenAI at the path {quoted(provider.path or '')}",
            line_of(seen, backend.key, "path"),
            "That replaces the path of OpenAI's API; the route's path is the route's business.",
            "Leave `path` out: the gateway knows it",
        )
    return None


def _keyless(seen: Observation, backend: AgentgatewayBackend) -> Unpassed | None:
    policies = backend.spec.policies
    auth = policies.auth if policies else None
    if auth is None:
        return NotRight(
            f"{short(backend.key)} names no credential",
            "",
            "Without one the gateway sends no key of its own, and OpenAI answers 401.",
            "Add the third part of the worked example, `policies`: which Secret holds the key",
        )
    if auth.key is not None:
        return _key_in_text(line_of(seen, backend.key, "key"))
    if auth.passthrough is not None:
        return NotRight(
            f"{short(backend.key)} passes the client's own credential on",
            line_of(seen, backend.key, "passthrough"),
            "Then every client needs a key, which is what a gateway is there to avoid.",
            "Let the backend refer to the Secret that holds the key",
        )
    if auth.secret_ref is None:
        given = next(iter(auth.model_fields_set), "auth")
        return NotRight(
            f"{short(backend.key)} has `{given}` under `auth`, which this lab does not act on",
            line_of(seen, backend.key, given),
            "",
            "Refer to a Secret, as the worked example does",
        )
    return _secret_trouble(seen, backend, auth.secret_ref)


def _key_in_text(where: str) -> NotRight:
    return NotRight(
        "The manifest holds something that looks like a key; it was not stored",
        where.replace(_REDACTED, "…") if where else "",
        "Manifests are copied and committed, and a key in one is a key given away.",
        "Refer to the Secret instead; if it was a real key, revoke it",
    )


def _secret_trouble(
    seen: Observation, backend: AgentgatewayBackend, ref: SecretRef
) -> Unpassed | None:
    if ref.name.startswith("sk-"):
        return _key_in_text("")
    secrets = [one for one in seen.of_kind("Secret") if isinstance(one, Secret)]
    secret = seen.resources.get(Key("", "Secret", backend.namespace, ref.name))
    if not isinstance(secret, Secret):
        return _no_secret(seen, backend, ref, secrets)
    if ref.name == LOCAL_SECRET:
        return NotRight(
            f"{short(backend.key)} refers to Secret `{LOCAL_SECRET}`",
            line_of(seen, backend.key, "name", LOCAL_SECRET),
            "It holds the key of the small model next door, which OpenAI does not know.",
            "Refer to the Secret with OpenAI's key",
        )
    entry = ref.key or DEFAULT_ENTRY
    if secret.value(entry) is None:
        entries = listed({**(secret.data or {}), **(secret.string_data or {})}, "no entry")
        return NotRight(
            f"Secret `{ref.name}` has no entry `{entry}`; it has {entries}",
            line_of(seen, backend.key, "key"),
            f"Without `key` the entry `{DEFAULT_ENTRY}` is read.",
            "Make the entry's name and what is read agree",
        )
    return None


def _no_secret(
    seen: Observation, backend: AgentgatewayBackend, ref: SecretRef, secrets: list[Secret]
) -> Unpassed:
    if SECRET not in seen.resources and ref.name == SECRET.name:
        return NotReady(
            f"Secret `{SECRET.name}` does not exist, so no backend can use it",
            next_step="It comes with the lab: restart the kernel, run the first cell again, then"
            " check",
        )
    if any(one.name == ref.name for one in secrets):
        return NotRight(
            f"{short(backend.key)} is in `{backend.namespace}`, where there is no Secret"
            f" `{ref.name}`",
            line_of(seen, backend.key, "namespace", backend.namespace),
            f"A backend reads Secrets of its own namespace only; this one is in `{NAMESPACE}`.",
            "Put backend and route into the Secret's namespace",
        )
    names = [one.name for one in secrets if one.namespace == backend.namespace]
    own = [name for name in names if name != LOCAL_SECRET]
    close = nearest(ref.name, own)
    return NotRight(
        f"The backend was not accepted: there is no Secret `{ref.name}` in `{backend.namespace}`;"
        f" Secrets there: {listed(names)}",
        line_of(seen, backend.key, "name", ref.name),
        "Without it the gateway has no key to send and answers 500 itself.",
        "Compare the name with that list, letter by letter"
        if close
        else "Refer to the one with OpenAI's key",
    )
