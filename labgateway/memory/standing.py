"""What is in force, and the status that it gives each object, with times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from labgateway.decisions.listeners import Bind, Certificates, Ports
from labgateway.decisions.reconcile import Snapshot, reconcile, wanted_binds
from labgateway.decisions.transitions import dated
from labgateway.decisions.unacted import with_unacted
from labgateway.memory.held import Held
from labgateway.shapes.resource import Key

Json = dict[str, Any]
Listen = Callable[[Mapping[Bind, Certificates]], Ports]
_EMPTY = reconcile({})


def nowhere_else(binds: Iterable[Bind]) -> Ports:
    """Each bind at its own number, where nobody opens sockets."""
    return {bind: bind[1] for bind in binds}


class Standing:
    """The snapshot of a state of the resources and the dated statuses that go with it.

    ``listen`` has sockets for the binds that it is given, and says where they listen.
    """

    def __init__(self, listen: Listen) -> None:
        self._listen = listen
        self.snapshot: Snapshot = _EMPTY
        self._statuses: dict[Key, Json] = {}

    def status(self, key: Key) -> Json | None:
        """The status of an object; None for kinds that have none."""
        return self._statuses.get(key)

    def forget(self, key: Key) -> None:
        """The object is gone; one that comes under the same key begins anew."""
        self._statuses.pop(key, None)

    def decide(
        self,
        held: Held,
        now: str,
        written: Key | None = None,
    ) -> dict[Key, Json | None]:
        """Decide what is in force; returns the statuses that changed, as they were before.

        ``written`` is the object that has a new state, if any.
        """
        earlier, before = self.snapshot.statuses, self._statuses
        ports = self._listen(wanted_binds(held.resources))
        self.snapshot = reconcile(dict(held.resources), self.snapshot, ports)
        changed: dict[Key, Json | None] = {}
        # A copy keeps the hashes of its keys, so what stays as it was costs little.
        self._statuses = dict(before)
        for key in before.keys() - self.snapshot.statuses.keys():
            del self._statuses[key]
        for key, status in self.snapshot.statuses.items():
            if status is earlier.get(key) and key in self._statuses and key != written:
                continue
            old = before.get(key)
            noted = with_unacted(status, held.unacted[key])
            self._statuses[key] = dated(noted, old, held.generation(key), now)
            if self._statuses[key] != old:
                changed[key] = old
        return changed
