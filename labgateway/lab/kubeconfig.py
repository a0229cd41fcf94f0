"""The kubeconfig that points kubectl to the lab, and the environment that points to it."""

from __future__ import annotations

import json
import os

from labgateway.memory.home import Home, Running


def write_kubeconfig(home: Home, running: Running) -> None:
    """Write the kubeconfig (JSON, which is YAML); the server's URL carries the secret."""
    server = f"http://127.0.0.1:{running.admin_port}/{running.secret}"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "labgateway", "cluster": {"server": server}}],
        "users": [{"name": "learner", "user": {}}],
        "contexts": [
            {
                "name": "labgateway",
                "context": {"cluster": "labgateway", "user": "learner", "namespace": "default"},
            }
        ],
        "current-context": "labgateway",
    }
    home.write_private(home.kubeconfig, json.dumps(config, indent=1) + "\n")


def point_kubectl(home: Home) -> None:
    """Let kubectl in this process's children find the lab."""
    os.environ["KUBECONFIG"] = str(home.kubeconfig)
    os.environ["KUBECACHEDIR"] = str(home.kube_cache)
