//! Keys at AWS, or at whatever speaks like it: `cargo run --example sdk_aws [URL]`.

#![allow(clippy::panic, clippy::unwrap_used, clippy::print_stdout, reason = "an example")]

mod story;

#[tokio::main(flavor = "current_thread")]
async fn main() -> polykms::client::Result<()> {
    story::story(&story::url("aws://us-east-1"), &mut |line| println!("{line}")).await
}
