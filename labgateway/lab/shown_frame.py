"""Frames that show a part of themselves, and say where the rest is."""

from __future__ import annotations

from abc import abstractmethod
from html import escape

import pandas as pd

from labgateway.lab.frame_html import frame_html


class ShownFrame(pd.DataFrame):
    """A frame shown by its telling columns and some rows; all are there."""

    @abstractmethod
    def _shown(self) -> pd.DataFrame:
        """What is shown, each value as it is to be read."""

    @abstractmethod
    def _note(self) -> str:
        """What stands below: how much is shown of how much, and where the rest is."""

    @property
    def _constructor(self) -> type[pd.DataFrame]:  # a selection of it is shown as it is
        return pd.DataFrame

    def __repr__(self) -> str:
        """As text."""
        return f"{self._shown().to_string(index=False)}\n{self._note()}"

    def _repr_html_(self) -> str:
        return f"{frame_html(self._shown())}<p>{escape(self._note())}</p>"
