"""An append-only file of JSON lines that survives a killed process and a full disk."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from labgateway.words.errors import HomeUnusable

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND
_CLOSED = -1  # no descriptor, so that nothing goes to another file that got the old number


class Journal:
    """Lines of one file, mode 0600, written whole or not at all.

    With ``limit_bytes`` a file that has grown to it is set aside as ``older`` and a new one begun,
    so that the two together stay below twice the limit and a line.
    """

    def __init__(self, path: Path, *, limit_bytes: int | None = None) -> None:
        self.path = path
        self.older = self.set_aside(path)
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        try:
            self._descriptor = os.open(path, _FLAGS, 0o600)
        except OSError as error:
            raise HomeUnusable(f"{path} cannot be opened ({error.strerror})") from error

    @staticmethod
    def set_aside(path: Path) -> Path:
        """Where lines go that were in a journal's file before the present ones."""
        return path.with_name(f"{path.stem}.1{path.suffix}")

    @property
    def size_bytes(self) -> int:
        """How long the file is; 0 when that cannot be known."""
        with self._lock:
            try:
                return os.fstat(self._descriptor).st_size
            except OSError:
                return 0

    def append(self, line: str) -> None:
        """Add a line; the operating system has it when this returns.

        Errors: ``HomeUnusable`` on a full disk; the file is then as it was.
        """
        data = _encoded(line)
        with self._lock:
            before = None
            try:
                before = os.fstat(self._descriptor).st_size
                if self._limit_bytes is not None and before >= self._limit_bytes:
                    before = self._begin_anew(before)
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError as error:
                if before is not None:
                    with contextlib.suppress(OSError):
                        os.ftruncate(self._descriptor, before)
                raise HomeUnusable(
                    f"{self.path} cannot be written ({error.strerror}); free some disk space and"
                    " try again"
                ) from error

    def replay(self, take: Callable[[str], None], *, last: int | None = None) -> list[str]:
        """Give whole lines to ``take``, oldest first; returns sentences about damage.

        All lines, or the ``last`` ones; the lines before them are not looked at.

        A line that ``take`` refuses with ``ValueError``, or that was cut off when a process died,
        is moved to ``NAME.damaged``. Errors: ``HomeUnusable`` when it cannot be.
        """
        try:
            *whole, torn = self.path.read_bytes().split(b"\n")
        except OSError as error:
            raise HomeUnusable(f"{self.path} cannot be read ({error.strerror})") from error
        begin = 0 if last is None else max(len(whole) - last, 0)
        kept = [line + b"\n" for line in whole[:begin]]
        damaged: list[bytes] = []
        for line in whole[begin:]:
            try:
                take(line.decode("utf-8"))
            except ValueError:
                damaged.append(line + b"\n")
            else:
                kept.append(line + b"\n")
        if torn:
            damaged.append(torn + b"\n")
        if not damaged:
            return []
        aside = self._move_aside(damaged)
        self._replace(kept)
        lines = f"{len(damaged)} damaged line{'s' if len(damaged) > 1 else ''}"
        return [f"{self.path.name}: {lines} kept in {aside.name}; the rest was read"]

    def recall(self, take: Callable[[str], None], *, last: int) -> list[str]:
        """As ``replay``; before it, the undamaged ones of as many lines that were set aside."""
        for line in lines_of(self.older)[-last:]:
            with contextlib.suppress(ValueError):
                take(line)
        return self.replay(take, last=last)

    def rewrite(self, lines: Iterable[str]) -> None:
        """Replace the content in one step. Errors: ``HomeUnusable``; the file is then as it was."""
        self._replace(_encoded(line) for line in lines)

    def close(self) -> None:
        """Close the file; later lines are refused."""
        with self._lock:
            if self._descriptor != _CLOSED:
                os.close(self._descriptor)
                self._descriptor = _CLOSED

    def _begin_anew(self, size: int) -> int:
        """Set the file aside; returns the size of the one to write to. On failure: as it was."""
        try:
            self.path.replace(self.older)
            descriptor = os.open(self.path, _FLAGS, 0o600)
        except OSError:
            with contextlib.suppress(OSError):
                self.older.replace(self.path)
            return size
        os.close(self._descriptor)
        self._descriptor = descriptor
        return 0

    def _move_aside(self, lines: Iterable[bytes]) -> Path:
        aside = self.path.with_name(f"{self.path.name}.damaged")
        try:
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "ab") as handle:
                handle.writelines(lines)
        except OSError as error:
            raise HomeUnusable(
                f"{self.path} has damaged lines, which cannot be kept in {aside.name}"
                f" ({error.strerror}); free some disk space and try again"
            ) from error
        return aside

    def _replace(self, lines: Iterable[bytes]) -> None:
        fresh = self.path.with_name(f".{self.path.name}.new")
        try:
            descriptor = os.open(fresh, _FLAGS | os.O_TRUNC, 0o600)
            try:
                with os.fdopen(descriptor, "wb", closefd=False) as handle:
                    handle.writelines(lines)
                fresh.replace(self.path)
            except BaseException:
                os.close(descriptor)
                fresh.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise HomeUnusable(
                f"{self.path} cannot be rewritten ({error.strerror}); free some disk space and try"
                " again"
            ) from error
        with self._lock:
            if self._descriptor != _CLOSED:
                os.close(self._descriptor)
            self._descriptor = descriptor


def lines_of(path: Path) -> list[str]:
    """The whole lines of a file, oldest first; none when it cannot be read."""
    try:
        *whole, _torn = path.read_bytes().split(b"\n")
    except OSError:
        return []
    return [line.decode("utf-8", errors="replace") for line in whole]


def lines_that(path: Path, take: Callable[[bytes], bool]) -> Iterator[str]:
    """The whole lines that ``take`` wants, oldest first; none when the file cannot be read.

    One line at a time is in memory.
    """
    try:
        with path.open("rb") as file:
            for line in file:
                if take(line) and line.endswith(b"\n"):
                    yield line.decode("utf-8", errors="replace")
    except OSError:
        return


def _encoded(line: str) -> bytes:
    # A lone surrogate has no UTF-8 form; in JSON its escape says the same.
    return line.encode("utf-8", errors="backslashreplace") + b"\n"
