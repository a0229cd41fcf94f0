"""Progress to take along: a link that downloads it, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from labgateway.memory.home import Home
from labgateway.memory.progress_file import NAME, packed, put_back, unpacked
from labgateway.words.errors import LabError

if TYPE_CHECKING:
    import ipywidgets

    from labgateway.lab.client import Client


class Keeping:
    """The part of the lab that keeps progress: resources, requests, answers; never Secrets."""

    _home: Home

    @property
    def owner(self) -> bool:
        """Whether the gateway runs in this process."""
        raise NotImplementedError

    @property
    def client(self) -> Client:
        """The admin port."""
        raise NotImplementedError

    @property
    def console_url(self) -> str:
        """Where a browser finds the console."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop the gateway if it runs here."""
        raise NotImplementedError

    def save_progress(self, path: str | Path = NAME) -> Path:
        """Write the progress to a file; Secrets and kept prompts stay behind."""
        written = Path(path).absolute()
        written.write_text(packed(self._home), encoding="utf-8")
        return written

    def restore_progress(self, path: str | Path = NAME) -> Self:
        """Take up the progress of a file in place of the present one, which is set aside.

        Errors: ``NoProgressFile``; ``LabError`` where the gateway runs elsewhere.
        """
        return self._restore(Path(path).read_text(encoding="utf-8"))

    def progress(self) -> ipywidgets.Widget:
        """A link that downloads the progress, and a button that restores it from a file."""
        from labgateway.lab.widgets import progress_box  # noqa: PLC0415 - ipywidgets takes 0.4 s

        return progress_box(self.console_url, self._restore)

    def _restore(self, text: str) -> Self:
        file = unpacked(text)
        if not self.owner:
            running = self.client.running
            raise LabError(
                f"the gateway runs in another process ({running.owner}); restore the progress in"
                " that notebook, or stop its kernel first"
            )
        self.stop()
        put_back(self._home, file)
        _ = self.client  # which starts the gateway again
        return self
