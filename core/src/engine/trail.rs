//! The trail: what happened is told before its answer leaves, and what was changed in the commit that changed it.
//!
//! # Invariants
//! - A change and its event are one commit. From the outbox the event reaches the trail, also after a crash: at least
//!   once, with its identifier.
//! - An event leaves the outbox only when the trail has it for good.
//! - While the trail is known to be broken nothing is done.

use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::caller::{Call, Event};
use super::judge::Ruled;
use super::recent::Happening;
use super::{Engine, Located};
use crate::dialect::Dialect;
use crate::dialect::message::Structure;
use crate::error::{Error, Result};
use crate::name::{first, moment, path};
use crate::operation::{Authorized, Effect, Operation, Staged};
use crate::port::audit::Mark;
use crate::port::{Change, Expect, Record, Space, Time};

/// The most room that is kept for later texts.
const LONGEST_KEPT: usize = 16 * 1024;
/// The most texts whose room is kept, a thread.
const MOST_KEPT: usize = 16;
/// The longest parameters that an event tells; what is longer is left out.
const LONGEST_PARAMETERS: usize = 100 * 1024;
/// How many events are taken out of the outbox by the way.
const BY_THE_WAY: usize = 64;
/// How many events are read at once.
const BATCH: usize = 256;
/// How old an event in the outbox is that nobody is telling any more.
const FORGOTTEN: jiff::SignedDuration = jiff::SignedDuration::from_secs(30);

thread_local! {
    /// Room for texts, from texts that are told.
    static ROOM: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// A text of the trail while it is made; its room is used again.
#[derive(Default)]
pub(crate) struct Text(Vec<u8>);

impl Text {
    /// A text that is written now.
    fn of(write: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut room = ROOM.with_borrow_mut(Vec::pop).unwrap_or_default();
        write(&mut room);
        Self(room)
    }
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        let mut room = std::mem::take(&mut self.0);
        room.clear();
        room.shrink_to(LONGEST_KEPT);
        ROOM.with_borrow_mut(|rooms| {
            if rooms.len() < MOST_KEPT {
                rooms.push(room);
            }
        });
    }
}

/// Shows the answer that tells an output, as messages have it.
pub(crate) type Elements<T> = fn(&T, &mut dyn FnMut(&dyn Structure)) -> Result<()>;

/// What an event tells beside its call.
#[derive(Clone, Copy)]
pub(super) struct Happened<'a> {
    pub(super) parameters: &'a [u8],
    pub(super) effect: Effect,
    pub(super) located: &'a [Located],
    pub(super) made: &'a [Arc<str>],
    pub(super) ruled: &'a Ruled,
    pub(super) elements: Option<&'a dyn Structure>,
    pub(super) error: Option<&'a Error>,
}

/// The events of changes that the trail has, but perhaps not for good; they are in the outbox still.
#[derive(Default)]
pub(super) struct Outbox {
    told: Mutex<VecDeque<(Mark, String)>>,
    /// Whether there are events in the outbox that the trail could not take.
    behind: AtomicBool,
}

impl Outbox {
    fn told(&self) -> MutexGuard<'_, VecDeque<(Mark, String)>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those of the records that the trail does not have.
    fn untold(&self, mut records: Vec<Record>) -> Vec<Record> {
        let told = self.told();
        let paths: HashSet<&str> = told.iter().map(|(_, path)| path.as_str()).collect();
        records.retain(|record| !paths.contains(record.path.as_str()));
        records
    }

    /// Some of the events that the trail has for good.
    fn done(&self, durable: Mark, most: usize) -> Vec<(Mark, String)> {
        let mut told = self.told();
        let done = told.iter().take(most).take_while(|(mark, _)| *mark <= durable).count();
        told.drain(..done).collect()
    }

    /// Nothing is in the outbox any more.
    pub(super) fn clear(&self) {
        self.told().clear();
    }

