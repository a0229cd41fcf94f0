"""Where each part of the topology stands in its picture: boxes in four columns, curves between.

Units are the picture's own; the picture is as wide as its columns and as high as it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
_LABEL_HEIGHT = 16
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


@dataclass(frozen=True)
class Curve:
    """An edge: its path, how thick it is, and where its label stands."""

    edge: Edge
    path: str
    thickness: float
    x: float
    y: float


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
    curves = _apart(
        _curve(one, boxes[one.source], boxes[one.target], busiest) for one in topology.edges
    )
    bottom = max((one.y + one.height for one in boxes.values()), default=_TOP)
    headings = tuple((f"{name}s", _left(i)) for i, name in enumerate(COLUMNS))
    width = _left(len(COLUMNS)) - _BETWEEN
    return Picture(width, bottom + 4, headings, tuple(boxes.values()), curves)


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


def _curve(edge: Edge, source: Box, target: Box, busiest: int) -> Curve:
    x1, y1, x2, y2 = source.x + source.width, source.middle, target.x, target.middle
    bend = (x2 - x1) / 2
    path = f"M {x1:g} {y1:g} C {x1 + bend:g} {y1:g}, {x2 - bend:g} {y2:g}, {x2:g} {y2:g}"
    share = edge.traffic.requests / busiest if busiest else 0
    return Curve(
        edge, path, round(_THIN + (_THICK - _THIN) * share, 2), (x1 + x2) / 2, (y1 + y2) / 2
    )


def _apart(curves: Iterable[Curve]) -> tuple[Curve, ...]:
    """The same with labels that stand below each other where they would cover each other."""
    placed: list[Curve] = []
    for one in sorted(curves, key=lambda curve: (curve.x, curve.y)):
        above = placed[-1] if placed and placed[-1].x == one.x else None
        y = one.y if above is None else max(one.y, above.y + _LABEL_HEIGHT)
        placed.append(replace(one, y=y))
    return tuple(placed)


def _clipped(role: str, text: str) -> str:
    characters = _CHARACTERS.get(role, 27)
    return text if len(text) <= characters else f"{text[: characters - 1]}…"
