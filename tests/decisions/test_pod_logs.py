"""Log options as the API server reads them, and the lines that they choose."""

from __future__ import annotations

from typing import Any

import pytest

from labgateway.decisions.access_log import json_line
from labgateway.decisions.pod_logs import LogOptions, chosen, log_options, log_text
from labgateway.words.errors import BadManifest, Invalid, KubernetesError
from tests.kubernetes_api import PROCESS, exchange

NOW = 1_800_000_000.0
POD = "agentgateway-0"
THREE = [exchange(number) for number in range(3)]
# Each is written a quarter of a second after it began.
SECOND_WRITTEN = PROCESS.started + 1.25


def _read(**query: str) -> LogOptions:
    return log_options(query, POD, NOW)


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ({}, LogOptions()),
        ({"tailLines": "5", "follow": "true"}, LogOptions(tail_lines=5, follow=True)),
        ({"tailLines": "0", "timestamps": "1"}, LogOptions(tail_lines=0, timestamps=True)),
        ({"follow": "false", "timestamps": "0", "previous": "False"}, LogOptions()),
        ({"sinceSeconds": "60"}, LogOptions(since=NOW - 60)),
        ({"sinceTime": "2026-01-01T00:00:01Z"}, LogOptions(since=1_767_225_601.0)),
        ({"sinceTime": "2026-01-01T01:00:01.5+01:00"}, LogOptions(since=1_767_225_601.5)),
        ({"limitBytes": "10", "container": "agentgateway"}, LogOptions(limit_bytes=10)),
        ({"tailLines": "", "container": "", "stream": "All"}, LogOptions()),
    ],
)
def test_options_are_read_as_the_api_server_reads_them(
    query: dict[str, str], options: LogOptions
) -> None:
    """An empty value is none; only false and 0 are false."""
    assert _read(**query) == options


@pytest.mark.parametrize(
    ("query", "kind", "said"),
    [
        ({"tailLines": "-1"}, Invalid, "tailLines: Invalid value: -1: must be greater than or equ"),
        ({"limitBytes": "0"}, Invalid, "limitBytes: Invalid value: 0: must be greater than 0"),
        ({"sinceSeconds": "0"}, Invalid, "sinceSeconds: Invalid value: 0: must be greater than 0"),
        (
            {"sinceSeconds": "1", "sinceTime": "2026-01-01T00:00:00Z"},
            Invalid,
            "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified",
        ),
        ({"tailLines": "-1", "limitBytes": "0"}, Invalid, "is invalid: [tailLines: "),
        ({"tailLines": "x"}, BadManifest, 'strconv.ParseInt: parsing "x": invalid syntax'),
        ({"tailLines": "9" * 30}, BadManifest, "strconv.ParseInt"),
        ({"tailLines": "٣"}, BadManifest, "strconv.ParseInt"),
        ({"sinceTime": "yesterday"}, BadManifest, 'parsing time "yesterday"'),
        ({"container": "x"}, BadManifest, f"container x is not valid for pod {POD}"),
        (
            {"previous": "true"},
            BadManifest,
            f'previous terminated container "agentgateway" in pod "{POD}" not found',
        ),
    ],
)
def test_what_cannot_be_is_refused_in_its_words(
    query: dict[str, str], kind: type[KubernetesError], said: str
) -> None:
    """Never a traceback, whatever stands there."""
    with pytest.raises(kind) as caught:
        _read(**query)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ({}, [0, 1, 2]),
        ({"tail_lines": 2}, [1, 2]),
        ({"tail_lines": 0}, []),
        ({"tail_lines": 9}, [0, 1, 2]),
        ({"since": SECOND_WRITTEN}, [1, 2]),
        ({"since": SECOND_WRITTEN + 0.001}, [2]),
        ({"since": SECOND_WRITTEN, "tail_lines": 1}, [2]),
    ],
)
def test_lines_are_chosen_by_number_and_time(options: dict[str, Any], numbers: list[int]) -> None:
    """The time of a line is that of its writing, at the end of the request."""
    assert chosen(THREE, LogOptions(**options)) == [THREE[number] for number in numbers]


def test_lines_are_the_access_log_as_it_is() -> None:
    """With timestamps each begins with nine digits of a second, as the kubelet writes them."""
    plain = log_text(THREE, LogOptions(), json_line).decode()
    assert plain.splitlines() == [json_line(one) for one in THREE]
    timed = log_text(THREE[:1], LogOptions(timestamps=True), json_line).decode()
    assert timed == f"2026-01-01T00:00:00.750000000Z {json_line(THREE[0])}\n"


def test_half_a_surrogate_pair_is_no_obstacle() -> None:
    """A client may send one in a path or a body."""
    text = log_text([exchange(1, path="/\ud800")], LogOptions(), json_line)
    assert b'"http.path":"/\\ud800"' in text
