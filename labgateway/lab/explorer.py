"""The traces explorer: filter, pick one, see its waterfall, payload and attributes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from html import escape

import ipywidgets
import pandas as pd

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.spans import Span
from labgateway.decisions.trace_filter import Filter, models_of
from labgateway.lab.figures import waterfall
from labgateway.lab.live import Live, keeping_keys, labelled, show
from labgateway.lab.trace_frames import trace_frame

LISTED = 200
_ANY = "any"
_COLUMNS = {"span": "22%", "attribute": "38%", "value": "40%"}
_TABLE = "width:100%;table-layout:fixed;line-height:1.4"
_CELL = "text-align:left;vertical-align:top;padding:2px 12px 2px 0;overflow-wrap:anywhere"
_SCROLLING = "white-space:pre-wrap;overflow-wrap:anywhere;max-height:24em;overflow:auto"
_STATUSES = (_ANY, "2xx", "3xx", "4xx", "5xx")


class Explorer(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Filters above, a list of requests, newest first, and the one that is picked below.

    Everything is a native control, so Tab and the arrow keys are enough. The same without
    widgets: ``lab.traces(status=…)``, ``lab.trace(id)``, ``lab.request(id)``.
    """

    def __init__(
        self,
        recent: Callable[[], Sequence[Exchange]],
        spans: Callable[[str], Sequence[Span]],
    ) -> None:
        self._recent = recent
        self._spans = spans
        self._shown: tuple[str, int] | None = None
        self._by_id: dict[str, Exchange] = {}
        self._changing = False  # by this code, not by the learner
        self.status = labelled(ipywidgets.Dropdown(options=_STATUSES), "Status")
        self.model = labelled(ipywidgets.Dropdown(options=(_ANY,)), "Model")
        self.route = labelled(ipywidgets.Dropdown(options=(_ANY,)), "Route")
        self.least_s = labelled(
            ipywidgets.BoundedFloatText(0, min=0, max=3600, step=0.1), "At least s"
        )
        self.text = labelled(ipywidgets.Text(placeholder="path, id, error, prompt"), "Text")
        self.picked = labelled(ipywidgets.Select(options=(), rows=8), "Requests")
        self.picked.layout.width = "auto"
        self.said = ipywidgets.HTML()
        self.figure = ipywidgets.Output()
        self.payload = ipywidgets.HTML()
        self.attributes = ipywidgets.HTML()
        filters = (self.status, self.model, self.route, self.least_s, self.text)
        for one in filters:
            one.layout.width = "auto"
            one.observe(self._on_filter, "value")
        self.picked.observe(self._on_pick, "value")
        super().__init__(
            [
                ipywidgets.HBox(filters, layout={"flex_flow": "row wrap"}),
                self.said,
                self.picked,
                self.figure,
                self.payload,
                self.attributes,
            ]
        )
        self.children += (keeping_keys(self),)
        self.live = Live(self, self.refresh)
        self.refresh()
        self.live.start()

    def close(self) -> None:
        """Stop following the traffic and take the widget away."""
        self.live.close()
        super().close()

    @property
    def filter(self) -> Filter:
        """What the controls say."""
        return Filter(
            status=_given(self.status.value),
            model=_given(self.model.value),
            route=_given(self.route.value),
            min_duration_s=self.least_s.value or None,
            text=self.text.value.strip() or None,
        )

    @property
    def frame(self) -> pd.DataFrame:
        """The list as a frame: what ``lab.traces(…)`` returns for the same filters."""
        return trace_frame(list(self._recent()), self.filter)

    def refresh(self) -> None:
        """Read the requests again; the one that is picked stays picked while it is listed."""
        exchanges = list(self._recent())
        wanted = self.filter
        found = [one for one in reversed(exchanges) if wanted.takes(one)][:LISTED]
        self._by_id = {one.span_id: one for one in found}
        options = [(_line(one), one.span_id) for one in found]
        self._offer(self.model, {name for one in exchanges for name in models_of(one)})
        self._offer(self.route, {one.route for one in exchanges if one.route})
        self.said.value = (
            f'<span role="status">{len(found)} of {len(exchanges)} requests, newest first</span>'
        )
        if tuple(options) != tuple(self.picked.options):
            before = self.picked.value
            newest = found[0].span_id if found else None
            self._change(self.picked, options, before if before in self._by_id else newest)
        self._show()

    def _on_filter(self, _change: object) -> None:
        if not self._changing:
            self.refresh()

    def _on_pick(self, _change: object) -> None:
        if not self._changing:
            self._show()

    def _offer(self, dropdown: ipywidgets.Dropdown, names: set[str]) -> None:
        """Names to choose from; the present choice stays, even when nothing has it any more."""
        options = (_ANY, *sorted(names | ({dropdown.value} - {_ANY})))
        if options != tuple(dropdown.options):
            self._change(dropdown, options, dropdown.value)

    def _change(
        self, control: ipywidgets.Widget, options: Sequence[object], value: str | None
    ) -> None:
        """New options, and with them the first one chosen unless another is wanted."""
        self._changing = True
        control.options = options
        if value is not None:
            control.value = value
        self._changing = False

    def _show(self) -> None:
        exchange = self._by_id.get(self.picked.value)
        if exchange is None:
            self.figure.outputs = ()
            self.payload.value = self.attributes.value = ""
            self._shown = None
            return
        spans = self._spans(exchange.trace_id)
        shown = (exchange.span_id, len(spans))  # the client's own span comes later
        if self._shown == shown:
            return
        self._shown = shown
        show(self.figure, waterfall(spans))
        self.payload.value = _payload(exchange)
        self.attributes.value = _attributes(spans)


def _given(value: str) -> str | None:
    return None if value == _ANY else value


def _line(exchange: Exchange) -> str:
    at = pd.Timestamp(exchange.started, unit="s").strftime("%H:%M:%S")
    model = exchange.request_model or exchange.error or "no model"
    usage = exchange.usage
    tokens = f"{usage.input_tokens}+{usage.output_tokens} tokens"
    return " · ".join(
        (
            f"{at} UTC",
            str(exchange.status),
            f"{exchange.duration_s:.3f} s",
            f"{exchange.method} {exchange.path}",
            model,
            *((tokens,) if usage.output_tokens is not None else ()),
            exchange.trace_id[:8],
        )
    )


def _payload(exchange: Exchange) -> str:
    bodies = exchange.bodies
    if bodies is None:
        return (
            "<p>Prompt and answer were not kept. <code>lab.log_bodies(True)</code> keeps those of"
            " requests from then on.</p>"
        )
    parts = (("Request body", bodies.request), ("Response body", bodies.response))
    return "".join(
        f"<details><summary>{title}</summary>"
        f'<pre tabindex="0" style="{_SCROLLING}">{escape(_indented(text or "none"))}</pre>'
        "</details>"
        for title, text in parts
    )


def _indented(body: str) -> str:
    """JSON on several lines; what is none, or was cut, as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body


def _attributes(spans: Sequence[Span]) -> str:
    rows = "".join(
        f'<tr><td style="{_CELL}">{escape(span.name)}</td><th scope="row" style="{_CELL}">'
        f'{escape(name)}</th><td style="{_CELL}">{escape(_shown(value))}</td></tr>'
        for span in spans
        for name, value in span.attributes.items()
    )
    return (
        f'<details><summary>Attributes of its spans</summary><table style="{_TABLE}"><thead><tr>'
        + "".join(
            f'<th scope="col" style="{_CELL};width:{width}">{one}</th>'
            for one, width in _COLUMNS.items()
        )
        + f"</tr></thead><tbody>{rows}</tbody></table></details>"
    )


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
