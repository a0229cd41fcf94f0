"""What kubectl says instead of doing something, and how it words the API server's refusals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labgateway.words.errors import LabError

Json = dict[str, Any]


class Failure(LabError):
    """What kubectl says instead of doing something; ``hints`` are the lab's own lines after it."""

    def __init__(self, message: str, *hints: str) -> None:
        super().__init__(message)
        self.hints = hints

    @property
    def listed(self) -> str:
        """The message as one of several."""
        return str(self)

    @property
    def alone(self) -> str:
        """The message when nothing else went wrong."""
        return f"error: {self}"

    @property
    def brief(self) -> str:
        """The message without what kubectl was doing."""
        return self.alone


class Verbatim(Failure):
    """A message that kubectl prints without a word before it."""

    @property
    def alone(self) -> str:
        """The message when nothing else went wrong."""
        return str(self)


class Refused(Failure):
    """A refusal of the API server; ``status`` is its Status object, ``doing`` what was tried."""

    def __init__(self, status: Json, doing: str = "") -> None:
        self.status = status
        self.reason = str(status.get("reason", ""))
        self.causes: list[Json] = (status.get("details") or {}).get("causes") or []
        super().__init__(f"{doing}{status.get('message', '')}")

    def when(self, doing: str) -> Refused:
        """The same refusal, of something bigger."""
        return Refused({**self.status, "message": str(self)}, doing)

    @property
    def listed(self) -> str:
        """The message as one of several."""
        return f"Error from server ({self.reason}): {self}"

    @property
    def alone(self) -> str:
        """The message when nothing else went wrong; a list of causes when the object is invalid."""
        return self._invalid(self.causes) if self.reason == "Invalid" else self.listed

    def _invalid(self, causes: Sequence[Json]) -> str:
        details = self.status.get("details") or {}
        head = f'The {details.get("kind", "")} "{details.get("name", "")}" is invalid: '
        lines = [f"{one['field']}: {one['message']}" for one in causes]
        if len(lines) == 1:
            return head + lines[0]
        return "\n".join([head, *(f"* {one}" for one in lines)])

    @property
    def brief(self) -> str:
        """The message without what kubectl was doing, such as the patch that it sent.

        Of causes only those that name a field: the others say that more was not looked at.
        """
        if self.reason == "Invalid":
            return self._invalid([one for one in self.causes if one["field"] != "<nil>"])
        return f"Error from server ({self.reason}): {self.status.get('message', '')}"
