"""The resources: created, replaced, deleted, provided, kept over a restart."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from labgateway.memory.journal import Journal
from labgateway.memory.store import Store
from labgateway.shapes.kinds import kind_of
from labgateway.shapes.resource import Key
from labgateway.words.errors import (
    AlreadyExists,
    BadManifest,
    Conflict,
    Invalid,
    NotFound,
    StorageFull,
)
from tests.decisions.resources import (
    BACKEND,
    GATEWAY,
    NAMESPACE,
    ROUTE,
    Json,
    backend,
    gateway,
    gateway_class,
    matching,
    prefix,
    regular,
    route,
    secret,
)
from tests.memory.disks import full_after

SECRET = Key("", "Secret", NAMESPACE, "openai-secret")
CANARY = {"Authorization": "Bearer sk-canary-0123456789"}
CANARY_BASE64 = "QmVhcmVyIHNrLWNhbmFyeS0wMTIzNDU2Nzg5"


class Clock:
    """Seconds pass when a test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: int) -> None:
        """Let time pass; less than none when the computer's clock is set back."""
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    """A clock at the beginning of 2026."""
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The journal of resources."""
    return tmp_path / "resources.jsonl"


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[Store]:
    """A store with nothing in it."""
    journal = Journal(path)
    yield Store(journal, clock)
    journal.close()


def create(store: Store, manifest: Json, **how: bool) -> Json:
    """Store a new object; returns what readers see of it."""
    return store.create(_kind(manifest), manifest, **how).manifest


def replace(store: Store, manifest: Json, **how: bool) -> Json:
    """Store a new state of an object; returns what readers see of it."""
    return store.replace(_kind(manifest), manifest, **how).manifest


def provide(store: Store, manifest: Json) -> None:
    """Put an object of the environment in place."""
    store.provide(_kind(manifest), manifest)


def _kind(manifest: Json) -> Any:
    return kind_of(manifest["apiVersion"], manifest["kind"])


def restarted(path: Path, clock: Clock) -> Store:
    """The store as the next owner of the home finds it."""
    return Store(Journal(path), clock)


def times(one: Json) -> set[str]:
    """Transition times of an object's conditions."""
    status = one["status"]
    lists = [
        status.get("conditions", []),
        *(each["conditions"] for each in status.get("parents", [])),
    ]
    return {condition["lastTransitionTime"] for group in lists for condition in group}


def test_a_new_object_gets_what_the_server_owns(store: Store) -> None:
    """uid, times and versions; whatever the client says of them."""
    given = route()
    given["metadata"] |= {
        "uid": "mine",
        "generation": 9,
        "creationTimestamp": "2000-01-01T00:00:00Z",
    }
    metadata = create(store, given)["metadata"]
    assert len(metadata["uid"]) == 36
    assert (metadata["generation"], metadata["resourceVersion"]) == (1, "1")
    assert metadata["creationTimestamp"] == "2026-01-01T00:00:00Z"
    assert store.version == 1


def test_an_object_is_created_once(store: Store) -> None:
    """409, as the API server says it."""
    create(store, backend())
    with pytest.raises(AlreadyExists) as refused:
        create(store, backend())
    assert str(refused.value) == (
        'agentgatewaybackends.agentgateway.dev "openai-all-models" already exists'
    )


def test_a_changed_spec_is_a_new_generation(store: Store) -> None:
    """A label is a new version only; uid and creation stay."""
    first = create(store, backend())["metadata"]
    labelled = backend()
    labelled["metadata"] = {**labelled["metadata"], "labels": {"team": "a"}}
    second = replace(store, labelled)["metadata"]
    labelled["spec"] = {"ai": {"provider": {"openai": {"model": "gpt-4o"}}}}
    third = replace(store, labelled)["metadata"]
    versions = [(one["generation"], one["resourceVersion"]) for one in (first, second, third)]
    assert versions == [(1, "1"), (1, "2"), (2, "3")]
    assert third["uid"] == first["uid"]


def test_nothing_is_written_when_nothing_changed(store: Store, path: Path) -> None:
    """Applying the same manifest again leaves version and journal."""
    created = create(store, backend())
    before = path.read_bytes()
    assert replace(store, backend()) == created
    assert replace(store, created) == created
    assert path.read_bytes() == before


