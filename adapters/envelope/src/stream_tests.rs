use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};

use super::*;
use crate::{Cache, Recipient, Wrapped};

/// A key that wraps by adding its number; it counts how often it is asked.
#[derive(Clone)]
struct Plain {
    scheme: u8,
    name: &'static str,
    number: u8,
    asked: Arc<AtomicUsize>,
}

fn plain(name: &'static str, number: u8) -> Plain {
    Plain { scheme: 16, name, number, asked: Arc::default() }
}

#[async_trait]
impl Recipient for Plain {
    fn scheme(&self) -> u8 {
        self.scheme
    }

    async fn name(&self) -> Result<String> {
        Ok(self.name.to_owned())
    }

    async fn generate(&self, context: &Context) -> Result<(FileKey, Vec<u8>)> {
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes).unwrap();
        let key = FileKey::new(&bytes)?;
        let wrapped = self.wrap(&key, context).await?;
        Ok((key, wrapped))
    }

    async fn wrap(&self, key: &FileKey, _: &Context) -> Result<Vec<u8>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(key.expose().iter().map(|byte| byte.wrapping_add(self.number)).collect())
    }

    async fn unwrap(&self, wrapped: &[u8], _: &Context) -> Result<FileKey> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        FileKey::new(&wrapped.iter().map(|byte| byte.wrapping_sub(self.number)).collect::<Vec<_>>())
    }
}

fn for_one(recipient: &Plain) -> Recipients {
    Recipients::default().and(recipient.clone())
}

fn context(pairs: &[(&str, &str)]) -> Context {
    let pairs: BTreeMap<_, _> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Context::new(pairs).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

fn wrapped(scheme: u8, key: &str, bytes: &[u8]) -> Wrapped {
    Wrapped { scheme, key: key.to_owned(), bytes: bytes.to_vec() }
}

async fn made(header: &Header, message: &[u8]) -> Vec<u8> {
    let key = FileKey::new(&(0..32).collect::<Vec<u8>>()).unwrap();
    let salt: [u8; SALT] = std::array::from_fn(|at| u8::try_from(at).unwrap());
    let mut sealed = Vec::new();
    let mut sealing = begin(header, &key, &salt, &header.context, &mut sealed).await.unwrap();
    sealing.write(message).await.unwrap();
    sealing.finish().await.unwrap();
    sealed
}

#[tokio::test]
async fn the_published_vectors_come_out_byte_for_byte() {
    let header = Header {
        context: context(&[("a", "1"), ("b", "2")]),
        detached: false,
        recipients: vec![
            wrapped(1, "arn:aws:kms:us-east-1:111122223333:key/k", &[0xaa, 0xbb]),
            wrapped(2, "acs:kms:cn-hangzhou:1:key/k", &[0xcc]),
        ],
    };
    let sealed = made(&header, b"hello").await;
    assert_eq!(sealed.len(), 218);
    assert!(hex(&sealed).contains("c07c5138b2ae651b47b05fcefa8c52de837e83027e5f3875ba22ddcb27b091e0"), "the MAC");
    assert_eq!(
        hex(digest(&SHA256, &sealed).as_ref()),
        "d7a65cfe5f45d93eb5af4b9b07a3b13890b91e1beb4f44f2f66f81fcb02b48a0"
    );
    let header = Header { context: context(&[]), detached: false, recipients: vec![wrapped(1, "k", b"w")] };
    let sealed = made(&header, &vec![0; 32_768]).await;
    assert_eq!(sealed.len(), 32_928);
    assert_eq!(
        hex(digest(&SHA256, &sealed).as_ref()),
        "62caad072e73226708ab7da1fe658866d1f2d03c534ed04609fa5fbe617a4f59"
    );
}

#[tokio::test]
async fn messages_of_every_size_open_for_each_recipient() {
    let (one, other) = (plain("one", 1), plain("other", 2));
    let both = for_one(&one).and(other.clone()).verified();
    for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, AT_ONCE * CHUNK, AT_ONCE * CHUNK + 7, 300_000] {
        let message: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
        for (detached, pairs) in [(false, &[("a", "1")][..]), (true, &[("a", "1")]), (false, &[])] {
            let bound = context(pairs);
            let sealed = both.seal(&bound, detached, &message).await.unwrap();
            for recipient in [&one, &other] {
                let opened = for_one(recipient).open(&bound, &sealed).await.unwrap();
                assert!(*opened == message, "{size} bytes for {}", recipient.name);
            }
        }
    }
}

