"""The names step 1 is about, and words for them in messages."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from labgateway.shapes.agentgateway import AGENTGATEWAY_GROUP
from labgateway.shapes.gateway_api import GATEWAY_GROUP
from labgateway.shapes.resource import Key

NAMESPACE = "agentgateway-system"
GATEWAY = Key(GATEWAY_GROUP, "Gateway", NAMESPACE, "agentgateway")
ROUTE = Key(GATEWAY_GROUP, "HTTPRoute", NAMESPACE, "openai")
BACKEND = Key(AGENTGATEWAY_GROUP, "AgentgatewayBackend", NAMESPACE, "openai-all-models")
SECRET = Key("", "Secret", NAMESPACE, "openai-secret")
LOCAL_SECRET = "local-model-secret"  # noqa: S105 - the name of a Secret, not its value
LOCAL_HOST = "local-model"
PATH = "/openai"
LONGER_PATH = "/openai/v1/chat/completions"
LOCAL_PATH = "/local"
NO_PATH = "/nowhere"  # what the notebooks ask for to show a 404

_QUOTED = 80


def nearest(word: str, options: Iterable[str]) -> str | None:
    """The option that looks most like a word, None when none does."""
    by_case = {option.casefold(): option for option in options}
    close = difflib.get_close_matches(word.casefold(), by_case, n=1, cutoff=0.6)
    return by_case[close[0]] if close else None


def listed(names: Iterable[str], nothing: str = "none") -> str:
    """Names as code, separated by commas."""
    return ", ".join(f"`{name}`" for name in sorted(names)) or nothing


def quoted(text: str, limit: int = _QUOTED) -> str:
    """Someone's text as code on one line, cut when it is longer than the limit."""
    line = " ".join(text.replace("`", "'").split())
    return f"`{line[:limit]}…`" if len(line) > limit else f"`{line}`"


def an(name: str) -> str:
    """A name as code with its article, as it is spoken: an `int`, a `str`."""
    return f"{'an' if name[:1].casefold() in 'aeio' else 'a'} `{name}`"


def a_kind(kind: str) -> str:
    """The kind with its article."""
    return f"{'an' if re.match('[AEIO]|HTTP', kind) else 'a'} {kind}"


def short(key: Key) -> str:
    """``HTTPRoute/openai``."""
    return f"{key.kind}/{key.name}"
