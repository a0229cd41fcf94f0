"""Fields of an HTTPRoute that this gateway stores and does not act on (release 1.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from labgateway.shapes.durations import Duration
from labgateway.shapes.resource import Shape


class Retry(Shape):
    """When a request is tried again."""

    codes: list[Annotated[int, Field(ge=400, le=599)]] = []
    attempts: int | None = None
    backoff: Duration | None = None


class CookieConfig(Shape):
    """How long the client keeps the session's cookie."""

    lifetime_type: Literal["Permanent", "Session"] = "Session"


class SessionPersistence(Shape):
    """Requests of one session go to one backend."""

    session_name: Annotated[str, Field(max_length=128)] | None = None
    absolute_timeout: Duration | None = None
    idle_timeout: Duration | None = None
    type: Literal["Cookie", "Header"] = "Cookie"
    cookie_config: CookieConfig | None = None

    def broken_rules(self) -> Iterator[str]:
        """What is permanent ends some day."""
        permanent = self.cookie_config and self.cookie_config.lifetime_type == "Permanent"
        if permanent and self.absolute_timeout is None:
            yield "AbsoluteTimeout must be specified when cookie lifetimeType is Permanent"
