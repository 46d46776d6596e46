# Everyday commands; each is a plain cargo command, so `just` is a convenience and not a need.

# The emulator, in memory, built soon.
dev *ARGS:
    cargo run --profile quick -- dev {{ARGS}}

# The documentation as a book, in target/book. Needs mdbook.
book:
    mdbook build docs

# All tests, the official SDKs included; what they need is set up on the way.
test:
    cargo test --workspace

# The program, judged by the conformance suite, in memory and on a folder.
conform:
    cargo test --test conform

# Judge this server and those of others by the suite; writes conformance/known/*.toml and docs/peers.md.
peers:
    bash tests/sdk/setup.sh
    cargo build --release --bin polykms
    python3 conformance/peers.py target/release/polykms "${POLYKMS_SDK_TOOLS:-target/sdk-tools}"

# Everything that continuous integration runs.
check:
    .ci/run

# Licences, sources and bans of all dependencies, as continuous integration checks them. Needs cargo-deny.
deny:
    cargo deny --all-features check bans licenses sources

# Known weaknesses of dependencies. Needs cargo-deny and an advisory database, which it fetches where there is none.
advisories *ARGS:
    cargo deny --all-features check advisories {{ARGS}}

# Format and lint.
lint:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- -D warnings

# Write the messages of the dialects anew from the vendors' models and the overlays beside them.
generate:
    cargo run -q -p polykms-generate

# In-process benchmarks: the whole path of a request, and the proving of signatures.
bench:
    cargo bench --bench request_path

# The policy evaluator as policies grow, beside the crate cedar-policy.
bench-policy *ARGS:
    cd benches/tools/policy && CARGO_TARGET_DIR=../../../target/policy-bench cargo bench {{ARGS}}

# HTTP benchmarks beside a bare hyper server; prints req/s, latency, CPU per request and ratios.
bench-http *ARGS:
    benches/http.sh {{ARGS}}

# Fuzz the policy evaluator: documents, patterns, cases or draws. Needs cargo-fuzz and a nightly compiler.
fuzz TARGET RUNS="1000000":
    cargo run -p polykms-conformance --features fuzz --example fuzz_seeds conformance/fuzz/corpus
    cd conformance && cargo +nightly fuzz run --sanitizer none {{TARGET}} -- -runs={{RUNS}} -max_len=8192

# The slowest policies that are accepted, each within so many milliseconds to decide and explain.
slow-policies MS="5":
    POLYKMS_SLOWEST_MS={{MS}} cargo test --release -p polykms-conformance --test slow_policies -- --nocapture --test-threads 1

# Deliberate faults, each of which the conformance suite has to find; some of them by name.
mutants *NAMES:
    python3 conformance/mutants/run.py {{NAMES}}

# Malformed requests, with other numbers of them than the tests send; the same every time.
malformed COUNT="100000":
    POLYKMS_MALFORMED={{COUNT}} cargo test --release --test malformed -- --nocapture

# Restrictions beside 64 writers of the same key, user or alias, more often than the tests try it.
rush ROUNDS="2000":
    POLYKMS_ROUNDS={{ROUNDS}} cargo test --release --test turns -- --nocapture --test-threads 1

# Long lists, with 100,000 of all that may be many in one account: how long a page holds a worker, and /healthz beside listing.
lists COUNT="100000":
    POLYKMS_LISTED={{COUNT}} cargo test --release --test long_lists -- --include-ignored --nocapture --test-threads 1

# Capture anew what the official SDKs send for every row. The SDKs are where tests/sdk/setup.sh installs them.
wire:
    bash tests/sdk/setup.sh
    cargo test --test wire -- --ignored write_inputs
    "${POLYKMS_SDK_TOOLS:-target/sdk-tools}/venv/bin/python" tests/sdk/python/capture_requests.py tests/data/wire/inputs.json tests/data/wire/captured.json

# What the client costs: beside the engine it asks, a stream beside AES-256-GCM alone, requests beside aws-sdk-kms.
bench-client:
    cargo build --quiet --profile quick --bin polykms
    cargo build --quiet --release --manifest-path benches/tools/client/Cargo.toml --target-dir target/client-bench
    bash benches/client.sh
