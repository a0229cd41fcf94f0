"""The Kubernetes API from the client's side: kinds by the names people type, requests, refusals."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import httpx

from labgateway.decisions.openapi import api_groups, api_resources
from labgateway.decisions.watching import LONGEST_S
from labgateway.edges.kubernetes_verbs import NOTEBOOK_AGENT
from labgateway.lab.failures import Failure, Refused, Verbatim

Json = dict[str, Any]

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
PATIENCE_S = 10.0  # beyond the time that a watch is given
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Served:
    """A kind that the API serves, with its names."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    short_names: tuple[str, ...]
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """``group/version``, or ``version`` alone in the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def label(self) -> str:
        """``httproute.gateway.networking.k8s.io``, as kubectl names one object's kind."""
        return f"{self.kind.lower()}.{self.group}" if self.group else self.kind.lower()

    def answers_to(self, word: str) -> bool:
        """Whether a command line's word names this kind (any case, group optional)."""
        name, _, group = word.lower().partition(".")
        version, dot, rest = group.partition(".")
        if dot and version == self.version:
            group = rest
        names = {self.plural, self.kind.lower(), *self.short_names}
        return name in names and self.group.startswith(group)


def served_kinds() -> list[Served]:
    """Every kind of the API, events included."""
    versions = ["v1"]
    versions += [v["groupVersion"] for group in api_groups()["groups"] for v in group["versions"]]
    found = []
    for api_version in versions:
        group, _, version = api_version.rpartition("/")
        for one in (api_resources(api_version) or {}).get("resources", []):
            if "/" in one["name"]:  # a part of objects, such as their log
                continue
            names, also = tuple(one["shortNames"]), tuple(one.get("categories", ()))
            scoped, verbs = one["namespaced"], tuple(one["verbs"])
            named = (one["name"], one["kind"], scoped, names, also, verbs)
            found.append(Served(group, version, *named))
    return found


def kind_named(word: str) -> Served:
    """The kind that a word on the command line names. Errors: ``Failure``."""
    for served in served_kinds():
        if served.answers_to(word):
            return served
    names = ", ".join(served.plural for served in served_kinds())
    raise Failure(f'the server doesn\'t have a resource type "{word}"', f"here: {names}")


def kinds_named(word: str) -> list[Served]:
    """The kinds of a category (``all``), or the one that the word names. Errors: ``Failure``."""
    return [one for one in served_kinds() if word in one.categories] or [kind_named(word)]


@dataclass(frozen=True)
class Place:
    """Where in the API an object is, or with no name all of a kind (no namespace: of all)."""

    served: Served
    namespace: str = ""
    name: str = ""

    @property
    def path(self) -> str:
        """The URL's path. Errors: ``Failure`` for what no object can be called."""
        root = "apis" if self.served.group else "api"
        path = f"/{root}/{self.served.api_version}"
        if self.served.namespaced and self.namespace:
            path += f"/namespaces/{_segment('namespace', self.namespace)}"
        path += f"/{self.served.plural}"
        return f"{path}/{_segment('resource name', self.name)}" if self.name else path


class Cluster:
    """The API of the gateway that runs; collects the warnings of its answers."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.warnings: list[str] = []

    def request(
        self,
        method: str,
        place: Place,
        *,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
        accept: str = "application/json",
    ) -> Json:
        """One call; a PATCH is a merge patch. Errors: ``Refused``, ``Failure``."""
        sent = "application/merge-patch+json" if method == "PATCH" else "application/json"
        headers = {"Accept": accept, "Content-Type": sent, "User-Agent": NOTEBOOK_AGENT}
        content = None if body is None else json.dumps(body, sort_keys=True).encode()
        options = {"headers": headers, "params": dict(query or {}), "content": content}
        return self.call(method, place.path, **options)

    def watch(self, place: Place, timeout_s: int) -> Iterator[Json]:
        """The events of one object, from what is there now on. Errors: ``Refused``, ``Failure``."""
        query = {"watch": "1", "fieldSelector": f"metadata.name={place.name}"}
        path = replace(place, name="").path
        patience = httpx.Timeout(PATIENCE_S, read=LONGEST_S + PATIENCE_S)
        for left_s in range(timeout_s, 0, -int(LONGEST_S)):
            query["timeoutSeconds"] = str(left_s)
            with (
                self._reached(),
                self._client.stream("GET", path, params=query, timeout=patience) as response,
            ):
                if response.is_error:
                    response.read()
                    raise Refused(_json(response))
                for line in response.iter_lines():
                    yield json.loads(line)

    def call(self, method: str, path: str, **options: Any) -> Json:
        """One call to a path. Errors: ``Refused``, ``Failure`` when nobody answers."""
        return _json(self._answer(method, path, **options))

    def text(self, path: str, query: Mapping[str, str]) -> str:
        """Plain text of a path. Errors: ``Refused``, ``Failure`` when nobody answers."""
        return self._answer("GET", path, params=dict(query)).text

    def _answer(self, method: str, path: str, **options: Any) -> httpx.Response:
        with self._reached():
            response = self._client.request(method, path, **options)
        for header in response.headers.get_list("Warning"):
            found = _WARNING.match(header)
            if found is not None:
                self.warnings.append(re.sub(r"\\(.)", r"\1", found[1]))
        if response.is_error:
            raise Refused(_json(response))
        return response

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            place = f"{self._client.base_url.host}:{self._client.base_url.port}"
            raise Verbatim(
                f"The connection to the server {place} was refused - did you specify the right host"
                " or port?",
                "the gateway does not answer; run lab = labgateway.start() again",
            ) from error


def _json(response: httpx.Response) -> Json:
    try:
        return dict(response.json())
    except ValueError:
        return {"message": response.text.strip(), "reason": "Unknown"}


def _segment(what: str, name: str) -> str:
    """A path segment. Errors: ``Failure`` for what no object can be called."""
    if name in {".", ".."}:
        raise Failure(f"invalid {what} {_quoted(name)}: [may not be '{name}']")
    for character in "/%":
        if character in name:
            raise Failure(f"invalid {what} {_quoted(name)}: [may not contain '{character}']")
    return quote(name, safe="")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
