"""HTML of the console: Jinja templates in which everything that is filled in is text.

Whatever a prompt or a name holds, it is escaped, and characters that would move or hide other
text are shown as escapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup, escape

from labgateway.decisions.condition_rows import condition_rows
from labgateway.decisions.printable import pieces, printable
from labgateway.decisions.topology_picture import traffic_said

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDED_CHARACTERS = 1_500  # of a longer text only the beginning shows at once


@cache
def environment() -> Environment:
    """The templates with the filters that they use."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - takes 0.1 s

    made = Environment(
        loader=PackageLoader("labgateway.edges.console"),
        autoescape=True,
        finalize=_plain,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "text": text,
        "clip": clip,
        "exact": exact,
        "part": lambda value: quote(str(value), safe=""),
        "moment": moment,
        "clock": clock,
        "duration": duration,
        "traffic": traffic_said,
        "conditions": condition_rows,
        "number": lambda value: "" if value is None else f"{value:,}",
    }
    made.globals["folded_characters"] = FOLDED_CHARACTERS
    return made


def text(value: object) -> Markup:
    """Text from elsewhere, kept apart from the direction of what stands around it."""
    return Markup("<bdi>{}</bdi>").format(Markup("").join(_marked(str(value))))


def clip(value: object, characters: int) -> str:
    """The beginning of a text, with an ellipsis when something is left out."""
    whole = str(value)
    return whole if len(whole) <= characters else f"{whole[: characters - 1]}…"


def exact(value: object) -> Markup:
    """A value that a form sends back: every character as it is."""
    return escape(str(value))


def moment(seconds: float) -> str:
    """A time in UTC: ``2026-01-01 12:00:00.123``."""
    at = datetime.fromtimestamp(seconds, UTC)
    return at.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")


def clock(seconds: float) -> str:
    """The time of day in UTC; with the date when that is another day."""
    written = moment(seconds)
    today = datetime.now(UTC).date().isoformat()
    return written.removeprefix(f"{today} ")


def duration(seconds: float) -> str:
    """Milliseconds below a second, else seconds, with three digits that say something."""
    if seconds < 1:
        return f"{seconds * 1e3:.3g} ms"
    return f"{seconds:.2f} s" if seconds < 100 else f"{seconds:,.0f} s"


def _marked(value: str) -> Iterator[Markup]:
    for is_escape, piece in pieces(value):
        shown = escape(piece)
        yield Markup('<span class="esc">{}</span>').format(shown) if is_escape else shown


def _plain(value: Any) -> Any:
    """What is put out without a filter of its own: text without tricks, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value)
    return value
