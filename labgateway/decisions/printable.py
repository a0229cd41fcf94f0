"""Text that came from elsewhere, with what would move or hide other text made visible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

_KEPT = "\n\u200c\u200d"  # line ends, and what joins the parts of emoji and of Indic letters
# Beside a Latin letter a joiner joins nothing: it only makes two names look like one.
_IDLE_JOINERS = re.compile("(?<![^\\x00-\u02ff])[\u200c\u200d]+|[\u200c\u200d]+(?![^\\x00-\u02ff])")


def printable(text: str) -> str:
    """The text with characters that would move or hide others as escapes; line ends stay."""
    return text if text.isprintable() and text.isascii() else "".join(_shown(text))


def pieces(text: str) -> Iterator[tuple[bool, str]]:
    """(is it escapes, text) of the parts that together are the printable text."""
    shown = zip(text, _shown(text), strict=True)
    for escaped, found in groupby(shown, key=lambda pair: pair[0] != pair[1]):
        yield escaped, "".join(one for _character, one in found)


def _shown(text: str) -> Iterator[str]:
    """Each character as it is shown."""
    idle = {i for found in _IDLE_JOINERS.finditer(text) for i in range(*found.span())}
    for i, one in enumerate(text):
        kept = one.isprintable() or (one in _KEPT and i not in idle)
        yield one if kept else one.encode("unicode_escape").decode()
