"""The Kubernetes API from the client's side: kinds by the names people type, requests, refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from labgateway.decisions.openapi import api_groups, api_resources
from labgateway.edges.kubernetes_verbs import NOTEBOOK_AGENT
from labgateway.words.errors import LabError

Json = dict[str, Any]

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')


class Failure(LabError):
    """What kubectl says instead of doing something; ``hints`` are the lab's own lines after it."""

    def __init__(self, message: str, *hints: str) -> None:
        super().__init__(message)
        self.hints = hints

    @property
    def listed(self) -> str:
        """The message as one of several."""
        return str(self)

    @property
    def alone(self) -> str:
        """The message when nothing else went wrong."""
        return f"error: {self}"

    @property
    def brief(self) -> str:
        """The message without what kubectl was doing."""
        return self.alone


class Verbatim(Failure):
    """A message that kubectl prints without a word before it."""

    @property
    def alone(self) -> str:
        """The message when nothing else went wrong."""
        return str(self)


class Refused(Failure):
    """A refusal of the API server; ``status`` is its Status object, ``doing`` what was tried."""

    def __init__(self, status: Json, doing: str = "") -> None:
        self.status = status
        self.reason = str(status.get("reason", ""))
        self.causes: list[Json] = (status.get("details") or {}).get("causes") or []
        super().__init__(f"{doing}{status.get('message', '')}")

    def when(self, doing: str) -> Refused:
        """The same refusal, of something bigger."""
        return Refused({**self.status, "message": str(self)}, doing)

    @property
    def listed(self) -> str:
        """The message as one of several."""
        return f"Error from server ({self.reason}): {self}"

    @property
    def alone(self) -> str:
        """The message when nothing else went wrong; a list of causes when the object is invalid."""
        return self._invalid(self.causes) if self.reason == "Invalid" else self.listed

    def _invalid(self, causes: Sequence[Json]) -> str:
        details = self.status.get("details") or {}
        head = f'The {details.get("kind", "")} "{details.get("name", "")}" is invalid: '
        lines = [f"{one['field']}: {one['message']}" for one in causes]
        if len(lines) == 1:
            return head + lines[0]
        return "\n".join([head, *(f"* {one}" for one in lines)])

    @property
    def brief(self) -> str:
        """The message without what kubectl was doing, such as the patch that it sent.

        Of causes only those that name a field: the others say that more was not looked at.
        """
        if self.reason == "Invalid":
            return self._invalid([one for one in self.causes if one["field"] != "<nil>"])
        return f"Error from server ({self.reason}): {self.status.get('message', '')}"


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
            scoped = one["namespaced"]
            found.append(Served(group, version, one["name"], one["kind"], scoped, names, also))
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

    def call(self, method: str, path: str, **options: Any) -> Json:
        """One call to a path. Errors: ``Refused``, ``Failure`` when nobody answers."""
        return _json(self._answer(method, path, **options))

    def text(self, path: str, query: Mapping[str, str]) -> str:
        """Plain text of a path. Errors: ``Refused``, ``Failure`` when nobody answers."""
        return self._answer("GET", path, params=dict(query)).text

    def _answer(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = self._client.request(method, path, **options)
        except httpx.TransportError as error:
            place = f"{self._client.base_url.host}:{self._client.base_url.port}"
            raise Verbatim(
                f"The connection to the server {place} was refused - did you specify the right host"
                " or port?",
                "the gateway does not answer; run lab = labgateway.start() again",
            ) from error
        for header in response.headers.get_list("Warning"):
            found = _WARNING.match(header)
            if found is not None:
                self.warnings.append(re.sub(r"\\(.)", r"\1", found[1]))
        if response.is_error:
            raise Refused(_json(response))
        return response


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
