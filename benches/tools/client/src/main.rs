//! What the client costs. Each mode interleaves what it compares, and prints the medians of its rounds and their ratio.
//!
//!     client-bench overhead            GenerateDataKey: the client beside the engine in this process
//!     client-bench envelope [MIB]      a stream under one key, beside AES-256-GCM alone by the same library
//!     client-bench remote URL          GenerateDataKey over HTTP: requests per second of CPU, beside aws-sdk-kms

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_kms::types::DataKeySpec;
use futures_util::future::try_join_all;
use polykms::Client;
use polykms::client::{AccessKeys, Envelope, Remote, Static};
use polykms::core::engine::Local;
use polykms::core::key::{DataKeySize, GenerateDataKey, Reference, Spec};
use polykms::core::secret::AccessSecret;

type Done<T> = Result<T, Box<dyn Error>>;

const ROUNDS: usize = 9;
const MIB: usize = 1 << 20;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["overhead"] => overhead().await,
        ["envelope"] => envelope(1024).await,
        ["envelope", mib] => envelope(mib.parse()?).await,
        ["remote", url] => remote(url).await,
        _ => Err("client-bench overhead | envelope [MIB] | remote URL".into()),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The client in this process, and the same operation asked of the engine itself.
async fn overhead() -> Done<()> {
    const CALLS: usize = 20_000;
    let engine = polykms::Builder::new().build().await?;
    let dialect = polykms::registry()?.named("aws").ok_or("no dialect")?;
    let who = || Local { account: "000000000000".to_owned(), user: None, region: Arc::from("us-east-1") };
    let client = Client::embedded(Arc::clone(&engine), dialect, who());
    let made = client.keys().create().await?;
    let key = client.key(&made.id);
    let service = dialect.services.iter().find(|service| service.name == "kms").ok_or("no service")?;
    let row = service.row("GenerateDataKey").ok_or("no row")?;
    let (mut of_client, mut of_engine) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for _ in 0..CALLS {
            black_box(key.data_key().await?);
        }
        of_client.push(begun.elapsed().as_secs_f64() / CALLS as f64);
        let who = who();
        let op = || GenerateDataKey {
            key: Reference::id(made.id.as_str()),
            size: DataKeySize { number: None, spec: Some(Spec::Aes256) },
            context: Default::default(),
            dry_run: false,
            tokens: Default::default(),
        };
        let begun = Instant::now();
        for _ in 0..CALLS {
            black_box(engine.perform(dialect, &who, (service, row), Box::new(op())).await?);
        }
        of_engine.push(begun.elapsed().as_secs_f64() / CALLS as f64);
    }
    let (of_client, of_engine) = (median(of_client), median(of_engine));
    println!("engine {:.3} us, client {:.3} us, ratio {:.3}", of_engine * 1e6, of_client * 1e6, of_client / of_engine);
    Ok(())
}

/// Bytes that this process has in memory.
fn resident() -> Done<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS")).ok_or("no VmRSS")?;
    Ok(line.split_whitespace().nth(1).ok_or("no figure")?.parse::<f64>()? / 1024.0)
}

