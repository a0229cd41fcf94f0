"""What is kept of a body: text without credentials, cut."""

from __future__ import annotations

import base64
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labgateway.decisions.body_text import KEPT_BYTES, body_text
from labgateway.decisions.exchange import BODY_CHARACTERS
from labgateway.decisions.redaction import REDACTED

KEY = "canary-0123456789-ABCDEFGH"


def stream(*pieces: str, field: str = "content") -> bytes:
    """Events, each with a piece of what is said."""
    return b"".join(
        b"data: " + json.dumps({"choices": [{"delta": {field: piece}}]}).encode() + b"\n\n"
        for piece in pieces
    )


def said(text: str, field: str = "content") -> str:
    """What the pieces of a stream say together."""
    lines = [line[6:] for line in text.splitlines() if line.startswith("data: ")]
    return "".join(json.loads(line)["choices"][0]["delta"][field] for line in lines)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_a_body_is_kept_as_it_is(text: str) -> None:
    """Also of one that is a stream."""
    for events in (False, True):
        assert body_text(text.encode(), (), events=events) == text


@pytest.mark.parametrize("character", ["a", "ü", "안", "🚀"])
@pytest.mark.parametrize("shift", range(4))
def test_a_long_body_is_cut_between_characters(character: str, shift: int) -> None:
    """However many bytes one has, and wherever the bytes end (F11)."""
    content = ("x" * shift + character * 100_000).encode()
    kept = body_text(content[:KEPT_BYTES], (), events=False)
    assert kept == content.decode()[:BODY_CHARACTERS]


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    """With no character that stands for anything else (F11)."""
    assert body_text(b"a\xff\xc3", (), events=False) == "a\\xff\\xc3"


@pytest.mark.parametrize("before", ["", "\n", "\t", '"', "\u00fc", " "])
def test_what_looks_like_a_key_goes_from_json_too(before: str) -> None:
    """An escape before it, which ends in a letter, is no part of its word."""
    body = json.dumps({"content": f"{before}sk-proj-Ab_9-xyz"}).encode()
    assert "sk-proj" not in body_text(body, (), events=False)


@pytest.mark.parametrize("secret", [KEY, 'quo"te\\d-0123456789', "tab\tin-0123456789"])
def test_a_credential_goes_in_every_form(secret: str) -> None:
    """Plain, as a string of JSON, and in base64."""
    encoded = base64.b64encode(f"Bearer {secret}".encode()).decode()
    body = f"{secret} {json.dumps(secret)} {encoded}"
    kept = body_text(body.encode(), (secret,), events=False)
    assert kept == f'{REDACTED} "{REDACTED}" {REDACTED}'


@given(st.integers(0, 30), st.integers(0, 60))
def test_a_credential_across_the_cut_leaves_nothing(before: int, more: int) -> None:
    """Also where redaction makes the text so short that the cut comes into sight."""
    for filler in ("x" * (KEPT_BYTES - before), KEY * (KEPT_BYTES // len(KEY) + 1) + "y" * more):
        content = (filler + KEY).encode()[:KEPT_BYTES]
        assert KEY[:4] not in body_text(content, (KEY,), events=False)


@pytest.mark.parametrize(
    "field", ["content", "reasoning_content", "reasoning", "refusal", "arguments"]
)
@given(cuts=st.sets(st.integers(0, len(KEY) + 20), max_size=6), known=st.booleans())
def test_a_key_in_pieces_goes(field: str, cuts: set[int], *, known: bool) -> None:
    """A model speaks in pieces of words; whoever joins them finds the rest of what it said."""
    key = KEY if known else "sk-proj-Ab9xyz"
    text = f"it is {key}, be careful"
    places = [0, *sorted(cuts), len(text)]
    pieces = [text[a:b] for a, b in itertools.pairwise(places)]
    kept = body_text(stream(*pieces, field=field), (KEY,), events=True)
    assert said(kept, field) == f"it is {REDACTED}, be careful"


def test_pieces_without_a_key_stay_apart() -> None:
    """Also beside others that are one."""
    tokens = stream("one ", "two sk-Ab9xyz000 ", "three")
    kept = body_text(tokens, (), events=True)
    assert kept == tokens.decode().replace("sk-Ab9xyz000", REDACTED)
