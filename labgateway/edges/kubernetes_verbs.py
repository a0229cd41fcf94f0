"""What a request to the objects of a kind does: read the body, decide, store, answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from labgateway.decisions.admission import Admitted
from labgateway.decisions.bodies import check_place, named, read_object, read_patch
from labgateway.decisions.lenient import without_unknown
from labgateway.decisions.redaction import without_inline_key
from labgateway.decisions.secret_values import anonymous, masked, unmasked
from labgateway.decisions.selectors import selected
from labgateway.decisions.tables import partial, table
from labgateway.memory.store import Store
from labgateway.shapes.kinds import KINDS, Kind, kind_of
from labgateway.shapes.resource import Key
from labgateway.words.errors import Conflict, Forbidden, KubernetesError, MethodNotAllowed

Json = dict[str, Any]
OnRefused = Callable[[Json, KubernetesError], None]
OnApplied = Callable[[str, Json], None]

# The User-Agent of lab/kubectl.py, which reports its attempts with lines and text.
NOTEBOOK_AGENT = "labgateway-notebook"
PATCH_ATTEMPTS = 5


@dataclass(frozen=True)
class Call:
    """One request; ``namespace`` is "" for all or none, ``name`` "" for the whole collection."""

    kind: Kind
    method: str
    namespace: str
    name: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def key(self) -> Key:
        """The object that the path names."""
        return Key(self.kind.group, self.kind.kind, self.namespace, self.name)

    @property
    def dry_run(self) -> bool:
        """Whether nothing may be stored."""
        return self.query.get("dryRun") == "All"

    @property
    def watch(self) -> bool:
        """Whether changes of a collection are asked for as they come."""
        asked = self.query.get("watch") in {"1", "true"}
        return asked and self.method == "GET" and not self.name

    @property
    def from_notebook(self) -> bool:
        """Whether the notebook's own kubectl asks."""
        return self.headers.get("user-agent", "").startswith(NOTEBOOK_AGENT)


@dataclass(frozen=True)
class Answer:
    """What the client gets: a document, its status, and ``Warning`` headers."""

    content: Json
    code: int = 200
    warnings: tuple[str, ...] = ()


