"""Where each part of the topology stands in its picture: boxes in four columns, curves between.

Units are the picture's own; the picture is as wide as its columns and as high as it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from labgateway.decisions.stations import Column, Station
from labgateway.decisions.topology import Edge, Topology, Traffic

COLUMNS: tuple[Column, ...] = ("listener", "route", "backend", "provider")
MOST_ROUTES = 30  # more would be lines that nobody can follow

_BOX_WIDTH, _BETWEEN = 200, 118
_LINE_HEIGHT, _PADDING, _ROW_GAP = 17, 12, 18
_TOP = 30  # for the headings of the columns
_CHARACTERS = {"title": 23, "trouble": 25}  # that fit into a box; 27 of any other line
_LABEL_HEIGHT, _LABEL_PADDING = 18, 7
_CHARACTER_WIDTH = 6.6  # of a label's text, on average; digits are narrower
_SAID_CHARACTERS = 12  # of what an edge says of itself, such as its weight
# Where on its curve a label may stand, best first.
_PLACES = (0.5, 0.36, 0.64, 0.25, 0.75)
_THIN, _THICK = 1.5, 7.0


class Line(NamedTuple):
    """A line of text in a box; ``role`` is what it says: title, fact, policy or trouble."""

    role: str
    text: str
    y: float


@dataclass(frozen=True)
class Box:
    """A station where it stands."""

    station: Station
    x: float
    y: float
    height: float
    lines: tuple[Line, ...]
    width: float = _BOX_WIDTH

    @property
    def middle(self) -> float:
        """Of its left and right side."""
        return self.y + self.height / 2


class Words(NamedTuple):
    """A part of a label; ``role`` is what it says: requests, bad or said."""

    role: str
    text: str


@dataclass(frozen=True)
class Label:
    """What an edge carries; ``x`` and ``y`` are its middle."""

    words: tuple[Words, ...]
    x: float
    y: float
    height: float = _LABEL_HEIGHT

    @property
    def width(self) -> float:
        """Enough for its text."""
        characters = len(" · ".join(one.text for one in self.words))
        return characters * _CHARACTER_WIDTH + 2 * _LABEL_PADDING

    def covers(self, other: Label) -> bool:
        """Whether one stands on the other."""
        beside = abs(self.x - other.x) >= (self.width + other.width) / 2
        return not beside and abs(self.y - other.y) < _LABEL_HEIGHT


@dataclass(frozen=True)
class Curve:
    """An edge: its path, how thick it is, and its label, which hides what is behind it."""

    edge: Edge
    path: str
    thickness: float
    label: Label


@dataclass(frozen=True)
class Picture:
    """Headings by where they stand, boxes, curves."""

    width: float
    height: float
    headings: tuple[tuple[str, float], ...]
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]


def picture(topology: Topology) -> Picture | None:
    """The picture; None when there is too much to draw."""
    if len(topology.column("route")) > MOST_ROUTES:
        return None
    boxes = {one.station.id: one for one in _boxes(topology)}
    busiest = max((one.traffic.requests for one in topology.edges), default=0)
    curves = _curves(topology.edges, boxes, busiest)
    bottom = max((one.y + one.height for one in boxes.values()), default=_TOP)
    headings = tuple((f"{name}s", _left(i)) for i, name in enumerate(COLUMNS))
    width = _left(len(COLUMNS)) - _BETWEEN
    return Picture(width, bottom + 4, headings, tuple(boxes.values()), tuple(curves))


def traffic_said(traffic: Traffic) -> str:
    """Requests and errors in words: ``12 requests, 2 errors``."""
    if not traffic.requests:
        return "no requests"
    requests = f"{traffic.requests:,} request{'s' if traffic.requests > 1 else ''}"
    if not traffic.errors:
        return requests
    return f"{requests}, {traffic.errors:,} error{'s' if traffic.errors > 1 else ''}"


def _left(column: int) -> float:
    return 2 + column * (_BOX_WIDTH + _BETWEEN)


def _boxes(topology: Topology) -> Iterator[Box]:
    """Columns side by side, each in the middle of the height of the highest."""
    columns = [_in_order(topology, one) for one in COLUMNS]
    heights = [sum(_height(one) + _ROW_GAP for one in stations) for stations in columns]
    for i, stations in enumerate(columns):
        y = _TOP + (max(heights) - heights[i]) / 2
        for one in stations:
            yield _box(one, _left(i), y)
            y += _height(one) + _ROW_GAP


def _in_order(topology: Topology, column: Column) -> list[Station]:
    """The stations of a column in the order in which edges come to them, so that few cross."""
    reached = [one.target for one in topology.edges]
    stations = topology.column(column)
    places = {one.id: i for i, one in enumerate(stations)}
    return sorted(
        stations,
        key=lambda one: (reached.index(one.id) if one.id in reached else 10**6, places[one.id]),
    )


def _texts(station: Station) -> Iterable[tuple[str, str]]:
    yield "title", station.title
    facts = station.facts
    yield from (("fact", one) for one in facts[:2])
    if len(facts) > 2:
        yield "fact", f"and {len(facts) - 2} more"
    yield from (("policy", one) for one in station.policies[:3])
    if station.troubles:
        yield "trouble", f"✗ {station.troubles[0]}"
    elif station.conditions:
        yield "good", f"✓ {', '.join(dict.fromkeys(one.type for one in station.conditions[:2]))}"


def _height(station: Station) -> float:
    return len(list(_texts(station))) * _LINE_HEIGHT + _PADDING


def _box(station: Station, x: float, y: float) -> Box:
    lines = tuple(
        Line(role, _clipped(role, text), y + _PADDING / 2 + (i + 1) * _LINE_HEIGHT - 4)
        for i, (role, text) in enumerate(_texts(station))
    )
    return Box(station, x, y, _height(station), lines)


def _curves(edges: Iterable[Edge], boxes: Mapping[str, Box], busiest: int) -> Iterator[Curve]:
    """Every label stands where no other one does, on its own curve if there is room on it."""
    placed: list[Label] = []
    for edge in edges:
        source, target = boxes[edge.source], boxes[edge.target]
        x1, y1, x2, y2 = source.x + source.width, source.middle, target.x, target.middle
        bend = (x2 - x1) / 2
        path = f"M {x1:g} {y1:g} C {x1 + bend:g} {y1:g}, {x2 - bend:g} {y2:g}, {x2:g} {y2:g}"
        share = edge.traffic.requests / busiest if busiest else 0
        words = tuple(_words(edge))
        along = [Label(words, *_point(t, (x1, y1), (x2, y2))) for t in _PLACES]
        between = [
            one for one in along if x1 <= one.x - one.width / 2 and one.x + one.width / 2 <= x2
        ]
        label = _free(between or along[:1], placed)
        placed.append(label)
        yield Curve(edge, path, round(_THIN + (_THICK - _THIN) * share, 2), label)


def _point(t: float, start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    """On a curve that leaves and arrives level; ``t`` runs from 0 to 1."""
    across, down = end[0] - start[0], end[1] - start[1]
    x = start[0] + across * (1.5 * t - 1.5 * t**2 + t**3)
    return x, start[1] + down * (3 * t**2 - 2 * t**3)


def _words(edge: Edge) -> Iterator[Words]:
    yield Words("requests", f"{edge.traffic.requests:,}")
    if edge.traffic.errors:
        yield Words("bad", f"✗ {edge.traffic.errors:,}")
    if edge.said:
        yield Words("said", edge.said[:_SAID_CHARACTERS])


def _free(places: Sequence[Label], placed: Sequence[Label]) -> Label:
    """The first place that is free; where none is, below what stands at the first."""
    for one in places:
        if not any(one.covers(other) for other in placed):
            return one
    label = places[0]
    while below := [one.y + _LABEL_HEIGHT for one in placed if label.covers(one)]:
        label = replace(label, y=max(below))
    return label


def _clipped(role: str, text: str) -> str:
    characters = _CHARACTERS.get(role, 27)
    return text if len(text) <= characters else f"{text[: characters - 1]}…"
