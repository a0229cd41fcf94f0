"""What the real kubectl applied or was refused, remembered as attempts; it gives no lines."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from labgateway.decisions.redaction import redact
from labgateway.memory.doings import Attempt, AttemptedDocument, Problem
from labgateway.memory.progress import Progress
from labgateway.words.errors import KubernetesError

_OUTCOMES = {"create": "created", "update": "configured", "patch": "configured"}


class ApiWrites:
    """Listens to the Kubernetes API. ``keys`` are credentials that no text may hold."""

    def __init__(self, progress: Progress, keys: Callable[[], tuple[str, ...]]) -> None:
        self._progress = progress
        self._keys = keys

    def refused(self, manifest: dict[str, Any], error: KubernetesError) -> None:
        """Remember a refusal with its causes."""
        message = redact(str(error), self._keys())
        causes = tuple(
            Problem(one.field, redact(one.message, self._keys())) for one in error.causes
        )
        self._note(manifest, "refused", message, causes or (Problem("", message),))

    def applied(self, verb: str, manifest: dict[str, Any]) -> None:
        """Remember a write that was stored; a deletion is no attempt to apply."""
        if verb in _OUTCOMES:
            self._note(manifest, _OUTCOMES[verb])

    def _note(
        self,
        manifest: dict[str, Any],
        outcome: str,
        message: str = "",
        problems: tuple[Problem, ...] = (),
    ) -> None:
        metadata = manifest.get("metadata")
        names = metadata if isinstance(metadata, dict) else {}
        document = AttemptedDocument(
            number=1,
            first_line=1,
            kind=str(manifest.get("kind", "")),
            namespace=str(names.get("namespace", "")),
            name=str(names.get("name", "")),
            outcome=outcome,
            message=message,
            problems=problems,
        )
        self._progress.attempt(Attempt(time.time(), "kubectl", "", (document,)))
