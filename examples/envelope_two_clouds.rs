//! A stream for keys of two clouds, either of which opens it: `cargo run --example envelope_two_clouds [URL URL]`.

#![allow(clippy::panic, clippy::print_stdout, reason = "an example")]

use polykms::Client;
use polykms::client::{Envelope, Result};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let given = |at: usize, own: &str| std::env::args().nth(at).unwrap_or_else(|| own.to_owned());
    let one = Client::connect(&given(1, "embedded::memory:?dialect=aws")).await?;
    let other = Client::connect(&given(2, "embedded::memory:?dialect=alibaba")).await?;
    let (key_of_one, key_of_other) = (one.keys().create().await?, other.keys().create().await?);

    let data: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_be_bytes).collect();
    let both = Envelope::new().to(&one, &*key_of_one.arn).to(&other, &*key_of_other.arn).context([("tenant", "7")])?;
    let mut sealing = both.sealing(data.len() as u64, Vec::new()).await?;
    for part in data.chunks(100_000) {
        sealing.write(part).await?;
    }
    let sealed = sealing.finish().await?;
    println!("{} bytes are sealed in {}", data.len(), sealed.len());

    for (client, key) in [(&one, &key_of_one), (&other, &key_of_other)] {
        let mut opened = Vec::new();
        let mut opening = Envelope::new().to(client, &*key.arn).opening(&sealed[..]).await?;
        opening.copy_to(&mut opened).await?;
        assert!(opened == data, "something else came out");
        println!("{client:?} opens it");
    }
    for (client, key) in [(&one, &key_of_one), (&other, &key_of_other)] {
        client.key(&key.id).schedule_deletion(7).await?;
    }
    Ok(())
}