async fn refused(recipients: &Recipients, bound: &Context, sealed: &[u8]) -> Kind {
    match recipients.open(bound, sealed).await {
        Ok(_) => panic!("it opens"),
        Err(error) => error.kind(),
    }
}

#[tokio::test]
async fn whatever_is_changed_does_not_open() {
    let one = plain("one", 1);
    let recipients = for_one(&one).and(plain("other", 2));
    let bound = context(&[("tenant", "7")]);
    let message = vec![7; 2 * CHUNK + 100];
    let sealed = recipients.seal(&bound, false, &message).await.unwrap();
    let header = sealed.len() - (2 * CHUNK + 100 + 3 * TAG + SALT + COMMITMENT);
    let chunks = header + SALT + COMMITMENT;

    // Every bit of everything before the chunks, and some of each chunk.
    let places = (0..chunks + 20).chain((chunks..sealed.len()).step_by(997)).chain([sealed.len() - 1]);
    for at in places {
        let mut changed = sealed.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(for_one(&one).open(&bound, &changed).await.is_err(), "byte {at}");
    }
    // Cut off anywhere near a border, or longer.
    for length in [0, 7, 13, 14, header - 1, header, chunks - 1, chunks, chunks + 1, chunks + TAG, sealed.len() - 1]
        .into_iter()
        .chain([CHUNK + TAG - 1, CHUNK + TAG, CHUNK + TAG + 1, 2 * (CHUNK + TAG)].map(|length| chunks + length))
    {
        assert!(for_one(&one).open(&bound, &sealed[..length]).await.is_err(), "{length} of {}", sealed.len());
    }
    for more in [&b"\0"[..], &[0; TAG], &sealed[chunks..chunks + CHUNK + TAG]] {
        assert!(for_one(&one).open(&bound, &[&sealed, more].concat()).await.is_err());
    }
    // Chunks in another order, twice, or left out.
    let (first, rest) = sealed[chunks..].split_at(CHUNK + TAG);
    let (second, last) = rest.split_at(CHUNK + TAG);
    for order in [[second, first, last], [first, first, last], [first, last, second]] {
        let changed = [&sealed[..chunks], &order.concat()].concat();
        assert_eq!(refused(&for_one(&one), &bound, &changed).await, Kind::Ciphertext);
    }
    assert!(for_one(&one).open(&bound, &[&sealed[..chunks], first, last].concat()).await.is_err());
    // The body of another envelope.
    let another = recipients.seal(&bound, false, &message).await.unwrap();
    assert_eq!(
        refused(&for_one(&one), &bound, &[&sealed[..header], &another[header..]].concat()).await,
        Kind::Ciphertext
    );
}

#[tokio::test]
async fn the_context_is_part_of_it_wherever_it_is() {
    let one = for_one(&plain("one", 1));
    let bound = context(&[("a", "1"), ("b", "2")]);
    let detached = one.seal(&bound, true, b"x").await.unwrap();
    assert_eq!(*one.open(&bound, &detached).await.unwrap(), b"x");
    for other in [&[("a", "1")][..], &[("a", "1"), ("b", "2"), ("c", "3")], &[("a", "2"), ("b", "1")], &[]] {
        assert_eq!(refused(&one, &context(other), &detached).await, Kind::Ciphertext);
    }
    let mut attached = detached.clone();
    attached[9] = 0;
    assert!(one.open(&bound, &attached).await.is_err(), "a context that was detached is not attached");
    assert!(Context::new(BTreeMap::from([("polykms-envelope".to_owned(), String::new())])).is_err());
    let many = (0..65).map(|at| (at.to_string(), String::new())).collect();
    assert!(Context::new(many).is_err());
    assert!(Context::new(BTreeMap::from([("a".to_owned(), "x".repeat(4096))])).is_err());
}

#[tokio::test]
async fn there_is_one_encoding_and_it_has_limits() {
    let one = plain("one", 1);
    let sealed = for_one(&one).seal(&context(&[]), false, b"x").await.unwrap();
    let refused = async |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = sealed.clone();
        change(&mut changed);
        for_one(&one).open(&context(&[]), &changed).await.map(drop).unwrap_err().kind()
    };
    for kind in [
        refused(&|it| it[0] = b'X').await,
        refused(&|it| it[7] = 2).await,
        refused(&|it| it[8] = 2).await,
        refused(&|it| it[9] = 2).await,
        refused(&|it| it[10..14].copy_from_slice(&u32::MAX.to_be_bytes())).await,
        refused(&|it| it[10..14].copy_from_slice(&65_537_u32.to_be_bytes())).await,
        refused(&|it| it[14..16].copy_from_slice(&65_u16.to_be_bytes())).await,
        refused(&|it| it[16] = 0).await,
        refused(&|it| it[16] = 17).await,
        refused(&|it| it[13] += 1).await,
    ] {
        assert_eq!(kind, Kind::Invalid);
    }
    let twice = Recipients::default().and(plain("one", 1)).and(plain("one", 1));
    let sealed = twice.seal(&context(&[]), false, b"x").await.unwrap();
    assert_eq!(twice.open(&context(&[]), &sealed).await.map(drop).unwrap_err().kind(), Kind::Invalid);
    let many = (0..17).fold(Recipients::default(), |all, number| all.and(plain("k", number)));
    assert!(many.seal(&context(&[]), false, b"x").await.is_err());
    assert!(Recipients::default().seal(&context(&[]), false, b"x").await.is_err());
}

