"""The real CRD files as the judge of what is admitted; they are references and not in the project.

The checker beside them evaluates schemas and rules. What it cannot decide is named below, with the
reason; a comparison leaves that out.
"""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from labgateway.decisions.admission import admit
from labgateway.shapes.kinds import kind_of
from labgateway.words.errors import BadManifest, Invalid
from tests.decisions.resources import Json

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
CRDS = ("agentgateway-v1.4.1", "gateway-api-v1.4.0-experimental")

CHECKER = SHARED / "tools" / "crd_check.py"
MISSING = (
    f"{CHECKER} is not there"
    if not CHECKER.exists()
    else "the package common-expression-language is not installed"
    if importlib.util.find_spec("cel") is None
    else ""
)
needs_oracle = pytest.mark.skipif(bool(MISSING), reason=MISSING or "it is there")

# What the API server refuses and the checker does not know: a oneOf (the message of an address
# that is none), the pattern of a value that is a number or a string, and rules with functions that
# its CEL does not have (split, indexOf).
BEYOND = (
    "must validate one and only one schema (oneOf)",
    "maxSize in body should match",
    "prefix must be a DNS subdomain not longer",
    "method wildcards must be",
)


_LENGTH = "chars long$|Too long: may not"
_PATTERN = " in body should match "


class Answer(NamedTuple):
    """``stored``, ``strict`` or ``validation``; the causes, sorted; what is stored, if known."""

    stage: str
    causes: tuple[str, ...] = ()
    spec: Any = None


def answer(manifest: Json) -> Answer:
    """How this project answers."""
    kind = kind_of(manifest["apiVersion"], manifest["kind"])
    assert kind is not None
    try:
        return Answer("stored", spec=admit(kind, manifest).manifest.get("spec"))
    except BadManifest as error:
        return Answer("strict", tuple(sorted(one.field for one in error.causes)))
    except Invalid as error:
        causes = [str(one) for one in error.causes]
        kept = [comparable(one) for one in causes if not any(words in one for words in BEYOND)]
        return Answer("validation" if kept else "stored", tuple(sorted(kept)))


def expected(manifest: Json) -> Answer:
    """How the real CRD answers, in the same form."""
    checker, index = _checker()
    schema = index[(manifest["apiVersion"], manifest["kind"])]
    said = checker.check(index, _without_null_entries(schema, manifest))
    if said["stage"] == "stored":
        return Answer("stored", spec=said["object"].get("spec"))
    errors = said["errors"]
    if said["stage"] == "strict":
        return Answer("strict", tuple(sorted(errors)))
    # Of a string the API server names the first thing that is wrong: its length, else its pattern.
    lengths = {_path(one) for one in errors if re.search(_LENGTH, one)}
    kept = [one for one in errors if not (_PATTERN in one and _path(one) in lengths)]
    return Answer("validation", tuple(sorted(comparable(one) for one in kept)))


def _without_null_entries(schema: Json, value: Any) -> Any:
    """Without nulls in maps (additionalProperties): the API server drops them, the checker not."""
    if isinstance(value, list):
        return [_without_null_entries(schema.get("items", {}), one) for one in value]
    if not isinstance(value, dict):
        return value
    known, more = schema.get("properties", {}), schema.get("additionalProperties")
    return {
        name: _without_null_entries(known.get(name) or more or {}, one)
        for name, one in value.items()
        if one is not None or name in known or not isinstance(more, dict)
    }


def disagreement(manifest: Json) -> str | None:
    """What the two say when they do not say the same."""
    ours, theirs = answer(manifest), expected(manifest)
    if ours == theirs:
        return None
    if ours.stage == theirs.stage == "stored" and ours.spec is None:
        return None  # here it is refused, for a reason that is beyond the checker
    return f"here: {ours}\nthere: {theirs}"


@cache
def schema_of(api_version: str, kind: str) -> Json:
    """The real schema of a kind's spec."""
    schema: Json = _checker()[1][(api_version, kind)]["properties"]["spec"]
    return schema


def _path(cause: str) -> str:
    return cause.partition(": ")[0]


def comparable(cause: str) -> str:
    """A cause without what the checker words differently.

    It shows values where the API server shows their types, and JSON in another spacing.
    """
    value = r'"([^"\\]|\\.)*"|-?[\d.e+]+|true|false'
    readable = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), cause)
    without = re.sub(rf"Invalid value: ({value}): ", "", readable)
    if "Duplicate value: " in cause:
        return without.replace('": ', '":').replace(', "', ',"')
    if "Unsupported value: " in cause:
        without = re.sub(r'"(\d+)"', r"\1", without)
    # Here a long value is shown by its beginning.
    return re.sub(r'(Unsupported value: .{200})([^"\\]|\\.)*"', r"\1", without)


@cache
def _checker() -> tuple[Any, Any]:
    spec = importlib.util.spec_from_file_location("crd_check", CHECKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, module.load(*(str(SHARED / "data" / "crds" / one) for one in CRDS))
