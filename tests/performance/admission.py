"""Admission, measured: how often it agrees with the real CRD files, and how long it takes.

Manifests are made and mutated from numbers (tests/decisions/mutants.py); one that gets another
answer than the CRD's is printed with its number. Without the references beside the project only
the time is measured.

    .venv/bin/python tests/performance/admission.py [--examples 2000] [--first 0]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from labgateway.decisions.admission import admit
from labgateway.shapes.kinds import kind_of
from tests.decisions.mutants import mutant
from tests.decisions.oracle import MISSING, answer, disagreement
from tests.decisions.resources import Json, backend, matching, prefix, route

TIMES = 2_000


def agreement(first: int, examples: int) -> int:
    """Print how many answers agree; returns how many do not."""
    answers: Counter[str] = Counter()
    disagreed = []
    for seed in range(first, first + examples):
        manifest = mutant(seed)
        answers[f"{manifest['kind']} {answer(manifest).stage}"] += 1
        difference = disagreement(manifest)
        if difference is not None:
            disagreed.append(seed)
            print(f"seed {seed}\n{difference}")
    print(f"seeds {first} to {first + examples - 1}")
    print(f"agreed {examples - len(disagreed)}, disagreed {len(disagreed)}")
    print("seeds that disagree:", disagreed or "none")
    for name, times in sorted(answers.items()):
        print(f"  {name:32}{times:6}")
    return len(disagreed)


def typical_route() -> Json:
    """Two matches, a header, a host, timeouts, a filter and a backend."""
    rule = {
        **matching(
            prefix("/openai", method="POST"), {"headers": [{"name": "x-team", "value": "a"}]}
        ),
        "filters": [
            {
                "type": "RequestHeaderModifier",
                "requestHeaderModifier": {"set": [{"name": "x-lab", "value": "1"}]},
            }
        ],
        "timeouts": {"request": "120s"},
    }
    return route(rule, hostnames=["models.example.com"])


def guarded_backend() -> Json:
    """With policies that this gateway does not read."""
    guard = {"regex": {"matches": ["card"]}, "response": {}}
    policies = {
        "auth": {"secretRef": {"name": "openai-secret"}},
        "ai": {"promptGuard": {"request": [guard]}},
        "http": {"requestTimeout": "30s"},
    }
    return backend({"ai": {"provider": {"openai": {"model": "gpt-4o"}}}, "policies": policies})


def duration(name: str, manifest: Json) -> None:
    """Print how long admitting it takes."""
    kind = kind_of(manifest["apiVersion"], manifest["kind"])
    assert kind is not None
    began = time.perf_counter_ns()
    admit(kind, manifest)
    once_us = (time.perf_counter_ns() - began) / 1e3
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter_ns()
        admit(kind, manifest)
        taken.append((time.perf_counter_ns() - began) / 1e3)
    *_, p99_us = statistics.quantiles(taken, n=100)
    median_us = statistics.median(taken)
    print(f"{name:20} median {median_us:6.0f} µs, p99 {p99_us:6.0f} µs, first {once_us:8.0f} µs")


def main() -> int:
    """Measure; the exit code is 1 when answers disagree."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--examples", type=int, default=2_000)
    asked.add_argument("--first", type=int, default=0)
    options = asked.parse_args()
    duration("a typical HTTPRoute", typical_route())
    duration("a guarded backend", guarded_backend())
    if MISSING:
        print(f"agreement is not measured: {MISSING}")
        return 0
    return 1 if agreement(options.first, options.examples) else 0


if __name__ == "__main__":
    raise SystemExit(main())
