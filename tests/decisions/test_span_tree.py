"""Spans by who called whom: their order, what belongs to a request, whose time each was."""

from __future__ import annotations

from dataclasses import replace

from labgateway.decisions.span_tree import by_tree, related, whose
from tests.decisions.traced import OWN, ROOT, outside


def test_parents_stand_before_their_children() -> None:
    """Each level by time, whenever a span arrived."""
    spans = [*reversed(OWN), outside("a", None, -100)]
    assert [(one.name, depth) for one, depth in by_tree(spans)] == [
        ("span a", 0),
        ("POST", 1),
        ("route", 2),
        ("chat gpt-4o-mini", 2),
        ("response", 2),
    ]


def test_of_a_trace_only_what_is_above_and_below_belongs_to_a_request() -> None:
    """Another request under the same span does not."""
    above, top = outside("a", "b", -10), outside("b", None, -20)
    below = replace(outside("c", None, 10), parent_id=OWN[2].span_id)
    deeper, sibling = outside("d", "c", 11), outside("e", "a", 5)

    found = related(OWN, (sibling, deeper, below, above, top, *OWN))

    assert {one.name for one in found} == {"span a", "span b", "span c", "span d"}


def test_spans_that_name_each_other_as_parents_are_there_once() -> None:
    """They come from outside, where anything can be written."""
    circle = (outside("a", "b", -10), outside("b", "a", -20))
    alone = outside("c", "c", -30)
    assert len(related(OWN, circle)) == 2
    assert [one.name for one, _depth in by_tree([alone, *circle])] == ["span c", "span b", "span a"]
    assert len(related((replace(ROOT, parent_id=ROOT.span_id),), ())) == 0


def test_a_span_is_its_services_or_the_gateways_or_the_providers() -> None:
    """The provider has the time of the gateway's call."""
    assert [whose(one) for one in OWN] == ["gateway", "gateway", "provider", "gateway"]
    assert whose(outside("a", None, 0)) == "mine"
    assert whose(outside("a", None, 0, service="")) == "client"
