"""`api-resources` and `explain` in notebooks: the same output as from the real kubectl."""

from __future__ import annotations

import pytest

from labgateway.lab.kubectl import Kubectl
from tests.lab.comparison import agree
from tests.terminals import Terminal

pytestmark = pytest.mark.slow  # real processes

LINES = [
    *("explain agbe", "explain httproute.spec.rules", "explain httproute.spec.rules.timeouts"),
    *("explain httproute.metadata", "explain httproute.metadata.labels", "explain ns"),
    *(
        "explain httproute.spec.rules.matches.path",
        "explain httproute.spec.rules.matches.path.type",
    ),
    *("explain httproute.spec.hostnames", "explain httproute.spec.zoo", "explain secret.data"),
    *("api-resources", "api-resources --no-headers", "api-resources -o wide --sort-by=kind"),
    *("api-resources --namespaced=false", "api-resources --api-group= --namespaced -o name"),
    *("api-resources --verbs=list,delete --sort-by=name", "api-resources --api-group=nope"),
    *("api-resources --sort-by=x", "api-resources -o foo", "explain httproute --recursive"),
    *("explain agbe.spec.ai --recursive", "explain httproute.spec.hostnames --recursive"),
    *("explain httproute.spec.rules.filters", "explain svc --recursive"),
]


def test_kinds_and_fields_read_as_from_the_real_kubectl(shell: Terminal, kubectl: Kubectl) -> None:
    """All of them, chosen and ordered ones; a field, those in it, and all that is below."""
    for line in LINES:
        agree(shell, kubectl, line)
