"""Something that grows, and whoever wants to be woken when it has."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator


class Watched:
    """A memory that others wait for."""

    def __init__(self) -> None:
        self._watching = threading.Lock()
        self._wakes: set[Callable[[], object]] = set()

    @contextlib.contextmanager
    def watched(self, wake: Callable[[], object]) -> Iterator[None]:
        """While the block runs, call ``wake`` after each addition, on the thread that adds.

        It may not block, nor ask for anything.
        """
        with self._watching:
            self._wakes.add(wake)
        try:
            yield
        finally:
            with self._watching:
                self._wakes.discard(wake)

    def _wake(self) -> None:
        with self._watching:
            for wake in self._wakes:
                wake()
