"""The gateway's own Deployment and Pod over the Kubernetes API: to read, never to write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labgateway.decisions.refusals import not_found
from labgateway.decisions.selectors import selected
from labgateway.decisions.workloads import Process, deployment, listens_here, pod
from labgateway.edges.kubernetes_verbs import Answer, Call, shown
from labgateway.memory.changes import Changes
from labgateway.shapes.kinds import Kind
from labgateway.words.errors import BadManifest, Forbidden

Json = dict[str, Any]

_DONE = {"POST": "created", "PUT": "changed", "PATCH": "changed", "DELETE": "deleted"}
_VERSION = 1  # they never change while they run


class Workloads:
    """Answers requests to the Deployment and the Pod of the gateway that runs."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._objects = {"Deployment": deployment(process), "Pod": pod(process)}
        metadata = self._objects["Pod"]["metadata"]
        self.namespace: str = metadata["namespace"]
        self.pod: str = metadata["name"]
        self.changes = Changes(_VERSION)  # there will be none

    def current(self, kind: Kind, namespace: str | None) -> tuple[Sequence[Json], int]:
        """(the object of a kind, the version that it always has)."""
        one = self._objects[kind.kind]
        return [one] if namespace in {None, self.namespace} else [], _VERSION

    def answer(self, call: Call) -> Answer:
        """Do what a request asks. Errors: ``Forbidden`` for writes, ``NotFound``."""
        if call.method != "GET":
            raise self._forbidden(call)
        one = self._objects[call.kind.kind]
        metadata = one["metadata"]
        here = call.namespace in {"", metadata["namespace"]}
        if call.name:
            if not here or call.name != metadata["name"]:
                raise not_found(call.key)
            return Answer(shown(call, [one], _VERSION, single=True))
        asked = [call.query.get(f"{what}Selector", "") for what in ("label", "field")]
        objects = [one] if here and selected(one, *asked) else []
        return Answer(shown(call, objects, _VERSION, single=False))

    def scale(self, name: str) -> Json:
        """Why there is one replica and no more. Errors: ``Forbidden``, always."""
        raise Forbidden(
            f'deployments.apps "{name}" is forbidden: the lab runs the gateway itself, once; it'
            " cannot be scaled",
            kind="deployments",
            group="apps",
            name=name,
        )

    def refusal(self, subresource: str) -> BadManifest:
        """Why a stream into the Pod (exec, attach, portforward) is not opened."""
        if subresource == "portforward":
            return BadManifest(listens_here(self._process))
        return BadManifest(
            f"{subresource} is not served: the gateway is no container, it runs in the process of"
            " the notebook or of labgateway serve"
        )

    def _forbidden(self, call: Call) -> Forbidden:
        kind = call.kind
        named = f'{kind.resource} "{call.name}"' if call.name else kind.resource
        return Forbidden(
            f"{named} is forbidden: the lab runs the gateway itself; {kind.plural} can be read"
            f" here, not {_DONE[call.method]}",
            kind=kind.plural,
            group=kind.group,
            name=call.name,
        )
