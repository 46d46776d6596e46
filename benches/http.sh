#!/usr/bin/env bash
# The server over HTTP beside a bare hyper server with the same requests: req/s, p50, p99, server CPU per request, ratio.
# Server on core 0, load on core 1; targets interleaved in one run. Quote ratios from one run only.
# POLYKMS_BASELINE=PROGRAM: another build of it, interleaved with this one.
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
# A server from a build, pinned, with an audit trail; where it answers and its process, as the load wants them.
targets=()
serve() {
    local name=$1 program=$2 port=$3
    taskset -c 0 "$program" dev --listen "127.0.0.1:$port" --threads 1 --log-level error --seed benches/seed.yaml \
        --audit-file "$work/$name.jsonl" --ready-file "$work/$name.json" >"$work/$name.out" 2>&1 & pids+=($!)
    targets+=(--target "$name=http://127.0.0.1:$port@$!")
    for _ in $(seq 200); do [ -s "$work/$name.json" ] && return; sleep 0.02; done
    cat "$work/$name.out"
    exit 1
}
[ -z "${POLYKMS_BASELINE:-}" ] || serve baseline "$POLYKMS_BASELINE" 7004
serve polykms "$CARGO_TARGET_DIR/release/polykms" 7002

run=(taskset -c 1 "$load" run --conns 16 --seconds "$seconds" --rounds "$rounds" --secret-key bench-secret)
"${run[@]}" --region us-east-1 --access-key AKIABENCHBENCHBENCH1 \
    --target "echo-hyper=http://127.0.0.1:7001@$floor" "${targets[@]}" --ops GenerateDataKey,Encrypt,Decrypt,DescribeKey
"${run[@]}" --access-key LTAIBENCHBENCHBENCH0001 "${targets[@]}" --ops Acs3Decrypt,V1Decrypt,Acs3DescribeKey

for pid in "${pids[@]}"; do kill "$pid"; wait "$pid" 2>/dev/null || true; done
pids=()
"$load" coldstart --endpoint http://127.0.0.1:7003 --rounds 9 --region us-east-1 \
    --access-key AKIABENCHBENCHBENCH1 --secret-key bench-secret -- \
    "$CARGO_TARGET_DIR/release/polykms" dev --listen 127.0.0.1:7003 --log-level error --seed benches/seed.yaml
