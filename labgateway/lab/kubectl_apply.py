"""``kubectl apply``: each document on its own, in order, as kubectl's client side does it."""

from __future__ import annotations

import difflib
import json
from dataclasses import replace
from typing import Any

from labgateway.decisions.patches import three_way
from labgateway.decisions.printing import compact_json
from labgateway.decisions.redaction import LAST_APPLIED
from labgateway.lab.attempts import Record
from labgateway.lab.cluster import Cluster, Place, Served, served_kinds
from labgateway.lab.command_line import DEFAULT_NAMESPACE, Command
from labgateway.lab.failures import Failure, Refused
from labgateway.lab.flag_values import dry_run
from labgateway.lab.printed import Printed, together
from labgateway.lab.sources import (
    Manifest,
    Source,
    Typed,
    Unreadable,
    manifests,
    sources,
    undecodable,
)

Json = dict[str, Any]

# By -o: what is printed of each object, from its name and what was done.
_SAID = {"": "{} {}\n", "name": "{}\n"}


def apply(cluster: Cluster, command: Command, typed: Typed) -> Printed:
    """Create or change what the documents say."""
    if command.arguments:
        listed = " ".join(command.arguments)
        raise Failure(f"Unexpected args: [{listed}]\nSee 'kubectl apply -h' for help and examples")
    if not command.files:
        raise Failure("must specify one of -f and -k", "in a cell: %%kubectl apply -f -")
    output = command.flags.get("output", "")
    if output not in _SAID:
        raise Failure(
            f"apply -o {output} is not part of %kubectl",
            "here: -o name; kubectl get -o yaml shows what is stored",
        )
    run = _Run(cluster, command.flags.get("namespace"), dry_run(command), _SAID[output])
    found = list(sources(command, typed))
    for source in found:
        run.read(source)
    run.apply()
    failures = run.before
    if not (failures or run.failures or run.ready):
        failures = [Failure("no objects passed to apply", *_nothing_to_read(command, typed))]
    elif len(failures) > 1 and run.failures:
        failures = [together(failures)]
    texts = [one for one in found if isinstance(one, Source)]
    attempt = None if run.dry_run else run.record.attempt(texts)
    failures = [*failures, *run.failures]
    secrets = run.record.secrets
    return Printed(run.stdout, failures=failures, attempt=attempt, secrets=secrets)


def placed(manifest: Manifest, record: Record, namespace: str | None) -> tuple[Manifest, Served]:
    """(the manifest with its namespace, its kind). Errors: ``Failure``, noted in the record."""
    wrong = undecodable(manifest)
    if wrong is not None:
        raise record.refused(manifest, Failure(wrong[0]), wrong[1])
    served = _served(manifest, record)
    metadata = dict(manifest.data.get("metadata") or {})
    given = metadata.pop("namespace", None)
    if served.namespaced:
        metadata["namespace"] = given or namespace or DEFAULT_NAMESPACE
        if namespace and metadata["namespace"] != namespace:
            message = (
                f'the namespace from the provided object "{given}" does not match the namespace'
                f" \"{namespace}\". You must pass '--namespace={given}' to perform this operation."
            )
            problem = manifest.problem("metadata.namespace", message)
            raise record.refused(manifest, Failure(message), problem)
    return replace(manifest, data={**manifest.data, "metadata": metadata}), served


