"""The resources: created, replaced, deleted, provided, kept over a restart."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from labgateway.memory.store import Store
from labgateway.words.errors import (
    AlreadyExists,
    BadManifest,
    Conflict,
    Invalid,
    NotFound,
)
from tests.decisions.resources import (
    BACKEND,
    GATEWAY,
    ROUTE,
    Json,
    backend,
    gateway,
    gateway_class,
    route,
)
from tests.memory.stores import Clock, create, kind_of_manifest, replace, restarted, times


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
    assert store.list(kind_of_manifest(backend())) == []
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
        for one in store.list(kind_of_manifest(route()))
    ]
    assert listed == [("a", "one"), ("a", "two"), ("b", "one")]
    assert len(store.list(kind_of_manifest(route()), "a")) == 2
    assert [one["kind"] for one in store.all()].count("AgentgatewayBackend") == 1


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
    assert times(store.list(kind_of_manifest(gateway_class()))[0]) == {"2025-12-31T23:00:00Z"}


def test_a_condition_observes_the_generation_it_speaks_of(store: Store) -> None:
    """``observedGeneration`` is the object's."""
    create(store, backend())
    replaced = replace(store, backend({"ai": {"provider": {"openai": {"model": "m"}}}}))
    (condition,) = replaced["status"]["conditions"]
    assert condition["observedGeneration"] == replaced["metadata"]["generation"] == 2


def test_a_field_that_is_stored_only_shows_in_the_status(store: Store) -> None:
    """As long as it is there, also of an object whose status says nothing else."""
    head = {"apiVersion": "v1", "kind": "Service"}
    service = {**head, "metadata": {"name": "web", "namespace": "default"}}
    plain = {**service, "spec": {"ports": [{"port": 80}]}}
    chosen = {**service, "spec": {"ports": [{"port": 80}], "selector": {"app": "web"}}}
    create(store, plain)
    (said,) = replace(store, chosen)["status"]["conditions"]
    assert (said["type"], said["status"], said["observedGeneration"]) == ("ActedOn", "False", 2)
    assert said["message"].endswith(": spec.selector")
    assert replace(store, plain)["status"] == {"loadBalancer": {}}


def test_what_readers_hold_does_not_change(store: Store) -> None:
    """A request keeps the snapshot it began with (F42)."""
    for manifest in (gateway_class(), gateway(), route(), backend()):
        create(store, manifest)
    snapshot, seen = store.snapshot(), store.get(ROUTE)
    store.delete(BACKEND)
    assert BACKEND in snapshot.backends
    assert seen["status"]["parents"][0]["conditions"][1]["status"] == "True"


@pytest.mark.parametrize("host", ["[", "[::1", "\u2100.com", "a b"])
def test_no_host_of_a_backend_stops_the_store(store: Store, host: str) -> None:
    """It is a problem of the backend."""
    create(store, backend({"ai": {"provider": {"openai": {}, "host": host, "port": 80}}}))
    (condition,) = store.get(BACKEND)["status"]["conditions"]
    assert condition["reason"] == "TranslationError"


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