class Objects:
    """The objects of a store, by the verbs of the Kubernetes API."""

    def __init__(self, store: Store, on_refused: OnRefused, on_applied: OnApplied) -> None:
        self._store = store
        self._on_refused = on_refused
        self._on_applied = on_applied
        # (method, whether the path names an object)
        self._verbs: dict[tuple[str, bool], Callable[[Call], Answer]] = {
            ("GET", False): self._list,
            ("GET", True): self._get,
            ("POST", False): self._create,
            ("PUT", True): self._update,
            ("PATCH", True): self._patch,
            ("DELETE", True): self._delete,
        }

    def answer(self, call: Call) -> Answer:
        """Do what a request asks. Errors: ``KubernetesError``."""
        verb = self._verbs.get((call.method, bool(call.name)))
        if verb is None:
            raise not_allowed(call)
        return verb(call)

    def _get(self, call: Call) -> Answer:
        return Answer(self._shown(call, [self._view(self._store.get(call.key))], single=True))

    def _list(self, call: Call) -> Answer:
        labels, fields = call.query.get("labelSelector", ""), call.query.get("fieldSelector", "")
        objects = [
            self._view(one)
            for one in self._store.list(call.kind, call.namespace or None)
            if selected(one, labels, fields)
        ]
        return Answer(self._shown(call, objects, single=False))

    def _create(self, call: Call) -> Answer:
        manifest = read_object(call.kind, call.body, call.headers)
        manifest = check_place(named(manifest), call.namespace, "")
        if call.namespace:
            self._store.get(Key("", "Namespace", "", call.namespace))
        return self._write("create", call, manifest, self._store.create)

    def _update(self, call: Call) -> Answer:
        manifest = read_object(call.kind, call.body, call.headers)
        manifest = check_place(manifest, call.namespace, call.name)
        return self._write("update", call, manifest, self._store.replace)

    def _patch(self, call: Call) -> Answer:
        patched = read_patch(call.kind, call.body, call.headers)
        for attempt in range(1, PATCH_ATTEMPTS + 1):
            live = self._view(self._store.get(call.key))
            manifest = check_place(patched(live), call.namespace, call.name)
            theirs = manifest["metadata"].get("resourceVersion")
            try:
                return self._write("patch", call, manifest, self._store.replace)
            except Conflict:
                # Another writer came between reading and storing; only a patch that names a
                # version wants to hear of it.
                if attempt == PATCH_ATTEMPTS or theirs != live["metadata"]["resourceVersion"]:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _delete(self, call: Call) -> Answer:
        manifest = self._store.get(call.key)
        kind = call.kind
        if kind.kind == "Namespace" and call.name == "default":
            raise Forbidden(
                'namespaces "default" is forbidden: this namespace may not be deleted',
                kind=kind.plural,
                name=call.name,
            )
        if not call.dry_run and b'"dryRun":["All"]' not in call.body.replace(b" ", b""):
            if kind.kind == "Namespace":
                self._empty(call.name)
            self._store.delete(call.key)
            self._on_applied("delete", anonymous(manifest))
        details = {"name": call.name, "group": kind.group, "kind": kind.plural}
        details["uid"] = manifest["metadata"]["uid"]
        return Answer(
            {
                "kind": "Status",
                "apiVersion": "v1",
                "metadata": {},
                "status": "Success",
                "details": {name: value for name, value in details.items() if value},
            }
        )

    def _empty(self, namespace: str) -> None:
        for kind in KINDS:
            if kind.namespaced:
                for one in self._store.list(kind, namespace):
                    self._store.delete(_key(one))

    def _write(
        self, verb: str, call: Call, manifest: Json, store: Callable[..., Admitted]
    ) -> Answer:
        """Store a manifest leniently or strictly, as asked, and tell whoever listens."""
        manifest, redacted = without_inline_key(manifest)
        warnings = [redacted] if redacted else []
        validation = call.query.get("fieldValidation") or "Warn"
        try:
            if validation != "Strict":
                manifest, unknown = without_unknown(call.kind, manifest)
                if validation == "Warn":
                    warnings += [f'unknown field "{path}"' for path in unknown]
            stored = self._stored(call, manifest, store)
        except KubernetesError as error:
            if not call.dry_run and not isinstance(error, Conflict) and not call.from_notebook:
                self._on_refused(anonymous(manifest), error)
            raise
        if not call.dry_run and not call.from_notebook:
            self._on_applied(verb, anonymous(stored.manifest))
        view = self._view(stored.manifest)
        code = 201 if verb == "create" else 200
        return Answer(self._shown(call, [view], single=True), code, (*warnings, *stored.warnings))

    def _stored(self, call: Call, manifest: Json, store: Callable[..., Admitted]) -> Admitted:
        if self._store.is_provided(call.key):
            manifest = unmasked(manifest, self._store.get(call.key))
        return store(call.kind, manifest, dry_run=call.dry_run)

    def _view(self, one: Json) -> Json:
        return masked(one) if self._store.is_provided(_key(one)) else one

    def _shown(self, call: Call, objects: list[Json], *, single: bool) -> Json:
        return shown(call, objects, self._store.version, single=single)


def shown(call: Call, objects: list[Json], version: int, *, single: bool) -> Json:
    """Objects in the form that the client accepts first; ``version`` is the store's."""
    kind = call.kind
    accepted = call.headers.get("accept", "")
    if "as=Table" in accepted and call.method == "GET":
        whole = call.query.get("includeObject") == "Object"
        return table(kind, objects, datetime.now(UTC), version=version, whole=whole)
    name = f"{kind.kind}List"
    api_version = kind.api_version
    if "as=PartialObjectMetadata" in accepted:
        objects = [partial(one) for one in objects]
        name, api_version = "PartialObjectMetadataList", "meta.k8s.io/v1"
    if single:
        return objects[0]
    return {
        "kind": name,
        "apiVersion": api_version,
        "metadata": {"resourceVersion": str(version)},
        "items": objects,
    }


def not_allowed(call: Call) -> MethodNotAllowed:
    """The refusal of a verb."""
    return MethodNotAllowed(
        "the server does not allow this method on the requested resource",
        kind=call.kind.plural,
        group=call.kind.group,
        name=call.name,
    )


def _key(one: Json) -> Key:
    kind = kind_of(one["apiVersion"], one["kind"])
    assert kind is not None
    metadata = one["metadata"]
    return Key(kind.group, kind.kind, metadata.get("namespace", ""), metadata["name"])
