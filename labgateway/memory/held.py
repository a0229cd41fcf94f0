"""The objects that are stored, and the journal's lines from which they come back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from labgateway.decisions.admission import Admitted, admit
from labgateway.shapes.kinds import Kind, kind_of
from labgateway.shapes.resource import Key, Resource
from labgateway.words.errors import KubernetesError

Json = dict[str, Any]


@dataclass
class Held:
    """Objects by key, as JSON and typed, and versions.

    ``version`` is that of the last change; ``status_versions`` are of those objects whose status
    changed after they did.
    """

    manifests: dict[Key, Json] = field(default_factory=dict)
    resources: dict[Key, Resource] = field(default_factory=dict)
    unacted: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    status_versions: dict[Key, int] = field(default_factory=dict)
    version: int = 0

    def keep(self, admitted: Admitted) -> None:
        """Hold an object, in place of what was there."""
        key = admitted.resource.key
        self.resources[key] = admitted.resource
        self.manifests[key] = admitted.manifest
        self.unacted[key] = admitted.unacted
        self.status_versions.pop(key, None)

    def forget(self, key: Key) -> None:
        """Hold nothing under a key."""
        for mapping in (self.manifests, self.resources, self.unacted, self.status_versions):
            mapping.pop(key, None)

    def keys(self, kind: Kind, namespace: str | None) -> Sequence[Key]:
        """Those of a kind, in one namespace or all, by namespace and name."""
        of_kind = (kind.group, kind.kind)
        return sorted(
            key
            for key in self.manifests
            if (key.group, key.kind) == of_kind and namespace in {None, key.namespace}
        )

    def generation(self, key: Key) -> int:
        """The generation of an object that is held."""
        generation: int = self.manifests[key]["metadata"].get("generation", 1)
        return generation

    def put_line(self, manifest: Json) -> str:
        """The journal's line of a write."""
        return json.dumps({"put": manifest}, ensure_ascii=False)

    def delete_line(self, key: Key) -> str:
        """The journal's line of a deletion, which is the next version."""
        return json.dumps({"delete": list(key), "version": self.version + 1})

    def versions_line(self, keys: Iterable[Key]) -> str:
        """The journal's line of status versions."""
        shown = [[*key, self.status_versions[key]] for key in keys]
        return json.dumps({"version": self.version, "statuses": shown})

    def lines(self) -> Iterator[str]:
        """The lines of a journal that holds the same."""
        yield from map(self.put_line, self.manifests.values())
        # The version goes on counting from where it was, also when its object is deleted.
        yield self.versions_line(self.status_versions)

    def replay(self, line: str) -> None:
        """Take up a line. Errors: ``ValueError`` for what is none."""
        try:
            entry = json.loads(line)
            version = int(entry.get("version", 0))
            if "delete" in entry:
                self.forget(Key(*entry["delete"]))
            elif "put" in entry:
                version = self._replay_put(entry["put"])
            for *names, shown in entry.get("statuses", ()):
                self.status_versions[Key(*names)] = int(shown)
            self.version = max(self.version, version)
        except (TypeError, KeyError, AttributeError, KubernetesError, RecursionError) as error:
            raise ValueError(f"not a journal entry: {error}") from error

    def _replay_put(self, manifest: Json) -> int:
        """Hold an object again; returns its resourceVersion."""
        version = int(manifest["metadata"]["resourceVersion"])
        kind = kind_of(manifest["apiVersion"], manifest["kind"])
        if kind is None:
            raise ValueError(f"unknown kind {manifest['kind']}")
        self.keep(admit(kind, manifest))
        return version
