"""Certificates for tests, signed by themselves."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

OPENSSL = shutil.which("openssl")


@functools.cache
def certificate(*names: str) -> dict[str, str]:
    """The entries of a TLS Secret for host names."""
    assert OPENSSL is not None
    alternatives = ",".join(f"DNS:{one}" for one in names)
    with tempfile.TemporaryDirectory() as folder:
        chain, key = Path(folder, "tls.crt"), Path(folder, "tls.key")
        subprocess.run(
            [
                *(OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
                *("-nodes", "-days", "2", "-subj", f"/CN={names[0]}"),
                *("-addext", f"subjectAltName={alternatives}", "-out", chain, "-keyout", key),
            ],
            check=True,
            capture_output=True,
        )
        return {one.name: one.read_text(encoding="utf-8") for one in (chain, key)}
