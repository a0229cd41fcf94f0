"""Words the API does not know: fields, kinds, versions, namespaces."""

from __future__ import annotations

import re

from checks.llm_routing.fields import fields_of, homes_of, without_indexes
from checks.llm_routing.names import NAMESPACE, a_kind, listed, nearest, quoted
from checks.llm_routing.refusal import KINDS, Refusal
from checks.verdict import NotRight
from labgateway.shapes.kinds import KINDS as SERVED

_SHOWN_FIELDS = 12


def unknown_field(refusal: Refusal) -> NotRight:
    """A field where its kind has none of that name: misspelt, or indented too far or too little."""
    path = without_indexes(_field(refusal))
    parent, _, name = path.rpartition(".")
    there = fields_of(refusal.kind).get(parent, ())
    near = nearest(name, there)
    saw = f"`{name}` is not a field of {f'`{parent}`' if parent else a_kind(refusal.kind)}"
    if near is not None:
        return NotRight(
            saw, refusal.where, "", f"Look at its spelling: the closest field there is `{near}`"
        )
    homes = homes_of(refusal.kind, name, parent)
    if homes:
        return NotRight(
            saw,
            refusal.where,
            "Indentation decides which block a field belongs to.",
            f"In {a_kind(refusal.kind)} `{name}` stands inside `{homes[0] or 'the top level'}`:"
            " indent it to there",
        )
    other = next((kind for kind in KINDS if homes_of(kind, name)), None)
    if other is not None:
        why = f"`{name}` belongs to the other resource, the {other}."
        return NotRight(saw, refusal.where, why, "Move it there")
    known = f"Fields there: {listed(there[:_SHOWN_FIELDS])}." if there else ""
    return NotRight(saw, refusal.where, known, "Compare this block with the worked example")


def _field(refusal: Refusal) -> str:
    found = re.search(r'unknown field "([^"]+)"', refusal.said)
    return refusal.problem.field or (found[1] if found else "")


def no_such_kind(refusal: Refusal) -> NotRight:
    """A kind, or a version of its group, that this API does not serve."""
    found = re.search(r'no matches for kind "([^"]*)" in version "([^"]*)"', refusal.said)
    kind = found[1] if found else refusal.document.kind
    version = found[2] if found else str(refusal.document.manifest.get("apiVersion", ""))
    missing = [name for name, value in (("apiVersion", version), ("kind", kind)) if not value]
    if missing:
        names = " and ".join(f"`{name}`" for name in missing)
        return NotRight(
            f"A document of your text has no {names}",
            refusal.where,
            "The API server needs both to know what it is given.",
            "Look at the first two lines of each document, and at the spelling of both fields",
        )
    served = next((one for one in SERVED if one.kind == kind), None)
    near = nearest(kind, [one.kind for one in SERVED])
    if served is not None:
        return NotRight(
            f"There is no kind `{kind}` in {quoted(version)}",
            _line(refusal, "apiVersion"),
            f"`{served.group or 'v1'}` has it, in version `{served.version}`."
            if served.group
            else "",
            "Correct `apiVersion`: group, slash, version",
        )
    if near is not None:
        why = "Kinds are spelled with capitals and in the singular."
        return NotRight(
            f"There is no kind `{kind}`",
            _line(refusal, "kind"),
            why,
            f"The closest one is `{near}`",
        )
    return NotRight(
        f"There is no kind `{kind}` in {quoted(version)}",
        _line(refusal, "kind"),
        "Older texts about agentgateway use other kinds and groups.",
        f"Step 1 needs two: {listed(KINDS)}",
    )


def _line(refusal: Refusal, field: str) -> str:
    """The line of a field of the document's own, "" when the text is not at hand."""
    lines = refusal.attempt.text.splitlines()
    start = refusal.document.first_line - 1
    for number, line in enumerate(lines[start:], start=start + 1):
        if re.match(rf"\s*{{?\s*[\"']?{field}[\"']?\s*:", line):
            return f"Line {number}: {quoted(line)}"
    return ""


def no_such_namespace(refusal: Refusal) -> NotRight:
    """A namespace that does not exist."""
    found = re.search(r'namespaces? "([^"]*)" not found', refusal.said)
    given = found[1] if found else refusal.document.namespace
    return NotRight(
        f"There is no namespace `{given}`, so {refusal.subject} could not be put there",
        _line(refusal, "namespace"),
        "",
        f"The gateway and its Secrets live in `{NAMESPACE}`: compare the two, letter by letter",
    )
