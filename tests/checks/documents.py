"""Documents as ``kubectl apply`` takes them: admitted, stored, refused or skipped."""

from __future__ import annotations

from dataclasses import replace

from labgateway.decisions.admission import admit
from labgateway.decisions.manifests import Document
from labgateway.decisions.redaction import without_inline_key
from labgateway.memory.doings import AttemptedDocument, Problem
from labgateway.memory.store import Store
from labgateway.shapes.kinds import kind_of
from labgateway.shapes.resource import Key
from labgateway.words.errors import KubernetesError


def take(store: Store, document: Document, text: str) -> AttemptedDocument:
    """What becomes of one document that is applied."""
    if document.error is not None:
        line = document.error.line
        problem = Problem("", str(document.error), line, _line(text, line))
        return AttemptedDocument(
            document.number,
            document.first_line,
            "",
            "",
            "",
            "unreadable",
            f"error parsing STDIN: error converting YAML to JSON: {document.error}",
            (problem,),
        )
    if not isinstance(document.data, dict):
        problem = Problem("", "invalid object to validate", document.first_line)
        return AttemptedDocument(
            document.number, document.first_line, "", "", "", "unreadable", "", (problem,)
        )
    return _put(store, document, text)


def _put(store: Store, document: Document, text: str) -> AttemptedDocument:
    data = document.data
    metadata = {"namespace": "default", **(data.get("metadata") or {})}
    one = AttemptedDocument(
        document.number,
        document.first_line,
        str(data.get("kind") or ""),
        str(metadata["namespace"]),
        str(metadata.get("name") or ""),
        "",
        manifest=data,
    )
    kind = kind_of(str(data.get("apiVersion")), str(data.get("kind")))
    if kind is None:
        why = f'no matches for kind "{one.kind}" in version "{data.get("apiVersion", "")}"'
        problem = Problem("kind", why, document.line("kind"), "")
        return replace(one, outcome="refused", message=why, problems=(problem,))
    if Key("", "Namespace", "", one.namespace) not in store.snapshot().resources:
        why = f'namespaces "{one.namespace}" not found'
        return replace(one, outcome="refused", message=why, problems=(Problem("", why),))
    stored, _ = without_inline_key({**data, "metadata": metadata})
    try:
        key = admit(kind, stored).resource.key
        known = key in store.snapshot().resources
        (store.replace if known else store.create)(kind, stored)
    except KubernetesError as error:
        problems = []
        for cause in error.causes:
            line = document.line(cause.field)
            problems.append(Problem(cause.field, cause.message, line, _line(text, line)))
        return replace(one, outcome="refused", message=str(error), problems=tuple(problems))
    return replace(one, outcome="configured" if known else "created")


def skipped(document: Document) -> AttemptedDocument:
    """What comes after a document that is not YAML."""
    return AttemptedDocument(document.number, document.first_line, "", "", "", "skipped")


def _line(text: str, number: int | None) -> str:
    lines = text.splitlines()
    return lines[number - 1] if number and number <= len(lines) else ""
