#!/usr/bin/env bash
# The server over HTTP beside a bare hyper server with the same requests: req/s, p50, p99, server CPU per request, ratio.
# Server on core 0, load on core 1; targets interleaved in one run. Quote ratios from one run only.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD seconds=${1:-2} rounds=${2:-5}
export CARGO_TARGET_DIR=$root/target/bench-http
for tool in kmsload hyper-floor; do
    cargo build --quiet --release --manifest-path benches/tools/$tool/Cargo.toml --target-dir "$CARGO_TARGET_DIR/tools"
done
cargo build --quiet --release --bin polykms
work=$(mktemp -d)
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"' EXIT

load=$CARGO_TARGET_DIR/tools/release/kmsload
taskset -c 0 "$CARGO_TARGET_DIR/tools/release/hyper-floor" 7001 1 & pids+=($!)
floor=$!
taskset -c 0 "$CARGO_TARGET_DIR/release/polykms" dev --listen 127.0.0.1:7002 --threads 1 --log-level error \
    --seed benches/seed.yaml --audit-file "$work/audit.jsonl" --ready-file "$work/ready.json" >"$work/out" 2>&1 & pids+=($!)
server=$!
for _ in $(seq 200); do [ -s "$work/ready.json" ] && break; sleep 0.02; done
[ -s "$work/ready.json" ] || { cat "$work/out"; exit 1; }

taskset -c 1 "$load" run --conns 16 --seconds "$seconds" --rounds "$rounds" --region us-east-1 \
    --access-key AKIABENCHBENCHBENCH1 --secret-key bench-secret \
    --target "echo-hyper=http://127.0.0.1:7001@$floor" --target "polykms=http://127.0.0.1:7002@$server" \
    --ops GenerateDataKey,Encrypt,Decrypt,DescribeKey

kill "$server"; wait "$server" 2>/dev/null || true
"$load" coldstart --endpoint http://127.0.0.1:7003 --rounds 9 --region us-east-1 \
    --access-key AKIABENCHBENCHBENCH1 --secret-key bench-secret -- \
    "$CARGO_TARGET_DIR/release/polykms" dev --listen 127.0.0.1:7003 --log-level error --seed benches/seed.yaml
