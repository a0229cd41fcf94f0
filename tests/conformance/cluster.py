"""A real ``labgateway serve`` with the conformance suite's base, and its Kubernetes API."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from labgateway.shapes.kinds import kind_of
from tests.conformance.echo import Backend, echoing
from tests.conformance.facts import base, endpoint_slice

Json = dict[str, Any]

SERVE = (
    *("-m", "labgateway", "serve", "--provider", "simulator"),
    *("--gateway-port", "0", "--stats-port", "0", "--admin-port", "0", "--home"),
)

AFRESH = httpx.Limits(max_keepalive_connections=0)


@dataclass
class Cluster:
    """What the suite applies to and asks.

    ``client`` is for the API, behind its secret path; ``asking`` is for requests, ``afresh`` for
    those that each have a connection of their own.
    """

    client: httpx.Client
    asking: httpx.Client
    afresh: httpx.Client
    backends: dict[Backend, dict[str, int]]
    applied: list[str] = field(default_factory=list)

    def create(self, manifest: Json) -> tuple[str, ...]:
        """Create an object; the API's warnings. Errors: ``httpx.HTTPStatusError``."""
        path = _path(manifest)
        answer = self.client.post(path.rpartition("/")[0], json=manifest)
        answer.raise_for_status()
        self.applied.append(path)
        if manifest["kind"] == "Service":
            for one in self._slices(manifest):
                self.create(one)
        return tuple(answer.headers.get_list("warning"))

    def get(self, manifest: Json) -> Json:
        """The object as it is now."""
        found: Json = self.client.get(_path(manifest)).raise_for_status().json()
        return found

    def delete(self, path: str) -> None:
        """Delete an object by its path."""
        self.client.delete(path).raise_for_status()
        self.applied.remove(path)

    def port(self, gateway: str, port: int | None) -> tuple[int, int]:
        """(port of the first listener, or the one that is asked for, where it listens)."""
        binds = self.client.get("config_dump").raise_for_status().json()["binds"]
        ours = [one for one in binds if one["gateway"].endswith(f"/{gateway}")]
        (found,) = [one for one in ours if port in {None, one["port"]}][:1]
        return found["port"], int(found["address"].rpartition(":")[2])

    @contextlib.contextmanager
    def test(self) -> Iterator[None]:
        """What is created in the block is gone after it."""
        before = list(self.applied)
        try:
            yield
        finally:
            for path in reversed(self.applied[len(before) :]):
                self.delete(path)

    def _slices(self, service: Json) -> Iterator[Json]:
        """What the endpoint controller would write, or the suite where no selector says."""
        metadata, spec = service["metadata"], service["spec"]
        default = "infra-backend-v1" if "selector" not in spec else ""
        name = spec.get("selector", {}).get("app", default)
        addresses = self.backends.get((metadata["namespace"], name))
        if addresses:
            yield from endpoint_slice(service, name, addresses)


def _path(manifest: Json) -> str:
    kind = kind_of(manifest["apiVersion"], manifest["kind"])
    assert kind is not None, manifest["kind"]
    root = "apis" if "/" in manifest["apiVersion"] else "api"
    metadata = manifest["metadata"]
    where = f"namespaces/{metadata['namespace']}/" if "namespace" in metadata else ""
    return f"{root}/{manifest['apiVersion']}/{where}{kind.plural}/{metadata['name']}"


@contextlib.contextmanager
def cluster(facts: Json) -> Iterator[Cluster]:
    """A gateway in a process of its own, with echo servers as backends and the base applied."""
    found = [
        (one["namespace"], one["spec"]["selector"]["app"])
        for one in facts["base"]
        if one["kind"] == "Service" and "selector" in one["spec"]
    ]
    with (
        tempfile.TemporaryDirectory(prefix="conformance-") as home,
        echoing(sorted(set(found))) as backends,
        _served(home) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=30) as client,
        httpx.Client(trust_env=False, timeout=30) as asking,
        # The certificate is signed by itself, and a connection would go on for other names.
        httpx.Client(verify=False, trust_env=False, timeout=30, limits=AFRESH) as afresh,
    ):
        ours = Cluster(client, asking, afresh, backends)
        for manifest in base(facts):
            ours.create(manifest)
        yield ours


@contextlib.contextmanager
def _served(home: str) -> Iterator[str]:
    """The process; gives the URL of its API."""
    environment = {name: value for name, value in os.environ.items() if name != "OPENAI_API_KEY"}
    with subprocess.Popen(
        [sys.executable, *SERVE, home], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout is not None
            ready = dict(word.split("=", 1) for word in process.stdout.readline().split()[1:])
            yield ready["console"].removesuffix("ui/")
        finally:
            process.terminate()
