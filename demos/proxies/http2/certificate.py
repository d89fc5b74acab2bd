"""Creates a certificate for a server of ours on this machine, and the TLS context of clients that accept it."""

from __future__ import annotations

import ssl


def certificate() -> bytes:
    """Return a new certificate with its key, as PEM for a server; only `trust` accepts it.

    Raises:
        ImportError: trustme is not installed (requirements/proxies.txt).
    """
    from trustme import CA

    pem: bytes = CA().issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.bytes()
    return pem


def trust() -> ssl.SSLContext:
    """TLS context for clients of our server over loopback; does not verify the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
