#!/usr/bin/env bash
# Installs the pinned official SDKs that the black-box tests drive, into a folder of the project.
#
# The folder is target/sdk-tools, or $POLYKMS_SDK_TOOLS. Nothing is done when the folder already holds what the
# requirement files ask for. python3, node and npm come from the system; on a Debian system without them, run as
# root, they are installed first.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
tools="${POLYKMS_SDK_TOOLS:-$here/../../target/sdk-tools}"
mkdir -p "$tools"
tools="$(cd "$tools" && pwd)"

requirements="$here/python/requirements.txt"
peers="$here/peers/requirements.txt"
manifests=("$here/node/package.json" "$here/node/package-lock.json")

apt_install() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "setup.sh: missing $*; install them and run again" >&2
        exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

require_python() {
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        apt_install python3 python3-venv
    fi
}

# Only what is missing: a Node.js of another source does not go together with the distribution's npm.
require_node() {
    local missing=()
    command -v node >/dev/null || missing+=(nodejs)
    command -v npm >/dev/null || missing+=(npm)
    if [ ${#missing[@]} -gt 0 ]; then
        apt_install "${missing[@]}"
    fi
}

# A stamp names the requirement files and the interpreter that the installation was made with.
stamp_of() {
    { cat "${@:2}"; echo "$1"; } | sha256sum | cut -d' ' -f1
}

# A virtual environment of a name, with what a file lists.
install_python() {
    local name="$1" list="$2" stamp
    stamp="$(stamp_of "$(python3 --version)" "$list")"
    if [ "$(cat "$tools/$name/.stamp" 2>/dev/null)" = "$stamp" ]; then
        echo "setup.sh: $name is up to date"
        return
    fi
    rm -rf "${tools:?}/$name"
    python3 -m venv "$tools/$name"
    "$tools/$name/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$list"
    echo "$stamp" >"$tools/$name/.stamp"
    echo "setup.sh: $name installed"
}

install_node() {
    local stamp
    stamp="$(stamp_of "$(node --version)" "${manifests[@]}")"
    if [ "$(cat "$tools/node/.stamp" 2>/dev/null)" = "$stamp" ]; then
        echo "setup.sh: node SDKs are up to date"
        return
    fi
    rm -rf "$tools/node"
    mkdir -p "$tools/node"
    cp "${manifests[@]}" "$tools/node/"
    (cd "$tools/node" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
    echo "$stamp" >"$tools/node/.stamp"
    echo "setup.sh: node SDKs installed"
}

require_python
require_node
# Two runs at once, as from two test threads, take turns.
exec 9>"$tools/.lock"
flock 9
install_python venv "$requirements"
install_python peers "$peers"
install_node
