//! Keys in this process: `cargo run --example sdk_embedded [URL]`.

#![allow(clippy::panic, clippy::unwrap_used, clippy::print_stdout, reason = "an example")]

mod story;

#[tokio::main(flavor = "current_thread")]
async fn main() -> polykms::client::Result<()> {
    story::story(&story::url("embedded::memory:?dialect=aws"), &mut |line| println!("{line}")).await
}
