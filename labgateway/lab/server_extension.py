"""The lab's extension of the Jupyter server: the console behind Jupyter's login.

Installing labgateway enables it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from labgateway.decisions.jupyter_console import CONSOLE
from labgateway.edges.jupyter_console import console_at, console_rules
from labgateway.lab.settings import CONSOLE_PATH, home_path

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "labgateway.lab.server_extension"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    # Kernels and terminals are the server's children: all of them and this agree on one home.
    home = home_path(os.environ, server.root_dir)
    os.environ["LABGATEWAY_HOME"] = str(home)
    os.environ[CONSOLE_PATH] = f"{server.base_url}{CONSOLE}"
    assert server.web_app is not None
    rules = console_rules(console_at(home, server.base_url))
    server.web_app.add_handlers(".*$", rules)  # type: ignore[no-untyped-call]  # tornado's
