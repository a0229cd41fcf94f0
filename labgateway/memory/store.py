"""The resources: what was applied, kept in the home, and a snapshot of what is in force."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from labgateway.decisions.admission import Admitted, admit, refuse_changes
from labgateway.decisions.reconcile import Snapshot
from labgateway.decisions.refusals import already_exists, not_found, outdated
from labgateway.decisions.secret_values import masked
from labgateway.decisions.server_fields import stamped, timestamp
from labgateway.memory.changes import Change, Changes
from labgateway.memory.held import Held
from labgateway.memory.journal import Journal
from labgateway.memory.standing import Listen, Standing, nowhere_else
from labgateway.shapes.kinds import KINDS, Kind
from labgateway.shapes.resource import Key, ObjectMeta
from labgateway.words.errors import HomeUnusable, StorageFull

Json = dict[str, Any]
_STATUS_BYTES = 2_048  # about what a status, or the little else that is not shared, takes


def _now() -> datetime:
    return datetime.now(UTC)


class Store:
    """Objects by key. Readers take ``snapshot()`` and never wait; writers go one at a time.

    ``listen`` has sockets for Gateways before a write that needs them is answered.
    """

    def __init__(
        self,
        journal: Journal | None,
        now: Callable[[], datetime] = _now,
        listen: Listen = nowhere_else,
    ) -> None:
        self._journal = journal
        self._now = now
        self._lock = threading.RLock()
        self._held = Held()
        self._provided: set[Key] = set()
        self._standing = Standing(listen)
        self.notices: list[str] = []
        if journal is not None:
            self.notices = journal.replay(self._held.replay)
            if self._held.manifests:
                journal.rewrite(self._held.lines())
        self.changes = Changes(self._held.version)
        self._decide()

    @property
    def version(self) -> int:
        """The resourceVersion of the last change."""
        return self._held.version

    @property
    def empty(self) -> bool:
        """Whether nothing was ever stored."""
        return not self._held.manifests

    def decide(self) -> None:
        """Decide anew what is in force, when sockets can be had that could not be before."""
        with self._lock:
            self._decide()

    def snapshot(self) -> Snapshot:
        """What is in force now; a request keeps the one it began with."""
        return self._standing.snapshot

    def get(self, key: Key) -> Json:
        """The object with its status. Errors: ``NotFound``."""
        with self._lock:
            if key not in self._held.manifests:
                raise not_found(key)
            return self._view(key)

    def list(self, kind: Kind, namespace: str | None = None) -> list[Json]:
        """The objects of a kind, in one namespace or all, by namespace and name."""
        with self._lock:
            return [self._view(key) for key in self._held.keys(kind, namespace)]

    def current(self, kind: Kind, namespace: str | None) -> tuple[Sequence[Json], int]:
        """(as ``list()`` but without values that the environment provides, at which version)."""
        with self._lock:
            shown = (self._shown(key) for key in self._held.keys(kind, namespace))
            return [one for one in shown if one is not None], self._held.version

    def all(self) -> Sequence[Json]:
        """Every object, by kind, namespace and name."""
        return [one for kind in KINDS for one in self.list(kind)]

    def is_provided(self, key: Key) -> bool:
        """Whether the object comes from the environment and its content is not for readers."""
        return key in self._provided

    def create(self, kind: Kind, manifest: Json, *, dry_run: bool = False) -> Admitted:
        """Store a new object. Errors: those of ``admit``, ``AlreadyExists``, ``StorageFull``."""
        with self._lock:
            admitted = admit(kind, manifest)
            key = admitted.resource.key
            if key in self._held.manifests:
                raise already_exists(kind, key.name)
            return self._put(self._stamp(admitted, None), dry_run=dry_run)

    def replace(self, kind: Kind, manifest: Json, *, dry_run: bool = False) -> Admitted:
        """Store a new state of an object; nothing is written when nothing changed.

        Errors: ``NotFound``, ``Conflict`` for an older resourceVersion, and those of ``create``.
        """
        with self._lock:
            admitted = admit(kind, manifest)
            key = admitted.resource.key
            old = self._held.manifests.get(key)
            if old is None:
                raise not_found(key)
            expected = admitted.resource.metadata.resource_version
            if expected and expected != self._view(key)["metadata"]["resourceVersion"]:
                raise outdated(kind, key.name)
            refuse_changes(kind, self._held.resources[key], admitted.resource)
            stamped = self._stamp(admitted, old)
            if stamped.manifest == old:
                return replace(admitted, manifest=self._view(key))
            return self._put(stamped, dry_run=dry_run)

    def delete(self, key: Key) -> Json:
        """Forget an object; returns its last state. Errors: ``NotFound``, ``StorageFull``."""
        with self._lock:
            last, before = self.get(key), self._shown(key)
            if key not in self._provided:
                self._write(self._held.delete_line(key))
            self._held.version += 1
            self._held.forget(key)
            self._standing.forget(key)
            self._provided.discard(key)
            self._settle(key, before, _STATUS_BYTES)
            return last

    def provide(self, kind: Kind, manifest: Json) -> None:
        """Put an object of the environment in place; it is never written to disk.

        What the learner stored under the same key stays.
        """
        with self._lock:
            admitted = admit(kind, manifest)
            key = admitted.resource.key
            if key in self._held.manifests and key not in self._provided:
                return
            before = self._shown(key)
            stamped = self._stamp(admitted, self._held.manifests.get(key))
            self._held.version += 1
            self._provided.add(key)
            self._held.keep(stamped)
            self._settle(key, before, _STATUS_BYTES)

    def _put(self, admitted: Admitted, *, dry_run: bool) -> Admitted:
        key, manifest = admitted.resource.key, admitted.manifest
        if dry_run:
            return replace(admitted, manifest=self._as_if(key, manifest))
        before = self._shown(key)
        # A provided Secret that only gets a label keeps its values, which may not reach the disk.
        values = manifest.get("data")
        provided = key in self._provided and values == self._held.manifests[key].get("data")
        size_bytes = _STATUS_BYTES
        if not provided:
            line = self._held.put_line(manifest)
            size_bytes += len(line)
            self._write(line)
            self._provided.discard(key)
        self._held.version += 1
        self._held.keep(admitted)
        self._settle(key, before, size_bytes)
        return replace(admitted, manifest=self._view(key))

    def _as_if(self, key: Key, manifest: Json) -> Json:
        """What readers would see of an object if it was stored."""
        if key not in self._held.manifests:
            return manifest
        old = self._view(key)
        version = old["metadata"]["resourceVersion"]
        metadata = {**manifest["metadata"], "resourceVersion": version}
        status = {"status": old["status"]} if "status" in old else {}
        return {**manifest, "metadata": metadata, **status}

    def _stamp(self, admitted: Admitted, old: Json | None) -> Admitted:
        """What was admitted with the fields that the server owns."""
        new_uid, now = str(uuid.uuid4()), timestamp(self._now())
        manifest = stamped(
            admitted.manifest, old, uid=new_uid, now=now, version=self._held.version + 1
        )
        metadata = ObjectMeta.model_validate(manifest["metadata"])
        resource = admitted.resource.model_copy(update={"metadata": metadata})
        return replace(admitted, resource=resource, manifest=manifest)

    def _write(self, line: str) -> None:
        if self._journal is None:
            return
        try:
            self._journal.append(line)
        except HomeUnusable as error:
            raise StorageFull(str(error)) from error

    def _decide(self, written: Key | None = None) -> dict[Key, Json | None]:
        now = timestamp(self._now())
        return self._standing.decide(self._held, now, written)

    def _settle(self, written: Key, before: Json | None, size_bytes: int) -> None:
        """Decide what a write changes, and tell whoever watches.

        The status of another object that changes with it is a version of its own.
        """
        changed = self._decide(written)
        self.changes.record(
            Change(self._held.version, written, before, self._shown(written), size_bytes)
        )
        changed.pop(written, None)
        for key, status in changed.items():
            was = {**self._view(key), "status": status}
            self._held.version += 1
            self._held.status_versions[key] = self._held.version
            now = self._shown(key)
            self.changes.record(Change(self._held.version, key, was, now, _STATUS_BYTES))
        if changed:
            # The write itself is on disk; without this line only versions go back at a restart.
            with contextlib.suppress(StorageFull):
                self._write(self._held.versions_line(changed))

    def _view(self, key: Key) -> Json:
        manifest, status = self._held.manifests[key], self._standing.status(key)
        version = self._held.status_versions.get(key)
        if version is not None:
            metadata = {**manifest["metadata"], "resourceVersion": str(version)}
            manifest = {**manifest, "metadata": metadata}
        return {**manifest, "status": status} if status is not None else dict(manifest)

    def _shown(self, key: Key) -> Json | None:
        """An object for readers, without values that the environment provides; None for none."""
        if key not in self._held.manifests:
            return None
        return masked(self._view(key)) if key in self._provided else self._view(key)
