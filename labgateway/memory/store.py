"""The resources: what was applied, kept in the home, and a snapshot of what is in force."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from labgateway.decisions.admission import Admitted, admit
from labgateway.decisions.reconcile import Snapshot, reconcile
from labgateway.decisions.server_fields import stamped
from labgateway.decisions.transitions import dated
from labgateway.memory.journal import Journal
from labgateway.shapes.kinds import KINDS, SERVED, Kind, kind_of
from labgateway.shapes.resource import Key, Resource
from labgateway.words.errors import (
    AlreadyExists,
    Conflict,
    HomeUnusable,
    KubernetesError,
    NotFound,
    StorageFull,
)

Json = dict[str, Any]
_EMPTY = reconcile({})


def _now() -> datetime:
    return datetime.now(UTC)


class Store:
    """Objects by key. Readers take ``snapshot()`` and never wait; writers go one at a time."""

    def __init__(self, journal: Journal | None, now: Callable[[], datetime] = _now) -> None:
        self._journal = journal
        self._now = now
        self._lock = threading.RLock()
        self._manifests: dict[Key, Json] = {}
        self._resources: dict[Key, Resource] = {}
        self._provided: set[Key] = set()
        self._statuses: dict[Key, Json] = {}
        self._version = 0
        self._snapshot: Snapshot = _EMPTY
        self.notices: list[str] = []
        if journal is not None:
            self.notices = journal.replay(self._replay)
            self._compact()
        self._reconcile()

    @property
    def version(self) -> int:
        """The resourceVersion of the last change."""
        return self._version

    @property
    def empty(self) -> bool:
        """Whether nothing was ever stored."""
        return not self._manifests

    def snapshot(self) -> Snapshot:
        """What is in force now; a request keeps the one it began with."""
        return self._snapshot

    def get(self, key: Key) -> Json:
        """The object with its status. Errors: ``NotFound``."""
        with self._lock:
            if key not in self._manifests:
                raise not_found(key)
            return self._view(key)

    def list(self, kind: Kind, namespace: str | None = None) -> list[Json]:
        """The objects of a kind, in one namespace or all, by namespace and name."""
        with self._lock:
            keys = [
                key
                for key in self._manifests
                if (key.group, key.kind) == (kind.group, kind.kind)
                and namespace in {None, key.namespace}
            ]
            return [self._view(key) for key in sorted(keys)]

    def all(self) -> Sequence[Json]:
        """Every object, by kind, namespace and name."""
        return [one for kind in KINDS for one in self.list(kind)]

    def is_provided(self, key: Key) -> bool:
        """Whether the object comes from the environment and its content is not for readers."""
        return key in self._provided

    def create(self, kind: Kind, manifest: Json, *, dry_run: bool = False) -> Admitted:
        """Store a new object.

        Errors: ``AlreadyExists``, ``Invalid``, ``BadManifest``, ``StorageFull``.
        """
        with self._lock:
            admitted = admit(kind, manifest)
            key = admitted.resource.key
            if key in self._manifests:
                raise AlreadyExists(
                    f'{kind.resource} "{key.name}" already exists',
                    kind=kind.plural,
                    group=kind.group,
                    name=key.name,
                )
            stamped = self._stamp(admitted.manifest, None)
            return self._put(kind, stamped, admitted.warnings, dry_run=dry_run)

    def replace(self, kind: Kind, manifest: Json, *, dry_run: bool = False) -> Admitted:
        """Store a new state of an object; nothing is written when nothing changed.

        Errors: ``NotFound``, ``Conflict`` for an older resourceVersion, and those of ``create``.
        """
        with self._lock:
            admitted = admit(kind, manifest)
            key = admitted.resource.key
            old = self._manifests.get(key)
            if old is None:
                raise not_found(key)
            expected = admitted.resource.metadata.resource_version
            if expected and expected != old["metadata"]["resourceVersion"]:
                raise Conflict(
                    f'Operation cannot be fulfilled on {kind.resource} "{key.name}": the object has'
                    " been modified; please apply your changes to the latest version and try again",
                    kind=kind.plural,
                    group=kind.group,
                    name=key.name,
                )
            stamped = self._stamp(admitted.manifest, old)
            if stamped == old:
                return Admitted(self._resources[key], self._view(key), admitted.warnings)
            return self._put(kind, stamped, admitted.warnings, dry_run=dry_run)

    def delete(self, key: Key) -> Json:
        """Forget an object; returns its last state. Errors: ``NotFound``, ``StorageFull``."""
        with self._lock:
            last = self.get(key)
            if key not in self._provided:
                self._write(json.dumps({"delete": list(key), "version": self._version + 1}))
            self._version += 1
            for mapping in (self._manifests, self._resources, self._statuses):
                mapping.pop(key, None)
            self._provided.discard(key)
            self._reconcile()
            return last

    def provide(self, kind: Kind, manifest: Json) -> None:
        """Put an object of the environment in place; it is never written to disk.

        What the learner stored under the same key stays.
        """
        with self._lock:
            admitted = admit(kind, manifest)
            key = admitted.resource.key
            if key in self._manifests and key not in self._provided:
                return
            self._version += 1
            stamped = self._stamp(admitted.manifest, self._manifests.get(key))
            self._provided.add(key)
            self._keep(kind, stamped)
            self._reconcile()

    def _put(
        self, kind: Kind, manifest: Json, warnings: tuple[str, ...], *, dry_run: bool
    ) -> Admitted:
        if dry_run:
            admitted = admit(kind, manifest)
            key = admitted.resource.key
            if key not in self._manifests:
                return Admitted(admitted.resource, manifest, warnings)
            old = self._view(key)
            version = old["metadata"]["resourceVersion"]
            metadata = {**manifest["metadata"], "resourceVersion": version}
            status = {"status": old["status"]} if "status" in old else {}
            shown = {**manifest, "metadata": metadata, **status}
            return Admitted(admitted.resource, shown, warnings)
        key = admit(kind, manifest).resource.key
        # A provided Secret that only gets a label keeps its values, which may not reach the disk.
        values = manifest.get("data")
        provided = key in self._provided and values == self._manifests[key].get("data")
        if not provided:
            self._write(json.dumps({"put": manifest}, ensure_ascii=False))
            self._provided.discard(key)
        self._version += 1
        self._keep(kind, manifest)
        self._reconcile()
        return Admitted(self._resources[key], self._view(key), warnings)

    def _keep(self, kind: Kind, manifest: Json) -> Key:
        resource = admit(kind, manifest).resource
        self._resources[resource.key] = resource
        self._manifests[resource.key] = manifest
        return resource.key

    def _stamp(self, manifest: Json, old: Json | None) -> Json:
        new_uid, now = str(uuid.uuid4()), _timestamp(self._now())
        return stamped(manifest, old, uid=new_uid, now=now, version=self._version + 1)

    def _write(self, line: str) -> None:
        if self._journal is None:
            return
        try:
            self._journal.append(line)
        except HomeUnusable as error:
            raise StorageFull(str(error)) from error

    def _replay(self, line: str) -> None:
        try:
            entry = json.loads(line)
            version = int(entry.get("version", 0))
            if "delete" in entry:
                key = Key(*entry["delete"])
                self._manifests.pop(key, None)
                self._resources.pop(key, None)
            elif "put" in entry:
                version = self._replay_put(entry["put"])
            self._version = max(self._version, version)
        except (TypeError, KeyError, AttributeError, KubernetesError, RecursionError) as error:
            raise ValueError(f"not a journal entry: {error}") from error

    def _replay_put(self, manifest: Json) -> int:
        """Keep an object again; returns its resourceVersion."""
        version = int(manifest["metadata"]["resourceVersion"])
        kind = kind_of(manifest["apiVersion"], manifest["kind"])
        if kind is None:
            raise ValueError(f"unknown kind {manifest['kind']}")
        self._keep(kind, manifest)
        return version

    def _compact(self) -> None:
        if self._journal is not None and self._manifests:
            # The version goes on counting from where it was, also when its object is deleted.
            entries: list[Json] = [{"version": self._version}]
            entries += [{"put": manifest} for manifest in self._manifests.values()]
            self._journal.rewrite(json.dumps(entry, ensure_ascii=False) for entry in entries)

    def _reconcile(self) -> None:
        self._snapshot = reconcile(dict(self._resources))
        now = _timestamp(self._now())
        self._statuses = {
            key: dated(status, self._statuses.get(key), self._generation(key), now)
            for key, status in self._snapshot.statuses.items()
        }

    def _generation(self, key: Key) -> int:
        generation: int = self._manifests[key]["metadata"].get("generation", 1)
        return generation

    def _view(self, key: Key) -> Json:
        status = self._statuses.get(key)
        manifest = self._manifests[key]
        return {**manifest, "status": status} if status is not None else dict(manifest)


def not_found(key: Key) -> NotFound:
    """The API server's refusal for a key that nothing is stored under."""
    plural = next((k.plural for k in SERVED if k.kind == key.kind), key.kind)
    resource = f"{plural}.{key.group}" if key.group else plural
    return NotFound(
        f'{resource} "{key.name}" not found', kind=plural, group=key.group, name=key.name
    )


def _timestamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
