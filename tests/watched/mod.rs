//! A store in memory that counts what is read and written, and in which something else happens at a moment of choice.

#![allow(dead_code, reason = "each test uses its part")]

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use polykms::core::engine::{Engine, Ports, Settings};
use polykms::core::port::audit::NoAudit;
use polykms::core::port::{Change, Changes, Clock, Head, Record, Space, Store, StoreError};
use polykms_crypto::{Keyring, Software};
use polykms_host::OsRandom;
use polykms_store::{Memory, Nonces};
use serde_json::Value;

/// What happens in between.
pub(crate) type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

/// When it happens.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// Before the next commit.
    Commit,
    /// Before the next scan of a space.
    Scan(Space),
}

/// The store.
#[derive(Default)]
pub(crate) struct Watched {
    pub(crate) memory: Memory,
    records: AtomicUsize,
    bytes: AtomicUsize,
    /// How many commits are taken before all others fail; any number, when absent.
    commits: Mutex<Option<usize>>,
    meanwhile: Mutex<Option<(Before, Meanwhile)>>,
}

impl Watched {
    /// How many records and paths were read, and how many bytes written, since this was asked last.
    pub(crate) fn cost(&self) -> (usize, usize) {
        (self.records.swap(0, Ordering::Relaxed), self.bytes.swap(0, Ordering::Relaxed))
    }

    /// The text of all records of a space.
    pub(crate) async fn memory_records(&self, space: Space) -> String {
        let records = self.memory.scan(space, "", None, usize::MAX >> 1).await.expect("records");
        records.iter().map(|record| String::from_utf8_lossy(&record.body)).collect()
    }

    /// Lets something happen once.
    pub(crate) fn meddle(&self, before: Before, meanwhile: Meanwhile) {
        *self.meanwhile.lock().unwrap() = Some((before, meanwhile));
    }

    /// Lets all commits fail after so many.
    pub(crate) fn fail_after(&self, commits: Option<usize>) {
        *self.commits.lock().unwrap() = commits;
    }

    async fn now(&self, moment: Before) {
        let due = self.meanwhile.lock().unwrap().take_if(|(before, _)| *before == moment);
        if let Some((_, meanwhile)) = due {
            meanwhile.await;
        }
    }

    fn read(&self, count: usize) {
        self.records.fetch_add(count, Ordering::Relaxed);
    }

    fn may_commit(&self) -> Result<(), StoreError> {
        match self.commits.lock().unwrap().as_mut() {
            None => Ok(()),
            Some(0) => Err(StoreError::Failed("somebody pulled the plug".to_owned())),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
        }
    }
}

#[async_trait::async_trait]
impl Store for Watched {
    async fn get(&self, space: Space, path: &str) -> Result<Option<Record>, StoreError> {
        self.read(1);
        self.memory.get(space, path).await
    }

    async fn get_many(&self, wanted: &[(Space, &str)]) -> Result<Vec<Option<Record>>, StoreError> {
        self.read(wanted.len());
        self.memory.get_many(wanted).await
    }

    async fn scan(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        self.now(Before::Scan(space)).await;
        let found = self.memory.scan(space, prefix, after, limit).await?;
        self.read(found.len());
        Ok(found)
    }

    async fn paths(
        &self,
        space: Space,
        prefix: &str,
        after: Option<&str>,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let found = self.memory.paths(space, prefix, after, skip, limit).await?;
        self.read(found.len() + skip);
        Ok(found)
    }

    async fn count(&self, space: Space, prefix: &str) -> Result<usize, StoreError> {
        let count = self.memory.count(space, prefix).await?;
        self.read(count);
        Ok(count)
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<u64, StoreError> {
        self.now(Before::Commit).await;
        self.may_commit()?;
        let written = changes.iter().map(|change| match change {
            Change::Put { path, body, .. } => path.len() + body.len(),
            Change::Delete { path, .. } => path.len(),
            Change::Check { .. } => 0,
        });
        self.bytes.fetch_add(written.sum(), Ordering::Relaxed);
        self.memory.commit(changes).await
    }

    async fn changes(&self, since: Head) -> Result<Changes, StoreError> {
        self.memory.changes(since).await
    }

    async fn clear(&self) -> Result<(), StoreError> {
        self.memory.clear().await
    }
}

/// An engine on this store, migrated, with what a seed names.
pub(crate) async fn engine(store: Arc<dyn Store>, clock: Arc<dyn Clock>, seed: Value) -> Arc<Engine> {
    let engine = not_migrated(store, clock, seed);
    engine.migrate().await.expect("a migration");
    engine.sow().await.expect("sown");
    engine
}

/// An engine on this store as it is.
pub(crate) fn not_migrated(store: Arc<dyn Store>, clock: Arc<dyn Clock>, seed: Value) -> Arc<Engine> {
    let ports = Ports {
        store,
        crypto: Arc::new(Software::new(Keyring::fresh(&OsRandom).expect("a key ring"), Arc::new(OsRandom))),
        once: Arc::new(Nonces::default()),
        clock,
        random: Arc::new(OsRandom),
        audit: Arc::new(NoAudit),
    };
    let seed: polykms::Seed = serde_json::from_value(seed).expect("a seed");
    let settings = Settings { seed: Some(seed.into()), ..Settings::default() };
    Arc::new(Engine::new(ports, polykms::registry().expect("dialects"), settings))
}