def test_a_write_against_an_older_version_is_a_conflict(store: Store) -> None:
    """Optimistic locking: read again, then write."""
    read = create(store, backend())
    replace(store, backend({"ai": {"provider": {"openai": {"model": "gpt-4o"}}}}))
    with pytest.raises(Conflict, match="the object has been modified; please apply your changes"):
        replace(store, read)


def test_what_does_not_exist_cannot_be_had(store: Store) -> None:
    """404 for reading, replacing and deleting."""
    why = 'httproutes.gateway.networking.k8s.io "openai" not found'
    with pytest.raises(NotFound, match=why):
        store.get(ROUTE)
    with pytest.raises(NotFound, match=why):
        store.delete(ROUTE)
    with pytest.raises(NotFound, match=why):
        replace(store, route())


def test_a_deleted_object_is_gone(store: Store, path: Path, clock: Clock) -> None:
    """Now and after a restart; its last state comes back once."""
    created = create(store, backend())
    assert store.delete(BACKEND) == created
    assert store.list(_kind(backend())) == []
    assert BACKEND not in store.snapshot().backends
    assert restarted(path, clock).empty


@pytest.mark.parametrize("refused", [backend({}), {**backend(), "sepc": {}}])
def test_a_refused_object_changes_nothing(store: Store, path: Path, refused: Json) -> None:
    """Neither a new one nor an old one (F42)."""
    for _attempt in range(2):
        before, snapshot, lines = store.all(), store.snapshot(), path.read_bytes()
        with pytest.raises((Invalid, BadManifest)):
            replace(store, refused) if before else create(store, refused)
        assert (store.all(), store.snapshot(), path.read_bytes()) == (before, snapshot, lines)
        if not before:
            create(store, backend())


def test_a_dry_run_changes_nothing(store: Store, path: Path) -> None:
    """And shows what would be."""
    assert create(store, backend(), dry_run=True)["spec"] == backend()["spec"]
    assert (store.empty, store.version, path.read_bytes()) == (True, 0, b"")
    create(store, backend())
    changed = backend({"ai": {"provider": {"openai": {"model": "gpt-4o"}}}})
    assert replace(store, changed, dry_run=True)["spec"] == changed["spec"]
    assert store.get(BACKEND)["spec"] == backend()["spec"]


def test_objects_are_listed_by_namespace_and_name(store: Store) -> None:
    """Of one kind, in one namespace or all."""
    for namespace, name in [("b", "one"), ("a", "two"), ("a", "one")]:
        create(store, route(name=name, namespace=namespace))
    create(store, backend())
    listed = [
        (one["metadata"]["namespace"], one["metadata"]["name"])
        for one in store.list(_kind(route()))
    ]
    assert listed == [("a", "one"), ("a", "two"), ("b", "one")]
    assert len(store.list(_kind(route()), "a")) == 2
    assert [one["kind"] for one in store.all()].count("AgentgatewayBackend") == 1


def test_a_restart_keeps_everything(store: Store, path: Path, clock: Clock) -> None:
    """Objects, their versions and what is in force; and goes on counting."""
    for manifest in (gateway_class(), gateway(), route(), backend(), secret(CANARY)):
        create(store, manifest)
    replace(store, backend({"ai": {"provider": {"openai": {"model": "gpt-4o"}}}}))
    again = restarted(path, clock)
    assert again.all() == store.all()
    assert again.version == store.version == 6
    assert again.snapshot().backends == store.snapshot().backends
    assert again.notices == []
    assert restarted(path, clock).all() == store.all()


def test_versions_never_go_back(store: Store, path: Path, clock: Clock) -> None:
    """Also when the newest object is deleted and the lab restarts: an old copy stays a conflict."""
    create(store, route())
    stale = create(store, backend())
    store.delete(BACKEND)
    for _restart in range(2):
        again = restarted(path, clock)
        assert again.version == 3
    created = create(again, backend())
    assert created["metadata"]["resourceVersion"] == "4"
    with pytest.raises(Conflict):
        replace(again, stale)