#[tokio::test]
async fn no_key_is_asked_because_a_message_names_it() {
    let (mine, stranger) = (plain("mine", 1), plain("stranger", 2));
    let sealed = for_one(&stranger).seal(&context(&[]), false, b"x").await.unwrap();
    let asked = mine.asked.load(Ordering::SeqCst);
    assert_eq!(refused(&for_one(&mine), &context(&[]), &sealed).await, Kind::Ciphertext);
    assert_eq!(mine.asked.load(Ordering::SeqCst), asked);
    let same_name = Plain { scheme: 17, ..stranger.clone() };
    assert_eq!(refused(&for_one(&same_name), &context(&[]), &sealed).await, Kind::Ciphertext);
    assert_eq!(stranger.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn another_header_for_the_same_body() {
    let (old, new) = (for_one(&plain("old", 1)), for_one(&plain("new", 2)));
    let bound = context(&[("a", "1")]);
    for detached in [false, true] {
        let sealed = old.seal(&bound, detached, &vec![1; 50_000]).await.unwrap();
        let again = new.rewrap(&old, &bound, &sealed).await.unwrap();
        assert_eq!(new.open(&bound, &again).await.unwrap().len(), 50_000);
        assert_eq!(refused(&old, &bound, &again).await, Kind::Ciphertext);
        assert_eq!(sealed[sealed.len() - 50_000..], again[again.len() - 50_000..]);
    }
}

#[tokio::test]
async fn what_was_wrapped_is_used_again_within_limits_alone() {
    let one = plain("one", 1);
    let asked = || one.asked.load(Ordering::SeqCst);
    let cached = for_one(&one).cached(Cache { messages: 3, bytes: 100, ..Cache::MOST });
    let (a, b) = (context(&[("a", "1")]), context(&[("b", "1")]));
    for _ in 0..3 {
        cached.seal(&a, false, b"x").await.unwrap();
    }
    assert_eq!(asked(), 1);
    cached.seal(&a, false, b"x").await.unwrap();
    assert_eq!(asked(), 2, "a fourth message has a key of its own");
    cached.seal(&b, false, b"x").await.unwrap();
    assert_eq!(asked(), 3, "another context has a key of its own");
    cached.seal(&b, false, &[0; 100]).await.unwrap();
    assert_eq!(asked(), 4, "too many bytes have a key of their own");
    let one = plain("one", 1);
    let none = for_one(&one);
    none.seal(&a, false, b"x").await.unwrap();
    none.seal(&a, false, b"x").await.unwrap();
    assert_eq!(one.asked.load(Ordering::SeqCst), 2, "nothing is used again unless it is asked for");
    let greedy = for_one(&one).cached(Cache { messages: u64::MAX, ..Cache::MOST });
    for _ in 0..1001 {
        greedy.seal(&a, false, b"").await.unwrap();
    }
    assert_eq!(
        one.asked.load(Ordering::SeqCst),
        4,
        "after a thousand messages there is another key, whatever was wished"
    );
}

#[tokio::test]
async fn an_error_stays() {
    let one = for_one(&plain("one", 1));
    let mut sealed = one.seal(&context(&[]), false, &vec![1; 3 * CHUNK]).await.unwrap();
    let at = sealed.len() - TAG - 5;
    sealed[at] ^= 1;
    let mut opening = one.opening(&context(&[]), &sealed[..]).await.unwrap();
    let mut plain = 0;
    let error = loop {
        match opening.next().await {
            Ok(Some(more)) => plain += more.len(),
            Ok(None) => panic!("it ends well"),
            Err(error) => break error,
        }
    };
    assert_eq!((error.kind(), plain), (Kind::Ciphertext, 2 * CHUNK));
    assert_eq!(opening.next().await.unwrap_err().kind(), Kind::Ciphertext);
}
