"""Every error of the project: the words an outsider reads and, if any, its HTTP status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class LabError(Exception):
    """Base of all errors raised on purpose; its text is one sentence for a person."""


class PortInUse(LabError):
    """A port that was asked for by number is held by another process."""


class LabNotRunning(LabError):
    """Nobody owns the lab's home, so there is no gateway to talk to."""


class HomeUnusable(LabError):
    """The lab's home cannot be read or written (permissions, full disk, damaged file)."""


class ModelUnavailable(LabError):
    """The local model's process cannot be had; the text says why."""


class GatewayError(LabError):
    """A request that the gateway answers by itself, in plain text.

    ``status`` and ``reason`` are agentgateway v1.4.1's (proxy/mod.rs, ``ProxyError``); the text is
    the body.
    """

    status: ClassVar[int] = 500
    reason: ClassVar[str] = "Internal"
    body: ClassVar[str] = "internal error"

    def __init__(self, body: str | None = None) -> None:
        super().__init__(body or self.body)


class ListenerNotFound(GatewayError):
    """No listener of the Gateway takes this host."""

    status, reason, body = 404, "NotFound", "listener not found"


class RouteNotFound(GatewayError):
    """No rule of any attached HTTPRoute matches the request."""

    status, reason, body = 404, "NotFound", "route not found"


class ServiceNotFound(GatewayError):
    """The rule matched, but its backendRef resolves to nothing."""

    status, reason, body = 500, "NotFound", "service not found"


class NoValidBackends(GatewayError):
    """The rule matched, but has no backendRef with a weight."""

    status, reason, body = 500, "NoHealthyBackend", "no valid backends"


class BackendUnusable(GatewayError):
    """The backend could not be translated: a missing Secret, a provider not spoken here."""

    status, reason, body = 500, "Internal", "backend does not exist"


class BadRequest(GatewayError):
    """The HTTP request itself breaks a rule (Host, framing)."""

    status, reason, body = 400, "InvalidRequest", "bad request"


class ForeignOrigin(GatewayError):
    """A web page of another origin sent this request; it must not spend the learner's key."""

    status, reason, body = 403, "Authorization", "authorization failed"


class UnsupportedMediaType(GatewayError):
    """The body is not declared as JSON, which is what a web page can send without a preflight."""

    status, reason, body = (
        415,
        "InvalidRequest",
        "failed to process LLM request: expected application/json",
    )


class LLMRequestUnreadable(GatewayError):
    """The body is not a chat completion request; ``fields`` names what it has, if it is JSON."""

    status, reason = 400, "InvalidRequest"

    def __init__(self, why: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(f"failed to process LLM request: {why}")
        self.fields = fields


class BodyTooLarge(GatewayError):
    """The body is over the limit, whether its length was declared or not."""

    status, reason = 413, "InvalidRequest"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"failed to process LLM request: body exceeds the limit of {limit_bytes} bytes"
        )


class LLMResponseUnreadable(GatewayError):
    """The provider's 2xx answer is not what its API promises."""

    status, reason = 502, "UpstreamFailure"

    def __init__(self, why: str) -> None:
        super().__init__(f"failed to process LLM response: {why}")


class UpstreamCallFailed(GatewayError):
    """The provider could not be reached or broke off before it answered."""

    status, reason = 503, "UpstreamFailure"

    def __init__(self, why: str) -> None:
        super().__init__(f"upstream call failed: {why}")


class NoHealthyBackends(GatewayError):
    """The backend has no endpoint that answers."""

    status, reason, body = 503, "NoHealthyBackend", "no healthy backends"


class RequestTimeout(GatewayError):
    """The rule's ``timeouts.request`` ran out."""

    status, reason, body = 504, "Timeout", "request timeout"


class BindNotFound(GatewayError):
    """The port has no Gateway any more."""

    status, reason, body = 404, "NotFound", "bind not found"


class StreamStalled(GatewayError):
    """The provider stopped sending in the middle of a stream; the client's transfer is cut off."""

    status, reason, body = 504, "Timeout", "upstream call timeout"


class UpstreamCallTimeout(GatewayError):
    """The rule's ``timeouts.backendRequest`` ran out."""

    status, reason, body = 504, "Timeout", "upstream call timeout"


@dataclass(frozen=True)
class Cause:
    """One broken rule of a manifest: its field path, its reason, and a message with the value."""

    field: str
    reason: str
    message: str

    def __str__(self) -> str:
        """As the API server lists it."""
        return f"{self.field}: {self.message}" if self.field else self.message


class KubernetesError(LabError):
    """A refusal of the Kubernetes API; becomes a ``Status`` object (``metav1.Status``)."""

    code: ClassVar[int] = 500
    reason: ClassVar[str] = "InternalError"

    def __init__(
        self,
        message: str,
        *,
        kind: str = "",
        group: str = "",
        name: str = "",
        causes: tuple[Cause, ...] = (),
    ) -> None:
        super().__init__(message)
        self.kind, self.group, self.name, self.causes = kind, group, name, causes


class NotFound(KubernetesError):
    """No such object or path."""

    code, reason = 404, "NotFound"


class AlreadyExists(KubernetesError):
    """A create for a name that is taken."""

    code, reason = 409, "AlreadyExists"


class Conflict(KubernetesError):
    """A write against an older resourceVersion."""

    code, reason = 409, "Conflict"


class Invalid(KubernetesError):
    """The object breaks rules of its schema; ``causes`` lists each."""

    code, reason = 422, "Invalid"


class BadManifest(KubernetesError):
    """The body cannot be decoded as the object that its path names (strict decoding included)."""

    code, reason = 400, "BadRequest"


class Forbidden(KubernetesError):
    """The object is not the caller's to change."""

    code, reason = 403, "Forbidden"


class MethodNotAllowed(KubernetesError):
    """The kind does not take this verb."""

    code, reason = 405, "MethodNotAllowed"


class UnsupportedBody(KubernetesError):
    """A content type other than JSON, such as the protobuf of kubectl's typed commands."""

    code, reason = 415, "UnsupportedMediaType"


class RequestEntityTooLarge(KubernetesError):
    """A manifest over the API server's limit of 3 MiB."""

    code, reason = 413, "RequestEntityTooLarge"


class StorageFull(KubernetesError):
    """The journal could not be written: nothing was stored, what was stored is unchanged."""

    code, reason = 507, "InsufficientStorage"