def test_the_journal_does_not_grow_with_every_change(
    store: Store, path: Path, clock: Clock
) -> None:
    """A restart keeps the last state of each object only."""
    create(store, backend())
    for number in range(50):
        replace(store, backend({"ai": {"provider": {"openai": {"model": f"m-{number}"}}}}))
    assert len(path.read_text().splitlines()) == 51
    restarted(path, clock)
    assert len(path.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    "line",
    [
        "{torn",
        "[]",
        "5",
        "null",
        "{}x",
        '{"delete": 5}',
        '{"delete": ["a", "b"]}',
        '{"version": "many"}',
        '{"put": null}',
        '{"put": 5}',
        '{"put": {}}',
        '{"put": {"apiVersion": "v1", "kind": "Secret"}}',
        '{"put": {"apiVersion": "v1", "kind": "Pod", "metadata": {"resourceVersion": "1"}}}',
        '{"put": {"apiVersion": "v1", "kind": ["Secret"], "metadata": {"resourceVersion": "1"}}}',
        json.dumps({"put": {**backend({}), "metadata": {"name": "a", "resourceVersion": "9"}}}),
        json.dumps({"put": {**backend(), "later": 1, "metadata": {"resourceVersion": "9"}}}),
        json.dumps({"put": {**backend(), "metadata": {"name": "a", "resourceVersion": "\u00b2"}}}),
        "[" * 100_000,
    ],
)
def test_a_journal_entry_of_the_wrong_shape_is_skipped(
    store: Store, path: Path, clock: Clock, line: str
) -> None:
    """Kept aside, said once, and everything else is there."""
    create(store, backend())
    with path.open("a", encoding="utf-8") as handle:
        handle.write(line + "\n")
    create(store, route())
    again = restarted(path, clock)
    assert again.notices == [
        "resources.jsonl: 1 damaged line kept in resources.jsonl.damaged; the rest was read"
    ]
    assert {one["kind"] for one in again.all()} == {"AgentgatewayBackend", "HTTPRoute"}
    assert line in path.with_name("resources.jsonl.damaged").read_text(encoding="utf-8")
    assert restarted(path, clock).notices == []


def test_a_full_disk_stores_nothing_and_keeps_everything(store: Store, path: Path) -> None:
    """507 for create, replace and delete; then it works again."""
    create(store, backend())
    before, snapshot = store.all(), store.snapshot()
    with full_after(path.stat().st_size + 10):
        with pytest.raises(StorageFull, match="free some disk space"):
            create(store, route())
        with pytest.raises(StorageFull, match="free some disk space"):
            replace(store, backend({"ai": {"provider": {"openai": {"model": "m"}}}}))
        with pytest.raises(StorageFull, match="free some disk space"):
            store.delete(BACKEND)
    assert (store.all(), store.snapshot(), store.version) == (before, snapshot, 1)
    assert create(store, route())["metadata"]["resourceVersion"] == "2"


def test_a_provided_secret_is_never_on_disk(store: Store, path: Path, clock: Clock) -> None:
    """It is in force, and the next owner has to provide it again."""
    provide(store, secret(CANARY))
    create(store, backend())
    assert store.is_provided(SECRET)
    assert store.get(SECRET)["data"] == {"Authorization": CANARY_BASE64}
    again = restarted(path, clock)
    assert not again.is_provided(SECRET)
    with pytest.raises(NotFound):
        again.get(SECRET)
    for file in path.parent.iterdir():
        text = file.read_text(encoding="utf-8")
        assert "canary" not in text
        assert CANARY_BASE64 not in text


def test_a_provided_secret_may_change(store: Store) -> None:
    """A key from the password widget replaces the one from the environment (F42)."""
    provide(store, secret(CANARY))
    uid = store.get(SECRET)["metadata"]["uid"]
    version = store.version
    provide(store, secret({"Authorization": "Bearer sk-other"}))
    assert store.get(SECRET)["data"] != {"Authorization": CANARY_BASE64}
    assert store.get(SECRET)["metadata"]["uid"] == uid
    assert store.version > version


def test_a_learners_own_secret_stays(store: Store, path: Path, clock: Clock) -> None:
    """Replacing a provided one makes it the learner's, and providing does not undo it."""
    provide(store, secret(CANARY))
    own = secret({"Authorization": "Bearer sk-own"})
    replace(store, own)
    for one in (store, restarted(path, clock)):
        provide(one, secret(CANARY))
        assert not one.is_provided(SECRET)
        assert one.get(SECRET)["data"] == {"Authorization": "QmVhcmVyIHNrLW93bg=="}
    assert CANARY_BASE64 not in path.read_text(encoding="utf-8")


def test_deleting_a_provided_secret_writes_nothing(store: Store, path: Path) -> None:
    """It is gone until the lab provides it again."""
    provide(store, secret(CANARY))
    store.delete(SECRET)
    assert (path.read_bytes(), store.is_provided(SECRET)) == (b"", False)


