"""TLS of a port: which certificate a client gets, by the name that it asks for."""

from __future__ import annotations

import os
import ssl

from labgateway.decisions.certificates import Certificate
from labgateway.decisions.listeners import Certificates
from labgateway.decisions.route_table import hosts_by_specificity

PROTOCOLS = ("http/1.1",)


class PortTLS:
    """The contexts of a port's listeners; a change counts for connections that come later."""

    def __init__(self, certificates: Certificates) -> None:
        self.use(certificates)
        self.context = _context()
        self.context.sni_callback = self._choose

    def use(self, certificates: Certificates) -> None:
        """Serve with these from now on. Errors: ``ssl.SSLError`` for a key of another chain."""
        self._contexts = {hostname: _context(*chains) for hostname, chains in certificates.items()}

    def _choose(
        self, connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext
    ) -> int | None:
        """The listener's for the name, else one's without a hostname; with none, no handshake."""
        named = hosts_by_specificity(self._contexts, (name or "").lower())
        if not named:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = self._contexts[named[0]]
        return None


def _context(*certificates: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(list(PROTOCOLS))
    # Of several with keys of one type the last one loaded counts; it is to be the first named.
    for one in reversed(certificates):
        _load(context, one)
    return context


def _load(context: ssl.SSLContext, certificate: Certificate) -> None:
    """OpenSSL reads files only; this one is in memory, so that no key is on the disk."""
    descriptor = os.memfd_create("certificate")
    with os.fdopen(descriptor, "wb") as file:
        file.write(f"{certificate.key}{certificate.chain}".encode())
        file.flush()
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")
