"""``kubectl label`` and ``kubectl annotate``: names with values on objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from labgateway.decisions.metadata_rules import wrong_with_value
from labgateway.lab.cluster import Cluster
from labgateway.lab.command_line import Command
from labgateway.lab.failures import Failure, Refused
from labgateway.lab.flag_values import dry_run
from labgateway.lab.printed import Printed
from labgateway.lab.sources import Typed
from labgateway.lab.targets import Target, named_targets

# kubectl names the annotations, and of labels says only that there is one.
_TWICE = {
    "label": "a label in the same command",
    "annotation": "the following annotation(s) in the same command: {}",
}


@dataclass(frozen=True)
class _Changes:
    """What is to be set and what is to go, of an object's ``labels`` or ``annotations``."""

    where: str
    given: Mapping[str, str]
    gone: frozenset[str]
    overwrite: bool

    def refused(self, before: Mapping[str, str]) -> list[Failure]:
        """Why not: what has another value already, which only ``--overwrite`` changes."""
        taken = [
            f"'{name}' already has a value ({before[name]})"
            for name, value in self.given.items()
            if before.get(name, value) != value and not self.overwrite
        ]
        if self.where == "labels":
            return [Failure(f"{one}, and --overwrite is false") for one in taken]
        declared = "--overwrite is false but found the following declared annotation(s): "
        return [Failure(declared + "; ".join(taken))] if taken else []

    def after(self, before: Mapping[str, str]) -> dict[str, str]:
        """How it is with the changes made."""
        kept = {name: value for name, value in before.items() if name not in self.gone}
        return {**kept, **self.given}


def label(cluster: Cluster, command: Command, typed: Typed) -> Printed:
    """Set or remove labels."""
    named, changes = _read(command, "label")
    for name, value in changes.given.items():
        why = "; ".join(wrong_with_value(value))
        if why:
            raise Failure(f'invalid label value: "{name}={value}": {why}')
    return _each(cluster, named, typed, changes)


def annotate(cluster: Cluster, command: Command, typed: Typed) -> Printed:
    """Set or remove annotations."""
    named, changes = _read(command, "annotation")
    return _each(cluster, named, typed, changes)


def _read(command: Command, word: str) -> tuple[Command, _Changes]:
    """(the command with its objects alone, what is to be changed). Errors: ``Failure``."""
    first = next((i for i, one in enumerate(command.arguments) if _changes(one)), None)
    named, rest = command.arguments[:first], command.arguments[first:] if first is not None else []
    if not named and not command.files:
        raise Failure(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>"
        )
    if not rest:
        raise Failure(f"at least one {word} update is required")
    for one in rest:
        if not _changes(one):
            raise Failure(f"all resources must be specified before {word} changes: {one}")
    pairs = [one.partition("=") for one in rest]
    given = {name: value for name, equals, value in pairs if equals}
    gone = frozenset(name.removesuffix("-") for name, equals, _ in pairs if not equals)
    both = ", ".join(sorted(gone & given.keys()))
    if both:
        raise Failure(f"can not both modify and remove {_TWICE[word].format(both)}")
    changes = _Changes(f"{word}s", given, gone, command.has("overwrite"))
    return replace(command, arguments=named), changes


def _changes(word: str) -> bool:
    return "=" in word or word.endswith("-")


def _each(cluster: Cluster, command: Command, typed: Typed, changes: _Changes) -> Printed:
    printed, dry = Printed(), dry_run(command)
    for target in named_targets(cluster, command, typed):
        try:
            before = target.fetch(cluster)["metadata"].get(changes.where, {})
            refused = changes.refused(before)
            if not refused:
                printed.stdout += _changed(cluster, target, changes, before, dry)
            printed.failures += refused
        except Refused as failure:
            printed.failures.append(failure)
    return printed


def _changed(
    cluster: Cluster, target: Target, changes: _Changes, before: Mapping[str, str], dry: str
) -> str:
    """What was done to one object, in kubectl's words. Errors: ``Refused``."""
    after = changes.after(before)
    if after != before:
        wanted = {name: after.get(name) for name in before.keys() | after.keys()}
        query = {"dryRun": "All"} if dry else {}
        body = {"metadata": {changes.where: wanted}}
        cluster.request("PATCH", target.place, query=query, body=body)
    if changes.where == "labels":
        missing, done = changes.gone - before.keys(), _labeled(before, after)
    else:
        missing, done = frozenset[str](), "annotated"
    lines = [f'label "{name}" not found.' for name in sorted(missing)]
    return "\n".join([*lines, f"{target.served.label}/{target.name} {done}{dry}\n"])


def _labeled(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    fewer = bool(before.keys() - after.keys())
    return _DONE[fewer, any(before.get(name) != after[name] for name in after)]


# (whether labels have gone, whether there are others)
_DONE = {
    (False, False): "not labeled",
    (False, True): "labeled",
    (True, False): "unlabeled",
    (True, True): "modified",
}
