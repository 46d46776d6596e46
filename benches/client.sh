#!/usr/bin/env bash
# What the client costs; it is built by `just bench-client`. The server of the last figure runs on core 0, clients on core 1.
set -euo pipefail
cd "$(dirname "$0")/.."
bench=target/client-bench/release/client-bench
work=$(mktemp -d)
taskset -c 0 target/quick/polykms dev --listen 127.0.0.1:7005 --threads 1 --log-level error --ready-file "$work/ready.json" \
    >"$work/out" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
taskset -c 1 "$bench" overhead
taskset -c 1 "$bench" envelope
for _ in $(seq 200); do [ -s "$work/ready.json" ] && break; sleep 0.05; done
taskset -c 1 "$bench" remote http://127.0.0.1:7005
