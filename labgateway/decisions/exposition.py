"""Metrics as text: Prometheus' plain format and OpenMetrics, labels in the order of the family.

prometheus_client writes both too, but sorts the labels; agentgateway has an order that readers of
its metrics know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client.core import Exemplar, Metric

PLAIN = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

_ESCAPED = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_ESCAPED_HELP = str.maketrans({"\\": r"\\", "\n": r"\n"})
_PLAIN_SUFFIX = {"counter": "_total", "info": "_info"}
_PLAIN_TYPE = {"info": "gauge", "unknown": "untyped"}


def plain_text(metrics: Iterable[Metric]) -> bytes:
    """The plain text format 0.0.4; it has no exemplars, units or end."""
    lines = []
    for metric in metrics:
        name = metric.name + _PLAIN_SUFFIX.get(metric.type, "")
        lines.append(f"# HELP {name} {metric.documentation.translate(_ESCAPED_HELP)}")
        lines.append(f"# TYPE {name} {_PLAIN_TYPE.get(metric.type, metric.type)}")
        lines += [f"{one.name}{_labels(one.labels)} {_number(one.value)}" for one in metric.samples]
    return _text(lines)


def openmetrics_text(metrics: Iterable[Metric]) -> bytes:
    """OpenMetrics 1.0, with exemplars."""
    lines = []
    for metric in metrics:
        lines.append(f"# HELP {metric.name} {metric.documentation.translate(_ESCAPED)}")
        lines.append(f"# TYPE {metric.name} {metric.type}")
        if metric.unit:
            lines.append(f"# UNIT {metric.name} {metric.unit}")
        lines += [
            f"{one.name}{_labels(one.labels)} {_number(one.value)}{_exemplar(one.exemplar)}"
            for one in metric.samples
        ]
    return _text([*lines, "# EOF"])


def media_type(accept: str) -> str:
    """``OPENMETRICS`` when an Accept header prefers it to plain text, else ``PLAIN``."""
    wanted = _quality(accept, "application/openmetrics-text")
    return OPENMETRICS if wanted > 0 and wanted >= _quality(accept, "text/plain") else PLAIN


def _quality(accept: str, media: str) -> float:
    """How much a media type is wanted: 0 (not at all) to 1."""
    best = 0.0
    for range_ in accept.lower().split(","):
        name, *parameters = (part.strip() for part in range_.split(";"))
        if name == media:
            given = [one[2:] for one in parameters if one.startswith("q=")]
            best = max(best, _float(given[0]) if given else 1.0)
    return best


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    pairs = [f'{name}="{value.translate(_ESCAPED)}"' for name, value in labels.items()]
    return f"{{{','.join(pairs)}}}"


def _number(value: float) -> str:
    """A count without a point, a sum with one."""
    return {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}.get(written := repr(value), written)


def _exemplar(exemplar: Exemplar | None) -> str:
    if exemplar is None:
        return ""
    at = "" if exemplar.timestamp is None else f" {exemplar.timestamp}"
    return f" # {_labels(exemplar.labels)} {_number(exemplar.value)}{at}"


def _text(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
