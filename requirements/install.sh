#!/bin/sh
# Installs a lock into an environment: sh requirements/install.sh .venv requirements.txt
# With --each as a third word, packages that cannot be had here are left out, and named.
# uv takes a third of pip's time. It knows nothing of pip's settings, so it is told the index and the authorities that pip would
# use. Where it cannot be had, or fails, or pip is set up in a way that it does not know, pip installs everything.
set -eu
venv=$1
lock=$2
python=$venv/bin/python
settings=$("$python" -m pip config list 2> /dev/null || true)

# The value of one of pip's settings: the environment goes before what is for `install`, and that before what is for all.
setting() {
    for of in :env: install global; do
        value=$(printf '%s\n' "$settings" | sed -n "s/^$of\.$1='\(.*\)'\$/\1/p")
        [ -z "$value" ] || { printf '%s' "$value"; return; }
    done
}

# The lines of one package in a lock.
package() {
    awk -v name="$1==" '/^[a-z]/ { mine = index($0, name) == 1 } mine' "$2"
}

with_pip() {
    "$python" -m pip install --quiet --disable-pip-version-check --require-hashes "$@"
}

with_uv() {
    [ -z "$(setting no-index)$(setting proxy)$(setting client-cert)" ] || return 1
    if [ ! -x "$venv/bin/uv" ]; then
        package uv "$(dirname "$0")/tests.txt" > "$venv/uv.txt"
        with_pip --only-binary :all: -r "$venv/uv.txt" || return 1
    fi
    index=$(setting index-url)
    [ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
    authorities=$(setting cert)
    [ -z "$authorities" ] || export SSL_CERT_FILE="${SSL_CERT_FILE:-$authorities}"
    UV_SYSTEM_CERTS=1 "$venv/bin/uv" pip install --quiet --python "$python" --link-mode copy --compile-bytecode --require-hashes -r "$lock"
}

whole() {
    with_uv || {
        echo "uv does not install $lock here, so pip does, which may take two minutes ..."
        with_pip -r "$lock"
    }
}

[ "${3:-}" = --each ] || { whole; exit; }
whole || for name in $(sed -n 's/==.*//p' "$lock"); do
    package "$name" "$lock" > "$venv/one.txt"
    with_pip --no-deps -r "$venv/one.txt" || echo "pip could not install $name; its tests will be left out, and counted"
done
