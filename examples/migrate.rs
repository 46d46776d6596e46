//! From one place to another: `cargo run --example migrate [FROM TO [run]]`.
//!
//! Prints the plan, and does what it says when asked to `run`. `FROM` may stand in `POLYKMS_ENDPOINT`, too. Without places, a few
//! things move between two engines in this process.

#![allow(clippy::print_stdout, reason = "an example")]

use polykms::Client;
use polykms::client::Result;
use polykms::client::moves::{Outcome, Plan};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = |at: usize| arguments.get(at).cloned();
    let from = given(0).or_else(|| std::env::var("POLYKMS_ENDPOINT").ok());
    let to = given(1).unwrap_or_else(|| "embedded::memory:?dialect=alibaba".to_owned());
    let to = Client::connect(&to).await?;
    let (from, run) = match from {
        Some(url) => (Client::connect(&url).await?, given(2).is_some_and(|word| word == "run")),
        None => (furnished().await?, true),
    };
    let plan = Plan::of(&from, &to).await?;
    for thing in &plan.things {
        println!("{:8} {}", thing.status.to_string(), thing.name);
        for why in &thing.why {
            println!("         - {why}");
        }
    }
    if !run {
        println!("nothing was moved yet");
        return Ok(());
    }
    let done = plan.run(&from, &to, |thing, outcome| match outcome {
        Outcome::Made => println!("made {}", thing.name),
        Outcome::There => println!("there already: {}", thing.name),
    });
    let done = done.await?;
    println!("{} made, {} there already", done.made, done.there);

    // What a plan says is done once only.
    let again = plan.run(&from, &to, |_, _| {}).await?;
    println!("again: {} made, {} there already", again.made, again.there);
    Ok(())
}

/// An engine with a key, and with somebody who may use it.
async fn furnished() -> Result<Client> {
    let client = Client::connect("embedded::memory:?dialect=aws").await?;
    let key = client.keys().create().with(|key| key.description = Some("of backups".to_owned())).await?;
    client.key(&key.id).create_alias("backups").await?;
    client.identities().create_user("ann").await?;
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"kms:Encrypt","Resource":"{}"}}]}}"#,
        key.arn
    );
    client.policies().create("backup", document).await?;
    client.policies().attach("backup", polykms::core::holder::Holder::User("ann".to_owned())).await?;
    Ok(client)
}