class _Run:
    """One apply: what is ready, what failed before anything was applied and while it was."""

    def __init__(self, cluster: Cluster, namespace: str | None, dry_run: str, said: str) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self.dry_run = dry_run
        self._said = said
        self.stdout = ""
        self.ready: list[tuple[Manifest, Served]] = []
        self.before: list[Failure] = []
        self.failures: list[Failure] = []
        self.record = Record()

    def read(self, source: Source | Failure) -> None:
        """Read a source as far as it goes."""
        if isinstance(source, Failure):
            self.before.append(source)
            return
        for one in manifests(source):
            if isinstance(one, Unreadable):
                self.before.append(one)
                self.record.unreadable(source, one)
                continue
            try:
                self.ready.append(placed(one, self.record, self._namespace))
            except Failure as failure:
                self.before.append(failure)

    def apply(self) -> None:
        """Apply what is ready, in order."""
        for manifest, served in self.ready:
            try:
                done = self._apply(manifest, served)
            except Failure as failure:
                self.failures.append(self.record.refused(manifest, failure))
            else:
                name = manifest.data["metadata"]["name"]
                self.stdout += self._said.format(f"{served.label}/{name}", f"{done}{self.dry_run}")
                self.record.applied(manifest, done)

    def _apply(self, manifest: Manifest, served: Served) -> str:
        """``created``, ``configured`` or ``unchanged``. Errors: ``Failure``."""
        metadata = manifest.data["metadata"]
        place, quoted = _place(served, metadata), manifest.quoted
        try:
            current = self._current(served, metadata)
        except Failure as failure:
            doing = f"error when retrieving current configuration of:\n{place}\nfrom server for: "
            raise Failure(f"{doing}{quoted}: {failure}") from failure
        modified = _with_last_applied(manifest.data)
        if current is None:
            try:
                self._write("POST", served, {**metadata, "name": ""}, modified)
            except Refused as refused:
                raise refused.when(f"error when creating {quoted}: ") from refused
            return "created"
        patch = three_way(self._original(served, current), modified, current)
        if not patch:
            return "unchanged"
        try:
            self._write("PATCH", served, metadata, patch)
        except Refused as refused:
            doing = f"error when applying patch:\n{compact_json(patch)}\nto:\n{place}\nfor: "
            doing += f"{quoted}: error when patching {quoted}: "
            raise refused.when(doing) from refused
        return "configured"

    def _write(self, method: str, served: Served, metadata: Json, body: Json) -> None:
        query = {"fieldManager": "kubectl-client-side-apply", "fieldValidation": "Strict"}
        if self.dry_run:
            query["dryRun"] = "All"
        place = Place(served, metadata.get("namespace", ""), metadata["name"])
        self._cluster.request(method, place, query=query, body=body)

    def _current(self, served: Served, metadata: Json) -> Json | None:
        if not metadata.get("name"):
            raise Failure("resource name may not be empty")
        try:
            place = Place(served, metadata.get("namespace", ""), metadata["name"])
            return self._cluster.request("GET", place)
        except Refused as refused:
            if refused.reason == "NotFound":
                return None
            raise

    def _original(self, served: Served, current: Json) -> Json:
        """What was applied last; kubectl warns when nobody wrote it down."""
        text = current["metadata"].get("annotations", {}).get(LAST_APPLIED)
        if text is not None:
            return _last_applied(text)
        self._cluster.warnings.append(
            f"resource {served.plural}/{current['metadata']['name']} is missing the {LAST_APPLIED}"
            " annotation which is required by kubectl apply. kubectl apply should only be used on"
            " resources created declaratively by either kubectl create --save-config or kubectl"
            " apply. The missing annotation will be patched automatically."
        )
        return {}


def _last_applied(text: str) -> Json:
    try:
        original = json.loads(text)
    except ValueError as error:
        raise Failure(f"the annotation {LAST_APPLIED} is not JSON: {error}") from error
    return original if isinstance(original, dict) else {}


def _nothing_to_read(command: Command, typed: Typed) -> tuple[str, ...]:
    if "-" not in command.files or (typed.text or "").strip():
        return ()
    return ("-f - reads the cell below a first line %%kubectl apply -f -",)


def _served(manifest: Manifest, record: Record) -> Served:
    """The kind of a manifest. Errors: ``Failure``, with the kind that was probably meant."""
    api_version, kind = manifest.data["apiVersion"], manifest.data["kind"]
    for served in served_kinds():
        if (served.api_version, served.kind) == (api_version, kind):
            return served
    metadata = manifest.data.get("metadata") or {}
    why = f'no matches for kind "{kind}" in version "{api_version}"'
    failure = Failure(
        f'resource mapping not found for name: "{metadata.get("name") or ""}" namespace:'
        f' "{metadata.get("namespace") or ""}" from {manifest.quoted}: {why}\n'
        "ensure CRDs are installed first"
    )
    known = {served.kind: served.api_version for served in served_kinds()}
    names = {name.lower(): name for name in known}
    close = difflib.get_close_matches(kind.lower(), names, n=1)
    if kind in known:
        problem = manifest.problem("apiVersion", f"{why}; {kind} is in {known[kind]}")
    elif close:
        meant = names[close[0]]
        problem = manifest.problem("kind", f"{why}; {meant} is in {known[meant]}")
    else:
        problem = manifest.problem("kind", f"{why}; the kinds here are {', '.join(sorted(known))}")
    raise record.refused(manifest, failure, problem)


def _place(served: Served, metadata: Json) -> str:
    """How kubectl names an object when it says what it was doing."""
    version = f"{served.group}/{served.version}"
    return (
        f'Resource: "{version}, Resource={served.plural}", GroupVersionKind: "{version},'
        f' Kind={served.kind}"\nName: "{metadata.get("name") or ""}",'
        f' Namespace: "{metadata.get("namespace", "")}"'
    )


def _with_last_applied(manifest: Json) -> Json:
    """The manifest as kubectl sends it: with a copy of itself in an annotation."""
    metadata = manifest["metadata"]
    annotations = {
        name: value
        for name, value in (metadata.get("annotations") or {}).items()
        if name != LAST_APPLIED
    }
    plain = {**manifest, "metadata": {**metadata, "annotations": annotations}}
    copied = {**annotations, LAST_APPLIED: compact_json(plain) + "\n"}
    return {**manifest, "metadata": {**metadata, "annotations": copied}}
