"""Creates a certificate for a server of ours on this machine, and the TLS context of clients that accept it."""

from __future__ import annotations

import ssl


def certificate() -> bytes:
    """A fresh one with its key, as a file for a server; nobody but `trust` trusts it.

    Raises:
        ImportError: trustme is not installed (requirements/proxies.txt).
    """
    from trustme import CA

    pem: bytes = CA().issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.bytes()
    return pem


def trust() -> ssl.SSLContext:
    """For clients of a server of ours, over loopback: who signed its certificate does not matter."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
