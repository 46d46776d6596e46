//! Keys at Alibaba Cloud, or at whatever speaks like it: `cargo run --example sdk_alibaba [URL]`.

#![allow(clippy::panic, clippy::unwrap_used, clippy::print_stdout, reason = "an example")]

mod story;

#[tokio::main(flavor = "current_thread")]
async fn main() -> polykms::client::Result<()> {
    story::story(&story::url("alibaba://cn-hangzhou"), &mut |line| println!("{line}")).await
}
