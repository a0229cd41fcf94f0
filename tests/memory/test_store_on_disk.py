"""The store over a restart, with damage, and on a full disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labgateway.memory.store import Store
from labgateway.shapes.resource import Key
from labgateway.words.errors import (
    Conflict,
    Invalid,
    NotFound,
    StorageFull,
)
from tests.decisions.resources import (
    BACKEND,
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
from tests.memory.stores import Clock, create, provide, replace, restarted

SECRET = Key("", "Secret", NAMESPACE, "openai-secret")


CANARY = {"Authorization": "Bearer sk-canary-0123456789"}


CANARY_BASE64 = "QmVhcmVyIHNrLWNhbmFyeS0wMTIzNDU2Nzg5"


def test_a_restart_keeps_everything(store: Store, path: Path, clock: Clock) -> None:
    """Objects, their versions and what is in force; and goes on counting."""
    for manifest in (gateway_class(), gateway(), route(), backend(), secret(CANARY)):
        create(store, manifest)
    replace(store, backend({"ai": {"provider": {"openai": {"model": "gpt-4o"}}}}))
    again = restarted(path, clock)
    assert again.all() == store.all()
    assert again.version == store.version
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


@pytest.mark.parametrize("match", [regular("("), prefix("/" + "a" * 1023)])
def test_nothing_that_is_admitted_stops_the_store(
    store: Store, path: Path, clock: Clock, match: Json
) -> None:
    """A regular expression that does not compile would otherwise end the lab for good."""
    for manifest in (gateway_class(), gateway(), route(matching(match))):
        create(store, manifest)
    assert restarted(path, clock).get(ROUTE) == store.get(ROUTE)


def test_lone_surrogates_are_refused_or_kept(store: Store, path: Path, clock: Clock) -> None:
    """JSON can name them and UTF-8 cannot."""
    odd = backend()
    odd["metadata"] = {**odd["metadata"], "annotations": {"a": "\ud800"}}
    try:
        create(store, odd)
    except Invalid:
        return
    assert restarted(path, clock).get(BACKEND) == store.get(BACKEND)
