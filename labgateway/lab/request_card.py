"""The card of one request: both ends, log line, samples, spans and the time, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from labgateway.decisions.access_log import log_record
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.metric_families import Moved
from labgateway.decisions.request_story import outcome
from labgateway.decisions.span_tree import related
from labgateway.decisions.spans import Span, spans_of
from labgateway.decisions.token_agreement import Tokens, tokens_in
from labgateway.lab.page import Page
from labgateway.lab.page_html import as_html
from labgateway.lab.page_text import as_text, at_once
from labgateway.lab.request_bodies import bodies_section
from labgateway.lab.request_sections import (
    ends_section,
    log_section,
    metrics_section,
    time_section,
    tokens_section,
)

_OTHERS_NAMED = 5
_PREFIX = 8  # of a trace id; enough to tell it from the others


@dataclass(frozen=True)
class RequestCard:
    """One request in all its views; shown as HTML in notebooks and as text elsewhere.

    ``moved`` is what the metrics counted of it, ``received`` the spans of its trace that came from
    outside, ``others`` are the other requests of its trace.
    """

    exchange: Exchange
    moved: tuple[Moved, ...]
    received: tuple[Span, ...] = ()
    others: tuple[Exchange, ...] = ()

    @property
    def trace_id(self) -> str:
        """32 hex digits."""
        return self.exchange.trace_id

    @cached_property
    def record(self) -> dict[str, Any]:
        """The log line."""
        return log_record(self.exchange)

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """The request's own spans, then received ones above or below them."""
        own = spans_of(self.exchange)
        return (*own, *related(own, self.received))

    @cached_property
    def tokens(self) -> tuple[Tokens, ...]:
        """Tokens as the provider, the log line, the metrics and the spans have them."""
        return tokens_in(self.exchange, self.record, self.moved, spans_of(self.exchange))

    @property
    def page(self) -> Page:
        """What is shown."""
        one = self.exchange
        return Page(
            f"{one.method} {one.path} → {one.status}, {one.duration_s * 1000:.1f} ms",
            tuple(self._said()),
            (
                ends_section(one),
                bodies_section(one),
                log_section(self.record),
                metrics_section(self.moved),
                time_section(one, self.spans),
                tokens_section(one, self.tokens),
            ),
        )

    @property
    def text(self) -> str:
        """The whole card as text."""
        return as_text(self.page)

    def __repr__(self) -> str:
        """The card as text, as far as it shows before anything is opened."""
        key = self.exchange.span_id if self.others else self.trace_id[:_PREFIX]
        return f"{at_once(self.page)}\n\nprint(lab.request({key!r}).text) shows all of it."

    def _repr_html_(self) -> str:
        return as_html(self.page)

    def _said(self) -> Iterator[str]:
        yield outcome(self.exchange)
        yield f"Trace {self.trace_id}, begun {self.record['time']}."
        if self.others:
            ids = ", ".join(one.span_id for one in self.others[-_OTHERS_NAMED:])
            yield f"Other requests of this trace: {len(self.others)}, span ids {ids}."