    fn put_back(&self, done: Vec<(Mark, String)>) {
        let mut told = self.told();
        done.into_iter().rev().for_each(|event| told.push_front(event));
    }
}

fn gone(done: &[(Mark, String)]) -> impl Iterator<Item = Change> {
    let gone =
        |(_, path): &(Mark, String)| Change::Delete { space: Space::Outbox, path: path.clone(), expect: Expect::Any };
    done.iter().map(gone)
}

impl Engine {
    /// The parameters of a request, as its event will tell them.
    pub(crate) fn parameters(&self, dialect: &Dialect, asked: &dyn Structure) -> Text {
        Text::of(|text| {
            if self.world.ports.audit.enabled() {
                (dialect.trail.parameters)(asked, text);
                if text.len() > LONGEST_PARAMETERS {
                    text.clear();
                }
            }
        })
    }

    /// Refuses whatever is asked while nothing of it could be told.
    pub(super) async fn listened_to(&self) -> Result<()> {
        self.world.ports.audit.ready()?;
        if self.outbox.behind.swap(false, Ordering::AcqRel) {
            self.relay(None).await.inspect_err(|_| self.outbox.behind.store(true, Ordering::Release))?;
        }
        Ok(())
    }

    /// The event of a request that nobody was asked about.
    pub(crate) async fn refused<T>(
        &self,
        call: &Call<'_>,
        effect: Effect,
        parameters: Text,
        error: Error,
    ) -> Result<T> {
        let event = self.event(call, &Happened::failed(&parameters, effect, &[], &Ruled::NOTHING, &error));
        self.tell(event).await?;
        Err(error)
    }

    /// Ends an operation that has come to its output: its changes are committed, and its event is told.
    pub(super) async fn conclude<O: Operation>(
        &self,
        call: &Call<'_>,
        allowed: &Authorized<O>,
        ruled: &Ruled,
        staged: Staged,
        output: &O::Output,
        told: (&[u8], Elements<O::Output>),
    ) -> Result<()> {
        let Staged { changes, made } = staged;
        let event = self.concluded(call, allowed, ruled, &made, output, told)?;
        match changes.is_empty() {
            true => self.tell(event).await,
            false => self.keep(call, changes, event).await,
        }
    }

    /// The event of an operation that has come to its output.
    fn concluded<O: Operation>(
        &self,
        call: &Call<'_>,
        allowed: &Authorized<O>,
        ruled: &Ruled,
        made: &[Arc<str>],
        output: &O::Output,
        (parameters, elements): (&[u8], Elements<O::Output>),
    ) -> Result<Option<Text>> {
        let (effect, located) = (O::EFFECT, allowed.all());
        let happened = Happened { parameters, effect, located, made, ruled, elements: None, error: None };
        if effect == Effect::Reads || self.recent.is_some() && !self.world.ports.audit.enabled() {
            return Ok(self.event(call, &happened));
        }
        let mut event = None;
        elements(output, &mut |answer| {
            event = self.event(call, &Happened { elements: Some(answer), ..happened });
        })?;
        Ok(event)
    }

    /// Commits changes with their event, and has the trail take it from there.
    async fn keep(&self, call: &Call<'_>, mut changes: Vec<Change>, event: Option<Text>) -> Result<()> {
        let Some(event) = event else { return self.world.commit(changes).await.map(drop) };
        let done = self.outbox.done(self.world.ports.audit.durable(), BY_THE_WAY);
        changes.extend(gone(&done));
        let path = path(&[&moment(call.at), call.event_id]);
        let (space, expect, body) = (Space::Outbox, Expect::Any, event.to_vec());
        changes.push(Change::Put { space, path: path.clone(), expect, body });
        if let Err(error) = self.world.commit(changes).await {
            self.outbox.put_back(done);
            return Err(error);
        }
        // The change stands, and its event with it: that the trail cannot take it now is no reason to deny either.
        match self.world.ports.audit.record(&event).await {
            Ok(mark) => self.outbox.told().push_back((mark, path)),
            Err(_) => self.outbox.behind.store(true, Ordering::Release),
        }
        Ok(())
    }

