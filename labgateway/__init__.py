"""An AI gateway that runs inside a notebook kernel, and the lab that teaches with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labgateway.lab.session import Lab, start

__all__ = ["Lab", "start"]


def __getattr__(name: str) -> object:
    """The public names, loaded when asked for: the model's process needs none of the servers."""
    if name not in __all__:
        raise AttributeError(f"module 'labgateway' has no attribute {name!r}")
    from labgateway.lab import session  # noqa: PLC0415 - loading it here is the point

    return getattr(session, name)
