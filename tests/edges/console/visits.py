"""The console over HTTP, as a browser without scripts reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

from tests.conftest import Running


class Tags(HTMLParser):
    """The tags of a page with their attributes, in their order, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Remember text."""
        self.text += data

    @property
    def links(self) -> list[str]:
        """Addresses of other pages, as they are written."""
        return [str(given["href"]) for tag, given in self.tags if tag == "a" and "href" in given]


@dataclass
class Console:
    """Its address, and a client that keeps its connection."""

    running: Running
    client: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False))

    @property
    def url(self) -> str:
        """The link that carries the secret."""
        where = self.running.gateway.running
        return f"http://127.0.0.1:{where.admin_port}/{where.secret}/ui/"

    def get(self, address: str = "", status: int = 200) -> httpx.Response:
        """A page that has to have this status."""
        answer = self.client.get(urljoin(self.url, address))
        assert answer.status_code == status, answer.text
        return answer

    def tags(self, address: str = "") -> Tags:
        """The tags of a page."""
        return Tags(self.get(address).text)

    def try_it(self, **changes: object) -> httpx.Response:
        """A chat, unless changed the exercise's."""
        chat = {"way": self.way("openai"), "prompt": "hi", "model": "gpt-4o"}
        return self.client.post(f"{self.url}try", json={**chat, **changes})

    def way(self, route: str) -> str:
        """The first way of a route that the page offers."""
        given = [attributes.get("value") for _tag, attributes in self.tags("try").tags]
        return next(one for one in given if one and f"/{route}/" in one)

    def crawl(self) -> dict[str, str]:
        """Every page that can be reached from the overview, by its address."""
        found: dict[str, str] = {}
        waiting = [self.url]
        while waiting:
            address = waiting.pop().partition("#")[0]
            if address in found:
                continue
            page = found[address] = self.get(address).text
            for link in Tags(page).links:
                parts = urlsplit(link)
                assert not parts.scheme, f"{link} on {address} is not relative"
                assert not link.startswith("/"), f"{link} on {address} is not relative"
                waiting.append(urljoin(address, link))
        return found