def test_a_condition_keeps_its_time_until_its_status_changes(store: Store, clock: Clock) -> None:
    """A route waits for its backend, then gets it."""
    for manifest in (gateway_class(), gateway(), route()):
        create(store, manifest)
    clock.passes(minutes=1)
    create(store, route(name="other"))
    assert times(store.get(ROUTE)) == {"2026-01-01T00:00:00Z"}
    clock.passes(minutes=1)
    create(store, backend())
    conditions = store.get(ROUTE)["status"]["parents"][0]["conditions"]
    assert {one["type"]: one["lastTransitionTime"] for one in conditions} == {
        "Accepted": "2026-01-01T00:00:00Z",
        "ResolvedRefs": "2026-01-01T00:02:00Z",
    }
    clock.passes(minutes=1)
    store.delete(BACKEND)
    assert "2026-01-01T00:03:00Z" in times(store.get(ROUTE))


def test_a_clock_that_is_set_back_is_no_obstacle(store: Store, clock: Clock) -> None:
    """Times are what the clock said; creation stays what it was."""
    create(store, backend())
    clock.passes(hours=-1)
    replaced = replace(store, backend({"ai": {"provider": {"openai": {"model": "m"}}}}))
    assert replaced["metadata"]["creationTimestamp"] == "2026-01-01T00:00:00Z"
    create(store, gateway_class())
    assert times(store.list(_kind(gateway_class()))[0]) == {"2025-12-31T23:00:00Z"}


def test_a_condition_observes_the_generation_it_speaks_of(store: Store) -> None:
    """``observedGeneration`` is the object's."""
    create(store, backend())
    replaced = replace(store, backend({"ai": {"provider": {"openai": {"model": "m"}}}}))
    (condition,) = replaced["status"]["conditions"]
    assert condition["observedGeneration"] == replaced["metadata"]["generation"] == 2


def test_what_readers_hold_does_not_change(store: Store) -> None:
    """A request keeps the snapshot it began with (F42)."""
    for manifest in (gateway_class(), gateway(), route(), backend()):
        create(store, manifest)
    snapshot, seen = store.snapshot(), store.get(ROUTE)
    store.delete(BACKEND)
    assert BACKEND in snapshot.backends
    assert seen["status"]["parents"][0]["conditions"][1]["status"] == "True"


@pytest.mark.parametrize("match", [regular("("), prefix("/" + "a" * 1023)])
def test_nothing_that_is_admitted_stops_the_store(
    store: Store, path: Path, clock: Clock, match: Json
) -> None:
    """A regular expression that does not compile would otherwise end the lab for good."""
    for manifest in (gateway_class(), gateway(), route(matching(match))):
        create(store, manifest)
    assert restarted(path, clock).get(ROUTE) == store.get(ROUTE)


@pytest.mark.parametrize("host", ["[", "[::1", "\u2100.com", "a b"])
def test_no_host_of_a_backend_stops_the_store(store: Store, host: str) -> None:
    """It is a problem of the backend."""
    create(store, backend({"ai": {"provider": {"openai": {}, "host": host, "port": 80}}}))
    (condition,) = store.get(BACKEND)["status"]["conditions"]
    assert condition["reason"] == "TranslationError"


def test_lone_surrogates_are_refused_or_kept(store: Store, path: Path, clock: Clock) -> None:
    """JSON can name them and UTF-8 cannot."""
    odd = backend()
    odd["metadata"] = {**odd["metadata"], "annotations": {"a": "\ud800"}}
    try:
        create(store, odd)
    except Invalid:
        return
    assert restarted(path, clock).get(BACKEND) == store.get(BACKEND)


def test_writers_go_one_at_a_time(store: Store, path: Path, clock: Clock) -> None:
    """Every version is used once, and all is in the journal."""

    def write(name: str) -> None:
        for number in range(5):
            create(store, route(name=f"{name}-{number}"))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    versions = sorted(int(one["metadata"]["resourceVersion"]) for one in store.all())
    assert versions == list(range(1, 21))
    assert restarted(path, clock).all() == store.all()


def test_a_store_without_a_journal_keeps_nothing() -> None:
    """For observations and tests."""
    store = Store(None)
    create(store, gateway())
    assert store.get(GATEWAY)["status"]["conditions"][0]["reason"] == "Pending"
    assert store.notices == []
