"""Gateway API's conformance tests over real HTTP against ``labgateway serve``, one line a test.

.venv/bin/python tests/conformance/run.py
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.conformance.checks import problems, refusal_or_warning
from tests.conformance.cluster import cluster
from tests.conformance.facts import FILE, outside, suite


def main() -> int:
    """Run them all; 1 when one failed."""
    facts = suite()
    if not facts["tests"]:
        print(f"outside: {FILE} is not there")
        return 0
    results: Counter[str] = Counter()
    with cluster(facts) as ours:
        for test in facts["tests"]:
            why = outside(test)
            found = [] if why else problems(ours, test)
            result = "outside" if why else "failed" if found else "passed"
            results[result] += 1
            print(f"{result:8}{test['test']} ({test['level']}){f': {why}' if why else ''}")
            for one in found:
                print(f"        {one}")
            if why and (said := refusal_or_warning(ours, test)):
                print(f"        {said[:160]}")
    print(", ".join(f"{results[one]} {one}" for one in ("passed", "failed", "outside")))
    return 1 if results["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