async fn envelope(mib: usize) -> Done<()> {
    let client = Client::connect("embedded::memory:?dialect=aws").await?;
    let key = client.keys().create().await?;
    let envelope = Envelope::new().to(&client, &*key.arn);
    let key = UnboundKey::new(&AES_256_GCM, &[7; 32]).map_err(|_| "no key")?;
    let (key, mut room) = (LessSafeKey::new(key), vec![7; MIB]);
    let (mut plain, mut sealing, mut opening) = (Vec::new(), Vec::new(), Vec::new());
    let (part, before) = (vec![7_u8; MIB], resident()?);
    let mut most = before;
    for _ in 0..3 {
        let begun = Instant::now();
        for number in 0..mib as u32 {
            let mut nonce = [0; 12];
            nonce[..4].copy_from_slice(&number.to_be_bytes());
            let nonce = Nonce::assume_unique_for_key(nonce);
            let _ = black_box(key.seal_in_place_separate_tag(nonce, Aad::empty(), &mut room).map_err(|_| "not sealed")?);
        }
        plain.push(mib as f64 / begun.elapsed().as_secs_f64());

        let begun = Instant::now();
        let mut stream = envelope.sealing((mib * MIB) as u64, tokio::io::sink()).await?;
        for _ in 0..mib {
            stream.write(&part).await?;
        }
        stream.finish().await?;
        sealing.push(mib as f64 / begun.elapsed().as_secs_f64());
        most = f64::max(most, resident()?);
    }
    // What is opened has to be held: a part of it is enough, for it is opened chunk by chunk.
    let held = mib.min(256);
    let mut stream = envelope.sealing((held * MIB) as u64, Vec::new()).await?;
    for _ in 0..held {
        stream.write(&part).await?;
    }
    let sealed = stream.finish().await?;
    for _ in 0..3 {
        let begun = Instant::now();
        envelope.opening(&sealed[..]).await?.copy_to(&mut tokio::io::sink()).await?;
        opening.push(held as f64 / begun.elapsed().as_secs_f64());
    }
    let (plain, sealing, opening) = (median(plain), median(sealing), median(opening));
    println!("{mib} MiB: AES-256-GCM {plain:.0} MiB/s, sealing {sealing:.0} ({:.2}), opening {opening:.0} ({:.2})", sealing / plain, opening / plain);
    println!("resident {before:.1} MiB before, {most:.1} MiB at most while sealing");
    Ok(())
}

/// User and system time of this process until now, in the hundredths of a second that Linux tells it in.
fn spent() -> Done<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().ok_or("no stat")?.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(Duration::from_millis(ticks * 10))
}

/// Requests per second of CPU, of so many calls that are made at once again and again.
async fn rate<F: Future<Output = Done<()>>>(call: impl Fn() -> F) -> Done<f64> {
    const AT_ONCE: usize = 16;
    const EACH: usize = 500;
    let begun = spent()?;
    let one = async || -> Done<()> {
        for _ in 0..EACH {
            call().await?;
        }
        Ok(())
    };
    try_join_all((0..AT_ONCE).map(|_| one())).await?;
    Ok((AT_ONCE * EACH) as f64 / (spent()? - begun).as_secs_f64())
}

async fn remote(url: &str) -> Done<()> {
    let (id, secret) = ("test", "test");
    let ours = {
        let keys = AccessKeys::new(id, AccessSecret::new(secret.to_owned()));
        let dialect = polykms::registry()?.named("aws").ok_or("no dialect")?;
        let builder = Remote::builder(dialect).environment(false).region("us-east-1").endpoint(url);
        Client::remote(builder.credentials(Static(keys)).build()?)
    };
    let theirs = {
        let config = aws_sdk_kms::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(url)
            .credentials_provider(Credentials::new(id, secret, None, None, "bench"))
            .build();
        aws_sdk_kms::Client::from_conf(config)
    };
    let made = ours.keys().create().await?;
    let key = ours.key(&made.id);
    let call_ours = || async { Ok::<_, Box<dyn Error>>(drop(black_box(key.data_key().await?))) };
    let call_theirs = || async {
        let call = theirs.generate_data_key().key_id(&made.id).key_spec(DataKeySpec::Aes256);
        Ok::<_, Box<dyn Error>>(drop(black_box(call.send().await?)))
    };
    rate(call_ours).await?;
    rate(call_theirs).await?;
    let (mut of_ours, mut of_theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        of_ours.push(rate(call_ours).await?);
        of_theirs.push(rate(call_theirs).await?);
    }
    let (of_ours, of_theirs) = (median(of_ours), median(of_theirs));
    println!("polykms {of_ours:.0}, aws-sdk-kms {of_theirs:.0} requests per second of CPU, ratio {:.2}", of_ours / of_theirs);
    Ok(())
}
