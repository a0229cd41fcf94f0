"""What an apply did with each document, for the learner (lines) and for the checks (Attempt)."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from labgateway.decisions.redaction import redact
from labgateway.decisions.secret_values import anonymous, with_string_data
from labgateway.lab.failures import Failure, Refused
from labgateway.lab.sources import Manifest, Source, Unreadable, hints, skipped
from labgateway.memory.doings import Attempt, AttemptedDocument, Problem

Json = dict[str, Any]

# A shorter value would also be found where it is no secret.
SHORTEST_SECRET = 6
SKIPPED = "kubectl stops at a document that it cannot read"


class Record:
    """The documents of one apply and their outcomes."""

    def __init__(self) -> None:
        self._documents: list[AttemptedDocument] = []
        self._secrets: set[str] = set()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values of Secrets in the documents, as plain text."""
        return tuple(self._secrets)

    def applied(self, manifest: Manifest, outcome: str) -> None:
        """Note a document that is in force: created, configured or unchanged."""
        self._note(manifest, outcome)

    def refused(
        self, manifest: Manifest, failure: Failure, problem: Problem | None = None
    ) -> Failure:
        """Note a document that is not; returns the failure with the lab's lines.

        Without a ``problem`` the causes that the API server gave are located in the text.
        """
        problems = (problem,) if problem else tuple(_located(manifest, failure))
        self._note(manifest, "refused", str(failure), problems)
        failure.hints = tuple(hints(manifest.document, problems, str(failure)))
        return failure

    def unreadable(self, source: Source, failure: Unreadable) -> None:
        """Note the document that ends a source, and those that kubectl does not reach."""
        document = failure.document
        self._documents.append(
            AttemptedDocument(
                document.number,
                document.first_line,
                *("", "", ""),
                outcome="unreadable",
                message=str(failure),
                problems=failure.problems,
            )
        )
        for one in skipped(source, document):
            data = one.data if isinstance(one.data, dict) else {}
            self._note(Manifest(source, one, data), "skipped", SKIPPED)

    def attempt(self, texts: list[Source]) -> Attempt:
        """The whole attempt, without credentials."""
        documents = sorted(self._documents, key=lambda one: (one.number, one.first_line))
        # Lines are counted in each source, so that the text of several would mislead.
        text = (texts[0].written or texts[0].text) if len(texts) == 1 else ""
        return Attempt(
            time.time(),
            "notebook",
            self._redact(text),
            tuple(self._redacted(one) for one in documents),
        )

    def _note(
        self,
        manifest: Manifest,
        outcome: str,
        message: str = "",
        problems: tuple[Problem, ...] = (),
    ) -> None:
        metadata = manifest.data.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        self._secrets |= set(_secret_values(manifest.data))
        self._documents.append(
            AttemptedDocument(
                manifest.document.number,
                manifest.document.first_line,
                str(manifest.data.get("kind") or ""),
                str(metadata.get("namespace") or ""),
                str(metadata.get("name") or ""),
                outcome,
                message,
                problems,
                anonymous(manifest.data),
            )
        )

    def _redacted(self, one: AttemptedDocument) -> AttemptedDocument:
        return replace(
            one,
            message=self._redact(one.message),
            manifest=self._redacted_texts(one.manifest),
            problems=tuple(
                replace(p, message=self._redact(p.message), source=self._redact(p.source))
                for p in one.problems
            ),
        )

    def _redacted_texts(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._redacted_texts(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._redacted_texts(one) for one in value]
        return self._redact(value) if isinstance(value, str) else value

    def _redact(self, text: str) -> str:
        return redact(text, self.secrets)


def _located(manifest: Manifest, failure: Failure) -> Iterator[Problem]:
    """The causes of a refusal, each with its line; without causes, the refusal itself."""
    causes = failure.causes if isinstance(failure, Refused) else []
    for one in causes:
        if one["field"] != "<nil>":
            yield manifest.problem(one["field"], one["message"])
    if causes:
        return
    details = failure.status.get("details") or {} if isinstance(failure, Refused) else {}
    missing = str(failure)
    if details.get("kind") == "namespaces":
        field = "metadata.namespace"
    elif "resource name" in missing:
        field = "metadata.name"
    else:
        field = "metadata.namespace" if "invalid namespace" in missing else ""
    yield manifest.problem(field, missing.rpartition(f"{manifest.quoted}: ")[2])


def _secret_values(manifest: Json) -> Iterator[str]:
    """The values of a Secret in plain text, where they are long enough to be credentials."""
    data = with_string_data(manifest).get("data")
    if manifest.get("kind") != "Secret" or not isinstance(data, dict):
        return
    for value in data.values():
        if not isinstance(value, str):
            continue
        try:
            plain = base64.b64decode(value, validate=True).decode("utf-8", errors="replace")
        except ValueError:
            plain = value
        yield from (one for one in {plain, plain.strip()} if len(one) >= SHORTEST_SECRET)
