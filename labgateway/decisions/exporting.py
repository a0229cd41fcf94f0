"""What was applied here as manifests for a real agentgateway installation, and what to know of it.

An installation (Gateway API v1.4, agentgateway v1.4.1) has its namespace and GatewayClass; Secrets
go without values, and what a cluster would refuse stays here.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labgateway.decisions.environment import GATEWAY, LOCAL_MODEL, NAMESPACE, first_manifests
from labgateway.decisions.printing import yaml_text
from labgateway.decisions.redaction import LAST_APPLIED, REDACTED
from labgateway.decisions.secret_values import PLACEHOLDER

Json = dict[str, Any]

SECRETS, RESOURCES, README = "1-secrets.yaml", "2-resources.yaml", "README.md"
FILL_IN = "FILL-IN"
_SERVER_FIELDS = ("uid", "resourceVersion", "generation", "creationTimestamp")
_FILL_IN_COMMENT = f"""\
# Put each value in place of {FILL_IN}; or leave this Secret out and create it with
#   kubectl create secret generic NAME -n NAMESPACE --from-literal=ENTRY=VALUE
"""


@dataclass(frozen=True)
class Export:
    """Texts by file name, and the sentences that README says of objects."""

    files: Mapping[str, str]
    notes: tuple[str, ...]


def exported(objects: Iterable[Json]) -> Export:
    """The files of all objects of the API, as readers see them; of nothing but the lab's, none."""
    everything = list(objects)
    kept = [one for one in everything if not _provided(one) and _why_left_out(one) is None]
    used = {(_namespace(one), name) for one in kept for name in _secret_names(one)}
    secrets = [
        one
        for one in everything
        if one["kind"] == "Secret" and (not _provided(one) or (_namespace(one), _name(one)) in used)
    ]
    spaces = [one for one in kept if one["kind"] == "Namespace"]
    rest = [one for one in kept if one["kind"] not in {"Namespace", "Secret"}]
    if not any(_key(one) != _GATEWAY for one in (*spaces, *secrets, *rest)):
        return Export({}, ())
    documents = {
        SECRETS: [*map(_plain, spaces), *map(_without_values, secrets)],
        RESOURCES: [*map(_plain, rest)],
    }
    files = {name: "---\n".join(texts) for name, texts in documents.items() if texts}
    notes = tuple(_notes(everything, [*secrets, *rest]))
    shown = [*spaces, *secrets, *rest]
    return Export({**files, README: _readme(tuple(files), shown, notes)}, notes)


def _key(one: Json) -> tuple[str, str, str]:
    return one["kind"], _namespace(one), _name(one)


_GATEWAY = ("Gateway", NAMESPACE, GATEWAY)
_OF_THE_LAB = {
    (one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"])
    for one in first_manifests()
} - {_GATEWAY}


def _name(one: Json) -> str:
    return str(one["metadata"]["name"])


def _namespace(one: Json) -> str:
    return str(one["metadata"].get("namespace", ""))


def _shown(one: Json) -> str:
    return " ".join((one["kind"], "/".join(filter(None, (_namespace(one), _name(one))))))


def _provided(one: Json) -> bool:
    """Whether an object is of the lab itself, and no learner's."""
    data = one.get("data") or {}
    kept = one["kind"] == "Secret" and bool(data) and set(data.values()) == {PLACEHOLDER}
    return kept or _key(one) in _OF_THE_LAB


def _why_left_out(one: Json) -> str | None:
    """Why a cluster would not take an object, or None."""
    if one["kind"] != "EndpointSlice":
        return None
    addresses = [each for end in one.get("endpoints") or [] for each in end["addresses"]]
    here = next((each for each in addresses if _is_loopback(each)), None)
    return here and f"its address {here} is this machine, which a cluster refuses"


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _secret_names(value: Any) -> Iterator[str]:
    """Names of the Secrets that an object refers to."""
    if isinstance(value, list):
        for one in value:
            yield from _secret_names(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name == "secretRef" and isinstance(one, dict) and isinstance(one.get("name"), str):
                yield one["name"]
            yield from _secret_names(one)


def _plain(one: Json) -> str:
    return yaml_text(_manifest(one))


def _manifest(one: Json) -> Json:
    """An object without status, and without what the server and kubectl wrote into it."""
    metadata = {
        name: value for name, value in one["metadata"].items() if name not in _SERVER_FIELDS
    }
    annotations = dict(metadata.pop("annotations", {}))
    annotations.pop(LAST_APPLIED, None)
    if annotations:
        metadata["annotations"] = annotations
    rest = {name: value for name, value in one.items() if name != "status"}
    return {**rest, "metadata": metadata}


def _without_values(one: Json) -> str:
    manifest = _manifest(one)
    entries = manifest.pop("data", None) or {"Authorization": ""}
    return _FILL_IN_COMMENT + yaml_text({**manifest, "stringData": dict.fromkeys(entries, FILL_IN)})


def _notes(everything: Sequence[Json], written: Sequence[Json]) -> Iterator[str]:
    """What somebody who applies the files has to know, a sentence for each object."""
    for one in written:
        for says in (_of_gateway, _of_backend, _of_static):
            if (note := says(one)) is not None:
                yield f"{_shown(one)} {note}"
    for one in everything:
        if (why := _why_left_out(one)) is not None:
            yield f"{_shown(one)} is left out: {why}."
    yield (
        f"Namespace {NAMESPACE} and GatewayClass agentgateway are left out: the installation of"
        " agentgateway brings them."
    )


def _of_static(one: Json) -> str | None:
    host = str(one.get("spec", {}).get("static", {}).get("host", ""))
    if host != "localhost" and not _is_loopback(host):
        return None
    return f"leads to {host}, which on a cluster is the gateway's own Pod: change `host`."


def _of_gateway(one: Json) -> str | None:
    if _key(one) != _GATEWAY:
        return None
    return (
        "is the entry point as it is in the lab. Where the cluster has a Gateway of this name, look"
        f" at `kubectl diff -f {RESOURCES}` first."
    )


def _of_backend(one: Json) -> str | None:
    text = json.dumps(one.get("spec"))
    if f'"{REDACTED}"' in text:
        return "held a key, which was not stored: name a Secret in `secretRef` instead of `key`."
    if LOCAL_MODEL.host.removesuffix(".svc.cluster.local") in text:
        return (
            f"leads to {LOCAL_MODEL.host}, the small model of the lab. On the cluster, put a model"
            " behind a Service of that name, or change `host`."
        )
    return None


def _readme(files: Sequence[str], shown: Sequence[Json], notes: Sequence[str]) -> str:
    begin = "With"
    if SECRETS in files:
        begin = f"Put your credentials into `{SECRETS}` in place of `{FILL_IN}`. Then, with"
    lines = [
        "# From the lab to a cluster",
        "",
        "What was applied in the lab, for a cluster with Gateway API v1.4 and agentgateway v1.4.1.",
        f"{begin} kubectl's context on that cluster:",
        "",
        "```",
        *(f"kubectl apply -f {name}" for name in files),
        "```",
        "",
        "In these files:",
        "",
        *(f"- {_shown(one)}" for one in shown),
        "",
        "To know before:",
        "",
        *(f"- {note}" for note in notes),
    ]
    return "\n".join(lines) + "\n"
