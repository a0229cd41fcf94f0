"""Metrics as pandas frames: samples now, series over time, and what is worked out of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from labgateway.decisions.metric_families import Sample
from labgateway.decisions.rates import Labels, TimeSeries, Values, quantiles_by, rates_by


def sample_frame(samples: Sequence[Sample]) -> pd.DataFrame:
    """One row a sample: ``family``, ``name``, a column for each label, ``value``.

    A label that a sample does not have is missing.
    """
    labels = _label_names([one.labels for one in samples])
    columns = {
        "family": pd.Series([one.family for one in samples], dtype="str"),
        "name": pd.Series([one.name for one in samples], dtype="str"),
        **{
            label: pd.Series([one.labels.get(label) for one in samples], dtype="str")
            for label in labels
        },
        "value": pd.Series([one.value for one in samples], dtype="float64"),
    }
    return pd.DataFrame(columns)


def series_frame(series: Sequence[TimeSeries]) -> pd.DataFrame:
    """One row a scrape of a series: ``time`` (UTC), a column for each label, ``value``."""
    labels = _label_names([one.labels for one in series])
    columns: dict[str, list[str | None]] = {
        label: [one.labels.get(label) for one in series for _ in one.times] for label in labels
    }
    return pd.DataFrame(
        {
            "time": _times([at for one in series for at in one.times]),
            **{label: pd.Series(column, dtype="str") for label, column in columns.items()},
            "value": pd.Series([value for one in series for value in one.values], dtype="float64"),  # noqa: PD011 - no frame's
        }
    )


def rate_frame(series: Sequence[TimeSeries], by: Sequence[str], window_s: float) -> pd.DataFrame:
    """``sum by (…) (rate(…))`` at each scrape: ``time``, the labels of ``by``, ``value``."""
    ends = _scrapes(series)
    return _by_frame(by, ends, rates_by(series, by, ends, window_s))


def quantile_frame(
    q: float, buckets: Sequence[TimeSeries], by: Sequence[str], window_s: float
) -> pd.DataFrame:
    """A quantile of a histogram at each scrape: ``time``, the labels of ``by``, ``value``."""
    ends = _scrapes(buckets)
    return _by_frame(by, ends, quantiles_by(q, buckets, by, ends, window_s))


def _by_frame(
    by: Sequence[str], ends: Sequence[float], found: Mapping[Labels, Values]
) -> pd.DataFrame:
    rows = [
        (at, group, value)
        for group, values in found.items()
        for at, value in zip(ends, values, strict=True)
        if value is not None
    ]
    return pd.DataFrame(
        {
            "time": _times([at for at, _, _ in rows]),
            **{
                label: pd.Series([group[i] for _, group, _ in rows], dtype="str")
                for i, label in enumerate(by)
            },
            "value": pd.Series([value for _, _, value in rows], dtype="float64"),
        }
    )


def _scrapes(series: Sequence[TimeSeries]) -> list[float]:
    return sorted({at for one in series for at in one.times})


def _times(seconds: list[float]) -> pd.Series[pd.Timestamp]:
    return pd.Series(pd.to_datetime(pd.Series(seconds, dtype="float64"), unit="s", utc=True))


def _label_names(labels: Sequence[Mapping[str, str]]) -> list[str]:
    return list(dict.fromkeys(name for one in labels for name in one))
