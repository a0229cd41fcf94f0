"""Which objects a command line means: TYPE, TYPE NAME, TYPE/NAME, comma lists, files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labgateway.lab.attempts import Record
from labgateway.lab.cluster import Cluster, Place, Served, kind_named, kinds_named
from labgateway.lab.command_line import DEFAULT_NAMESPACE, Command
from labgateway.lab.failures import Failure
from labgateway.lab.kubectl_apply import placed
from labgateway.lab.sources import Source, Typed, Unreadable, manifests, sources

Json = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """Objects of a kind: all that meet the selectors, or the one that is named.

    ``source`` is the name of the file that named it, in quotes.
    """

    place: Place
    labels: str = ""
    fields: str = ""
    source: str = ""

    @property
    def served(self) -> Served:
        """The kind."""
        return self.place.served

    @property
    def namespace(self) -> str:
        """The namespace, "" for all or none."""
        return self.place.namespace

    @property
    def name(self) -> str:
        """The object's name, "" for all of the kind."""
        return self.place.name

    def fetch(self, cluster: Cluster, accept: str = "application/json") -> Json:
        """The object, the list, or a Table of either. Errors: ``Refused``."""
        query = {"labelSelector": self.labels, "fieldSelector": self.fields, "limit": "500"}
        chosen = {} if self.name else {key: value for key, value in query.items() if value}
        return cluster.request("GET", self.place, query=chosen, accept=accept)


def targets(command: Command, typed: Typed) -> list[Target]:
    """What the arguments or the files name. Errors: ``Failure`` in kubectl's words."""
    if command.files:
        return [target for one in sources(command, typed) for target in _in_source(command, one)]
    first, *rest = command.arguments
    if (rest or "/" in first) and command.has("all-namespaces"):
        raise Failure("a resource cannot be retrieved by name across all namespaces")
    if "/" in first:
        return [_slashed(command, word) for word in command.arguments]
    if any("/" in word for word in rest):
        raise Failure(
            "there is no need to specify a resource type as a separate argument when passing"
            " arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead"
            " of 'kubectl get resource resource/<resource_name>'"
        )
    kinds = [kind for word in first.split(",") if word for kind in kinds_named(word)]
    return [_target(command, served, name) for served in kinds for name in rest or [""]]


def named_targets(cluster: Cluster, command: Command, typed: Typed) -> list[Target]:
    """One target for each object that is meant; all of a kind only with ``--all`` or ``-l``.

    Errors: ``Failure`` in kubectl's words.
    """
    wanted = targets(command, typed)
    many = command.has("all") or command.flags.get("selector")
    if not many and any(not target.name for target in wanted):
        raise Failure("resource(s) were provided, but no name was specified")
    return [one for target in wanted for one in _each_named(cluster, target)]


def _each_named(cluster: Cluster, target: Target) -> list[Target]:
    """The target itself, or one target for each object that it stands for."""
    if target.name:
        return [target]
    return [
        Target(Place(target.served, one["metadata"].get("namespace", ""), one["metadata"]["name"]))
        for one in target.fetch(cluster)["items"]
    ]


def nothing_found(command: Command, wanted: list[Target]) -> str:
    """What kubectl says when there is nothing of a kind."""
    if command.has("ignore-not-found"):
        return ""
    namespaced = any(target.served.namespaced for target in wanted)
    if command.has("all-namespaces") or not namespaced:
        return "No resources found\n"
    return f"No resources found in {_namespace(command)} namespace.\n"


def _slashed(command: Command, word: str) -> Target:
    kind, slash, name = word.partition("/")
    if not slash or "/" in name:
        raise Failure(
            "there is no need to specify a resource type as a separate argument when passing"
            " arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead"
            " of 'kubectl get resource resource/<resource_name>'"
        )
    if not kind or not name:
        raise Failure(
            f'arguments in resource/name form may not have more than one slash: "{word}"'
            if name
            else "there is no resource name: write TYPE/NAME"
        )
    return _target(command, kind_named(kind), name)


def _target(command: Command, served: Served, name: str) -> Target:
    everywhere = command.has("all-namespaces") or not served.namespaced
    return Target(
        Place(served, "" if everywhere else _namespace(command), name),
        command.flags.get("selector", ""),
        command.flags.get("field-selector", ""),
    )


def _namespace(command: Command) -> str:
    return command.flags.get("namespace") or DEFAULT_NAMESPACE


def _in_source(command: Command, source: Source | Failure) -> list[Target]:
    if isinstance(source, Failure):
        raise source
    found = []
    for one in manifests(source):
        if isinstance(one, Unreadable):
            raise one
        manifest, served = placed(one, Record(), command.flags.get("namespace"))
        metadata = manifest.data["metadata"]
        name = metadata.get("name") or ""
        if not name:
            raise Failure("resource name may not be empty")
        place = Place(served, metadata.get("namespace", ""), name)
        found.append(Target(place, source=manifest.quoted))
    return found
