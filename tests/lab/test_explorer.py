"""The traces explorer shows what the gateway recorded, and follows it."""

from __future__ import annotations

import asyncio

import ipywidgets
import pytest

from labgateway.decisions.spans import Span
from labgateway.lab.explorer import Explorer
from labgateway.lab.live import Live
from labgateway.words.errors import LabNotRunning
from tests.conftest import Running
from tests.lab.traffic import REFUSED, TRAFFIC, numbered
from tests.lab.widgets import explorer

FIGURE = "application/vnd.plotly.v1+json"
DEADLINE_S = 10.0


@pytest.fixture
def asked(routed: Running) -> Running:
    """A gateway after an answer, a stream, a refusal and an answer, in this order."""
    routed.ask()
    routed.ask(stream=True, model="gpt-4o")
    routed.ask("/nowhere")
    routed.ask()
    return routed


def listed(shown: Explorer) -> list[str]:
    """The lines of the list."""
    return [line for line, _value in shown.picked.options]


def drawn(shown: Explorer) -> str:
    """The title of the waterfall."""
    (output,) = shown.figure.outputs
    return str(output["data"][FIGURE]["layout"]["title"]["text"])


def test_the_newest_request_is_listed_first_and_shown(asked: Running) -> None:
    """With its waterfall and the attributes of its spans."""
    shown = explorer(asked)
    assert len(listed(shown)) == 4
    newest = asked.exchanges[-1]
    assert newest.trace_id[:8] in listed(shown)[0]
    assert drawn(shown) == f"Trace {newest.trace_id}"
    assert "http.status" in shown.attributes.value
    assert "4 of 4 requests" in shown.said.value


def test_filters_narrow_the_list_as_the_function_does(asked: Running) -> None:
    """Each is a control of its own; the frame is that of lab.traces()."""
    shown = explorer(asked)
    shown.status.value = "4xx"
    assert [line.split(" · ")[1] for line in listed(shown)] == ["404"]
    assert list(shown.frame["status"]) == [404]
    shown.status.value = "any"
    shown.model.value = "gpt-4o"
    assert len(listed(shown)) == 1
    assert "gpt-4o" in listed(shown)[0]
    shown.model.value = "any"
    shown.text.value = "NOWHERE"
    assert len(listed(shown)) == 1
    shown.least_s.value = 60
    assert listed(shown) == []
    assert (shown.figure.outputs, shown.payload.value) == ((), "")
    assert "0 of 4 requests" in shown.said.value


def test_a_picked_request_stays_picked_when_others_come(asked: Running) -> None:
    """Whoever reads is not interrupted."""
    shown = explorer(asked)
    first = asked.exchanges[0]
    shown.picked.value = first.span_id
    before = shown.figure.outputs
    asked.ask()
    shown.refresh()
    assert len(listed(shown)) == 5
    assert shown.picked.value == first.span_id
    assert shown.figure.outputs is before


def test_a_choice_stays_while_nothing_has_it(asked: Running) -> None:
    """New models join the ones to choose from."""
    shown = explorer(asked)
    assert "gpt-4.1" not in shown.model.options
    shown.model.value = "gpt-4o"
    asked.ask(model="gpt-4.1")
    shown.refresh()
    assert "gpt-4.1" in shown.model.options
    assert shown.model.value == "gpt-4o"


def test_a_choice_stays_offered_when_nothing_has_it() -> None:
    """The requests that had it may have been forgotten."""
    known = list(TRAFFIC)
    shown = Explorer(lambda: known, lambda _trace_id: [])
    shown.model.value = "gpt-4o-mini"
    known[:] = [numbered(REFUSED, 7)]
    shown.refresh()
    assert "gpt-4o-mini" in shown.model.options
    assert shown.picked.options == ()
    shown.close()


def test_the_payload_shows_only_what_was_kept(routed: Running) -> None:
    """Without the switch it says how to turn it on; markup in a prompt is text."""
    routed.ask()
    shown = explorer(routed)
    assert "lab.log_bodies(True)" in shown.payload.value
    routed.gateway.log_bodies(on=True)
    routed.ask(messages=[{"role": "user", "content": "<b>héllo</b>"}])
    shown.refresh()
    shown.picked.value = routed.exchanges[-1].span_id
    assert "&lt;b&gt;héllo" in shown.payload.value
    assert "<b>" not in shown.payload.value


def test_the_clients_span_is_drawn_when_it_comes(routed: Running) -> None:
    """It ends after the response, so it is sent after the request was recorded."""
    routed.ask()
    shown = explorer(routed)
    trace_id = routed.exchanges[0].trace_id
    routed.gateway.spans.record([Span(trace_id, "1" * 16, None, "mine", "CLIENT", 1, 2)])
    shown.refresh()
    (output,) = shown.figure.outputs
    assert "client" in [one["name"] for one in output["data"][FIGURE]["data"]]


def test_the_keyboard_reaches_every_control(asked: Running) -> None:
    """All are the page's own, with a label."""
    shown = explorer(asked)
    filters, _said, picked, *_ = shown.children
    native = (ipywidgets.Dropdown, ipywidgets.BoundedFloatText, ipywidgets.Text, ipywidgets.Select)
    for control in (*filters.children, picked):
        assert isinstance(control, native)
        assert control.description


def test_it_follows_the_traffic_while_it_is_on_a_page(routed: Running) -> None:
    """And no longer once it is closed."""

    async def follow() -> None:
        shown = explorer(routed)
        changed = asyncio.Event()
        shown.said.observe(lambda _change: changed.set(), "value")
        await asyncio.to_thread(routed.ask)
        shown._view_count = 1
        await asyncio.wait_for(changed.wait(), DEADLINE_S)
        assert len(listed(shown)) == 1
        task = shown.live._task
        assert task is not None
        shown.close()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, DEADLINE_S)

    asyncio.run(follow())


def test_following_ends_with_the_lab() -> None:
    """Nothing is printed, what is shown stays."""

    def stopped() -> None:
        raise LabNotRunning("the lab was stopped")

    async def follow() -> None:
        widget = ipywidgets.VBox()
        live = Live(widget, stopped)
        live.start()
        widget._view_count = 1
        assert live._task is not None
        await asyncio.wait_for(live._task, DEADLINE_S)

    asyncio.run(follow())
