"""Print the Markdown of README's Binder badge, or nothing while the project has no address.

The address stands in one place: ``[project.urls] Repository`` of pyproject.toml.
"""

import sys
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
_HOSTS = {"github.com": "gh", "gitlab.com": "gl"}


def badge(pyproject: dict[str, Any]) -> str:
    """One line of Markdown that opens the laid-out lab at the version's tag; "" without an address.

    A tag and no branch: Binder then need not build again for each change.
    """
    project = pyproject["project"]
    address = urlsplit(project.get("urls", {}).get("Repository", ""))
    host, path = _HOSTS.get(address.netloc), address.path.strip("/").removesuffix(".git")
    if host is None:
        return ""
    binder = "https://mybinder.org"
    at = f"{binder}/v2/{host}/{path}/v{project['version']}?urlpath=lab/workspaces/lab"
    return f"[![Open the lab on Binder]({binder}/badge_logo.svg)]({at})"


if __name__ == "__main__":
    sys.stdout.write(badge(tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))))
