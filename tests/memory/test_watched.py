"""Who waits is woken at each addition, and only while waiting."""

from __future__ import annotations

from labgateway.memory.changes import Change, Changes
from labgateway.shapes.resource import Key


def test_all_who_wait_are_woken_by_each_addition() -> None:
    """Nobody is before or after the block."""
    changes, woken = Changes(0), {"first": 0, "second": 0}

    def add(version: int) -> None:
        key = Key("gateway.networking.k8s.io", "Gateway", "ns", "one")
        changes.record(Change(version, key, None, {}, 1))

    def wake(name: str) -> None:
        woken[name] += 1

    add(1)
    with changes.watched(lambda: wake("first")):
        add(2)
        with changes.watched(lambda: wake("second")):
            add(3)
        add(4)
    add(5)

    assert woken == {"first": 3, "second": 1}
