"""What the real kubectl prints when the API server refuses a manifest, to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.edges.bad_manifests import BAD_MANIFESTS, REFUSALS
from tests.kubernetes_api import Api
from tests.terminals import terminal

pytestmark = pytest.mark.slow  # real processes


@pytest.fixture(scope="session")
def kube_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where kubectl keeps what it discovered."""
    return tmp_path_factory.mktemp("kube")


@pytest.mark.parametrize("case", BAD_MANIFESTS)
def test_a_refusal_reads_as_on_a_cluster(
    api: Api, kube_home: Path, tmp_path: Path, case: str
) -> None:
    """The sentence on stderr, exit code 1, and nothing is stored."""
    before = api.store.version
    done = terminal(api, kube_home, tmp_path).run("apply", "-f", "-", text=BAD_MANIFESTS[case])
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == REFUSALS[case]
    assert api.store.version == before
