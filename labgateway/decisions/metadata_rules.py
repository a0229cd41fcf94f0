"""Rules of an object's labels and annotations, in the API server's words.

Source: apimachinery pkg/api/validation (ValidateObjectMeta) and pkg/util/validation (v1.34).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from labgateway.shapes.resource import BAD_NAME, DNS_SUBDOMAIN
from labgateway.words.errors import Cause

Json = dict[str, Any]

ANNOTATIONS_BYTES = 256 * 1024
_PART_CHARACTERS = 63
_PREFIX_CHARACTERS = 253
_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_ALPHANUMERIC = (
    "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
    " alphanumeric character"
)
_BAD_NAME = (
    f"must {_ALPHANUMERIC} (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation"
    " is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_BAD_VALUE = (
    f"a valid label must be an empty string or {_ALPHANUMERIC} (e.g. 'MyValue',  or 'my_value',  or"
    " '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)


def metadata_causes(metadata: Any) -> list[Cause]:
    """Every broken rule of labels and annotations; what has a wrong type is not looked at."""
    given = metadata if isinstance(metadata, dict) else {}
    return [
        *_label_causes(_texts(given.get("labels"))),
        *_annotation_causes(_texts(given.get("annotations"))),
    ]


def wrong_with_value(value: str) -> Iterator[str]:
    """Every rule that the value of a label breaks."""
    if len(value) > _PART_CHARACTERS:
        yield _too_long(_PART_CHARACTERS)
    if not _VALUE.fullmatch(value):
        yield _BAD_VALUE


def _texts(value: Any) -> Mapping[str, str]:
    entries = value.items() if isinstance(value, dict) else ()
    return {name: text for name, text in entries if isinstance(text, str)}


def _label_causes(labels: Mapping[str, str]) -> Iterator[Cause]:
    for key, value in labels.items():
        for why in _wrong_with_key(key):
            yield _invalid("metadata.labels", key, why)
        for why in wrong_with_value(value):
            yield _invalid("metadata.labels", value, why)


def _annotation_causes(annotations: Mapping[str, str]) -> Iterator[Cause]:
    size_bytes = 0
    for key, value in annotations.items():
        size_bytes += sum(len(one.encode(errors="surrogatepass")) for one in (key, value))
        # Case is no matter here.
        for why in _wrong_with_key(key.lower()):
            yield _invalid("metadata.annotations", key, why)
    if size_bytes > ANNOTATIONS_BYTES:
        message = f"Too long: may not be more than {ANNOTATIONS_BYTES} bytes"
        yield Cause("metadata.annotations", "FieldValueTooLong", message)


def _wrong_with_key(key: str) -> Iterator[str]:
    """What is wrong with a qualified name: ``NAME`` or ``PREFIX/NAME``."""
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        yield (
            f"a qualified name {_BAD_NAME} with an optional DNS subdomain prefix and '/' (e.g."
            " 'example.com/MyName')"
        )
        return
    if slash and not prefix:
        yield "prefix part must be non-empty"
    elif slash and len(prefix) > _PREFIX_CHARACTERS:
        yield f"prefix part {_too_long(_PREFIX_CHARACTERS)}"
    elif slash and not re.fullmatch(DNS_SUBDOMAIN, prefix):
        yield f"prefix part {BAD_NAME}"
    if not name:
        yield "name part must be non-empty"
    elif len(name) > _PART_CHARACTERS:
        yield f"name part {_too_long(_PART_CHARACTERS)}"
    if not _NAME.fullmatch(name):
        yield f"name part {_BAD_NAME}"


def _too_long(limit: int) -> str:
    return f"must be no more than {limit} characters"


def _invalid(path: str, value: str, why: str) -> Cause:
    shown = json.dumps(value, ensure_ascii=False)
    return Cause(path, "FieldValueInvalid", f"Invalid value: {shown}: {why}")