    /// An event as its dialect writes it, unless nobody listens. It is kept for a while where that is wanted.
    pub(super) fn event(&self, call: &Call<'_>, happened: &Happened<'_>) -> Option<Text> {
        let is_allowed = happened.error.is_none() && happened.ruled.rulings.is_empty();
        if let Some(recent) = self.recent.as_ref().filter(|_| call.kept || !is_allowed) {
            recent.keep(Happening::of(call, happened));
        }
        self.world.ports.audit.enabled().then(|| line(call, happened))
    }

    /// Tells the trail an event that goes with no change.
    pub(super) async fn tell(&self, event: Option<Text>) -> Result<()> {
        match event {
            Some(event) => self.world.ports.audit.record(&event).await.map(drop),
            None => Ok(()),
        }
    }

    /// Has the trail take the events that are in the outbox: those older than a time, or all.
    pub(super) async fn relay(&self, until: Option<Time>) -> Result<()> {
        let until = until.map(moment);
        let mut after = None::<String>;
        loop {
            let records = self.world.ports.store.scan(Space::Outbox, "", after.as_deref(), BATCH).await?;
            let Some(last) = records.last() else { return Ok(()) };
            after = Some(last.path.clone());
            let ended = |path: &str| until.as_ref().is_some_and(|until| first(path) > until.as_str());
            let done = ended(&last.path);
            for Record { path, body, .. } in self.outbox.untold(records).into_iter().filter(|it| !ended(&it.path)) {
                let mark = self.world.ports.audit.record(&body).await?;
                self.outbox.told().push_back((mark, path));
            }
            if done {
                return Ok(());
            }
        }
    }

    /// Has the trail take the events of changes that it had not taken for good when the process before this one ended.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::error::Kind::Internal) when the store or the trail fails.
    pub async fn catch_up(&self) -> Result<()> {
        match self.world.ports.audit.enabled() {
            true => {
                self.relay(None).await?;
                self.world.ports.audit.secure()?;
                self.take_out().await
            }
            false => Ok(()),
        }
    }

    /// Has the trail take what was forgotten in the outbox, and takes out of it what the trail has for good.
    pub(super) async fn tidy(&self, now: Time) -> Result<()> {
        if !self.world.ports.audit.enabled() {
            return Ok(());
        }
        self.relay(now.checked_sub(FORGOTTEN).ok()).await?;
        self.take_out().await
    }

    /// Takes out of the outbox what the trail has for good.
    async fn take_out(&self) -> Result<()> {
        loop {
            let done = self.outbox.done(self.world.ports.audit.durable(), BATCH);
            if done.is_empty() {
                return Ok(());
            }
            if let Err(error) = self.world.commit(gone(&done).collect()).await {
                self.outbox.put_back(done);
                return Err(error);
            }
        }
    }
}

impl<'a> Happened<'a> {
    /// What came to nothing.
    pub(super) fn failed(
        parameters: &'a [u8],
        effect: Effect,
        located: &'a [Located],
        ruled: &'a Ruled,
        error: &'a Error,
    ) -> Self {
        Self { parameters, effect, located, made: &[], ruled, elements: None, error: Some(error) }
    }
}

/// An event as its dialect writes it.
fn line(call: &Call<'_>, happened: &Happened<'_>) -> Text {
    let Call { dialect, service, row, caller, named, region, at, connection, voice: _, request_id, event_id, kept: _ } =
        call;
    let Happened { parameters, effect, located, made, ruled, elements, error } = *happened;
    let event = Event {
        request_id,
        event_id,
        at: *at,
        caller,
        named,
        service,
        row,
        region,
        connection,
        parameters,
        effect,
        located,
        made,
        verdict: ruled.verdict,
        rulings: &ruled.rulings,
        elements,
        error,
    };
    Text::of(|text| (dialect.trail.line)(&event, text))
}
