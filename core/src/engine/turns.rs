//! Turns: who may change a record next, so that nobody who wants to is overtaken again and again.
//!
//! What a commit expects still decides whether it takes place; turns only keep those apart who would expect the same. Who
//! reads takes none, and who changes something that nobody else is changing does not wait.
//!
//! # Invariants
//! - Turns at several records are taken all at once: who waits holds none, so no two wait for each other.
//! - They are given in the order in which they were asked for. A change that restricts counts as asked for
//!   [`HEAD_START`] turns earlier: it goes before all that are ordinary and wait, and they still have an end of waiting.
//! - Any number of those hold a record's turn at once who only need it to stay what it is.

use std::collections::{BTreeMap, HashMap};
use std::future::poll_fn;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use foldhash::quality::RandomState;
use smallvec::SmallVec;

use crate::port::{Change, Expect};

/// How many turns a change that restricts is ahead; more than a server has connections.
const HEAD_START: u64 = 1 << 14;

/// What somebody needs of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// That it stays what it is.
    Kept,
    /// That nobody else changes or keeps it.
    Own,
}

/// A record, by the hash of its name: two with the same take turns without having to.
type Name = u64;
/// What is needed, in the order of the names, each once.
type Needs = SmallVec<[(Name, Need); 8]>;
/// A place in every line: the turn it counts as, and the one it is.
type Place = (u64, u64);

/// All who are changing records, and who comes after them.
#[derive(Default)]
pub(super) struct Turns {
    names: RandomState,
    board: Mutex<Board>,
}

#[derive(Default)]
struct Board {
    last: u64,
    lines: HashMap<Name, Line, RandomState>,
    waiting: BTreeMap<Place, Asker>,
}

/// Those who hold a record's turn, and those who wait for it.
#[derive(Default)]
struct Line {
    keepers: usize,
    owned: bool,
    waiting: BTreeMap<Place, Need>,
}

struct Asker {
    needs: Needs,
    waker: Waker,
}

impl Turns {
    /// The turn of somebody who has not asked for anything yet.
    pub(super) fn turn(&self) -> Turn<'_> {
        Turn { turns: self, needs: Needs::new(), place: None }
    }

    // No code can panic between the first and the last change to the board.
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn needs(&self, changes: &[Change]) -> Needs {
        let needs = changes.iter().filter_map(|change| match change {
            Change::Put { expect: Expect::Any, .. } | Change::Delete { expect: Expect::Any, .. } => None,
            Change::Put { space, path, .. } | Change::Delete { space, path, .. } => Some((space, path, Need::Own)),
            Change::Check { space, path, .. } => Some((space, path, Need::Kept)),
        });
        sorted(needs.map(|(space, path, need)| (self.names.hash_one((space, path)), need)).collect())
    }

    fn leave(&self, place: Place, needs: &Needs) {
        let mut board = self.board();
        if !board.withdraw(place) {
            board.release(needs);
        }
        let woken = board.admit(needs);
        drop(board);
        woken.into_iter().for_each(Waker::wake);
    }
}

/// Somebody's turn at some records: waited for, or held until it is dropped.
pub(super) struct Turn<'t> {
    turns: &'t Turns,
    needs: Needs,
    /// Where it stands, once it was asked for.
    place: Option<Place>,
}

impl Turn<'_> {
    /// Takes the turn at all records that these changes expect something of; says whether somebody else had it before,
    /// so that what was read is no longer to be relied on.
    pub(super) async fn take(&mut self, changes: &[Change], restricts: impl FnOnce() -> bool) -> bool {
        let mut needs = self.turns.needs(changes);
        needs.retain(|need| !self.has(*need));
        if needs.is_empty() || self.add(&needs) {
            return false;
        }
        let before = std::mem::take(&mut self.needs);
        let place = match self.place {
            None => {
                let restricts = restricts();
                self.turns.board().place(restricts)
            }
            Some(place) => {
                self.turns.leave(place, &before);
                place
            }
        };
        self.place = Some(place);
        // What was needed before is needed still, or else it would change while the rest is waited for.
        self.needs = sorted(before.into_iter().chain(needs).collect());
        if self.turns.board().hold_or_wait(place, &self.needs) {
            return false;
        }
        poll_fn(|context| self.turns.board().poll(place, context)).await;
        true
    }

    /// Holds more, if it is free: each try may be about something new, and what is held already is not to be lost for it.
    fn add(&mut self, more: &Needs) -> bool {
        let Some(place) = self.place else { return false };
        let mut board = self.turns.board();
        let free = board.is_free(place, more);
        if free {
            board.hold(more);
            self.needs.extend_from_slice(more);
        }
        free
    }

    fn has(&self, (name, need): (Name, Need)) -> bool {
        self.needs.iter().any(|(held, how)| *held == name && *how >= need)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.turns.leave(place, &self.needs);
        }
    }
}

fn sorted(mut needs: Needs) -> Needs {
    needs.sort_unstable_by(|one, other| other.cmp(one));
    needs.dedup_by_key(|(name, _)| *name); // the greater need comes first, and stays
    needs
}

impl Board {
    fn place(&mut self, restricts: bool) -> Place {
        self.last += 1;
        (if restricts { self.last } else { self.last + HEAD_START }, self.last)
    }

    /// Holds all that is needed if it is free and nobody before waits for it; or waits.
    fn hold_or_wait(&mut self, place: Place, needs: &Needs) -> bool {
        if self.is_free(place, needs) {
            self.hold(needs);
            return true;
        }
        for (name, need) in needs {
            self.lines.entry(*name).or_default().waiting.insert(place, *need);
        }
        self.waiting.insert(place, Asker { needs: needs.clone(), waker: Waker::noop().clone() });
        false
    }

    fn poll(&mut self, place: Place, context: &Context<'_>) -> Poll<()> {
        match self.waiting.get_mut(&place) {
            None => Poll::Ready(()),
            Some(asker) => {
                asker.waker.clone_from(context.waker());
                Poll::Pending
            }
        }
    }

    fn is_free(&self, place: Place, needs: &Needs) -> bool {
        needs.iter().all(|(name, need)| self.lines.get(name).is_none_or(|line| line.is_free(place, *need)))
    }

    fn hold(&mut self, needs: &Needs) {
        for (name, need) in needs {
            let line = self.lines.entry(*name).or_default();
            match need {
                Need::Kept => line.keepers += 1,
                Need::Own => line.owned = true,
            }
        }
    }

    fn release(&mut self, needs: &Needs) {
        for (name, need) in needs {
            let Some(line) = self.lines.get_mut(name) else { continue };
            match need {
                Need::Kept => line.keepers = line.keepers.saturating_sub(1),
                Need::Own => line.owned = false,
            }
        }
        self.forget(needs);
    }

    /// Waits no longer; says whether it did.
    fn withdraw(&mut self, place: Place) -> bool {
        self.leave_lines(place).is_some()
    }

    fn leave_lines(&mut self, place: Place) -> Option<Asker> {
        let asker = self.waiting.remove(&place)?;
        for (name, _) in &asker.needs {
            if let Some(line) = self.lines.get_mut(name) {
                line.waiting.remove(&place);
            }
        }
        self.forget(&asker.needs);
        Some(asker)
    }

    /// Gives their turn to those in the lines of these records who can have it now.
    fn admit(&mut self, needs: &Needs) -> Vec<Waker> {
        let mut woken = Vec::new();
        for (name, _) in needs {
            let first = self.lines.get(name).map(Line::first).unwrap_or_default();
            for place in first {
                let free = self.waiting.get(&place).is_some_and(|asker| self.is_free(place, &asker.needs));
                if let Some(Asker { needs, waker }) = free.then(|| self.leave_lines(place)).flatten() {
                    self.hold(&needs);
                    woken.push(waker);
                }
            }
        }
        woken
    }

    /// Keeps no line that nobody stands in.
    fn forget(&mut self, needs: &Needs) {
        for (name, _) in needs {
            if self.lines.get(name).is_some_and(Line::is_empty) {
                self.lines.remove(name);
            }
        }
    }
}

impl Line {
    fn is_free(&self, place: Place, need: Need) -> bool {
        let mut before = self.waiting.range(..place).map(|(_, need)| *need);
        match need {
            Need::Kept => !self.owned && before.all(|other| other == Need::Kept),
            Need::Own => !self.owned && self.keepers == 0 && before.next().is_none(),
        }
    }

    /// The first who waits, or all who come first and are content with others beside them.
    fn first(&self) -> Vec<Place> {
        let keepers = self.waiting.iter().take_while(|(_, need)| **need == Need::Kept).map(|(place, _)| *place);
        let keepers: Vec<_> = keepers.collect();
        match keepers.is_empty() {
            true => self.waiting.keys().next().copied().into_iter().collect(),
            false => keepers,
        }
    }

    fn is_empty(&self) -> bool {
        !self.owned && self.keepers == 0 && self.waiting.is_empty()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::cell::Cell;
    use std::pin::{Pin, pin};
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;
    use crate::port::Space;

    const PLAIN: bool = false;
    const RESTRICTS: bool = true;

    fn own(path: &str) -> Change {
        Change::Delete { space: Space::Key, path: path.to_owned(), expect: Expect::Rev(1) }
    }

    fn kept(path: &str) -> Change {
        Change::Check { space: Space::Key, path: path.to_owned(), expect: Expect::Rev(1) }
    }

    fn now(future: Pin<&mut (impl Future + ?Sized)>) -> Poll<()> {
        future.poll(&mut Context::from_waker(Waker::noop())).map(drop)
    }

    /// Somebody who asks for a turn, and holds it when it is given.
    type Asking<'t> = Pin<Box<dyn Future<Output = (Turn<'t>, bool)> + 't>>;

    fn asking<'t>(turns: &'t Turns, changes: Vec<Change>, restricts: bool) -> Asking<'t> {
        Box::pin(async move {
            let mut turn = turns.turn();
            let waited = turn.take(&changes, || restricts).await;
            (turn, waited)
        })
    }

    fn given<'t>(asking: &mut Asking<'t>) -> Option<(Turn<'t>, bool)> {
        match asking.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(given) => Some(given),
            Poll::Pending => None,
        }
    }

    fn is_idle(turns: &Turns) -> bool {
        let board = turns.board();
        board.lines.is_empty() && board.waiting.is_empty()
    }

    #[test]
    fn who_changes_what_nobody_else_changes_does_not_wait() {
        let turns = Turns::default();
        let (one, waited) = given(&mut asking(&turns, vec![own("a"), kept("p")], PLAIN)).unwrap();
        assert!(!waited);
        let (other, waited) = given(&mut asking(&turns, vec![own("b"), kept("p")], PLAIN)).unwrap();
        assert!(!waited);
        drop((one, other));
        assert!(is_idle(&turns));
    }

    #[test]
    fn turns_are_given_in_the_order_in_which_they_are_asked_for() {
        let turns = Turns::default();
        let (mut held, _) = given(&mut asking(&turns, vec![own("a")], PLAIN)).unwrap();
        let mut others: Vec<_> = (0..5).map(|_| asking(&turns, vec![own("a")], PLAIN)).collect();
        assert!(others.iter_mut().all(|other| given(other).is_none()));
        for next in 0..5 {
            drop(held);
            assert!(others.iter_mut().skip(1).all(|later| given(later).is_none()), "{next}");
            let (turn, waited) = given(&mut others.remove(0)).unwrap();
            assert!(waited);
            held = turn;
        }
        drop(held);
        assert!(is_idle(&turns));
    }

    #[test]
    fn what_restricts_goes_first_and_among_its_like_in_order() {
        let turns = Turns::default();
        let (held, _) = given(&mut asking(&turns, vec![own("a")], PLAIN)).unwrap();
        let mut plain: Vec<_> = (0..64).map(|_| asking(&turns, vec![own("a")], PLAIN)).collect();
        assert!(plain.iter_mut().all(|other| given(other).is_none()));
        let [mut first, mut second] = [(), ()].map(|()| asking(&turns, vec![own("a"), kept("b")], RESTRICTS));
        assert!(given(&mut first).is_none() && given(&mut second).is_none());
        drop(held);
        assert!(plain.iter_mut().all(|other| given(other).is_none()) && given(&mut second).is_none());
        drop(given(&mut first).unwrap());
        assert!(plain.iter_mut().all(|other| given(other).is_none()));
        drop(given(&mut second).unwrap());
        assert!(given(&mut plain[0]).is_some());
    }

    #[test]
    fn what_is_ordinary_is_not_passed_for_ever() {
        let turns = Turns::default();
        let (mut held, _) = given(&mut asking(&turns, vec![own("a")], PLAIN)).unwrap();
        let mut plain = asking(&turns, vec![own("a")], PLAIN);
        assert!(given(&mut plain).is_none());
        let passed = Cell::new(0_u64);
        loop {
            let mut restriction = asking(&turns, vec![own("a")], RESTRICTS);
            assert!(given(&mut restriction).is_none());
            drop(held);
            match given(&mut plain) {
                Some(_) => break,
                None => held = given(&mut restriction).unwrap().0,
            }
            passed.set(passed.get() + 1);
        }
        assert_eq!(passed.get(), HEAD_START - 1);
    }

    #[test]
    fn who_only_keeps_a_record_shares_it_and_is_not_let_past_who_changes_it() {
        let turns = Turns::default();
        let (one, _) = given(&mut asking(&turns, vec![kept("p")], PLAIN)).unwrap();
        let (other, _) = given(&mut asking(&turns, vec![kept("p")], PLAIN)).unwrap();
        let mut owner = asking(&turns, vec![own("p")], PLAIN);
        assert!(given(&mut owner).is_none());
        let mut late: Vec<_> = (0..3).map(|_| asking(&turns, vec![kept("p")], PLAIN)).collect();
        assert!(late.iter_mut().all(|late| given(late).is_none()));
        drop(one);
        assert!(given(&mut owner).is_none());
        drop(other);
        let owner = given(&mut owner).unwrap();
        assert!(late.iter_mut().all(|late| given(late).is_none()));
        drop(owner);
        let late: Vec<_> = late.iter_mut().filter_map(given).collect();
        assert_eq!(late.len(), 3);
    }

    #[test]
    fn who_waits_for_several_holds_none_of_them() {
        let turns = Turns::default();
        let (held, _) = given(&mut asking(&turns, vec![own("b")], PLAIN)).unwrap();
        let mut both = asking(&turns, vec![own("a"), own("b")], PLAIN);
        assert!(given(&mut both).is_none());
        let mut restriction = asking(&turns, vec![own("a")], RESTRICTS);
        let (restricting, waited) = given(&mut restriction).unwrap();
        assert!(!waited);
        drop(held);
        assert!(given(&mut both).is_none());
        drop(restricting);
        assert!(given(&mut both).is_some());
    }

    #[test]
    fn who_leaves_while_waiting_or_holding_is_in_nobodys_way() {
        let turns = Turns::default();
        let (held, _) = given(&mut asking(&turns, vec![own("a")], PLAIN)).unwrap();
        let (mut leaves, mut stays) =
            (asking(&turns, vec![own("a"), own("b")], PLAIN), asking(&turns, vec![own("b")], PLAIN));
        assert!(given(&mut leaves).is_none() && given(&mut stays).is_none());
        drop(leaves);
        let stays = given(&mut stays).unwrap();
        let mut given_unseen = asking(&turns, vec![own("a")], PLAIN);
        assert!(given(&mut given_unseen).is_none());
        drop((held, stays));
        drop(given_unseen);
        assert!(is_idle(&turns));
    }

    #[test]
    fn what_is_needed_in_addition_is_taken_without_losing_its_place() {
        let turns = Turns::default();
        let (held, _) = given(&mut asking(&turns, vec![own("b")], PLAIN)).unwrap();
        let grows = async {
            let mut turn = turns.turn();
            assert!(!turn.take(&[kept("a")], || PLAIN).await);
            assert!(!turn.take(&[kept("a")], || panic!("it is known")).await);
            assert!(turn.take(&[own("b"), own("a")], || panic!("it is known")).await);
            assert!(!turn.take(&[own("a")], || PLAIN).await);
            turn
        };
        let mut grows = pin!(grows);
        assert!(now(grows.as_mut()).is_pending());
        let mut late = asking(&turns, vec![own("a")], PLAIN);
        assert!(given(&mut late).is_none());
        drop(held);
        assert!(now(grows.as_mut()).is_ready());
    }

    #[test]
    fn what_is_new_in_every_try_costs_nobody_the_turn() {
        let turns = Turns::default();
        let (held, _) = given(&mut asking(&turns, vec![own("a")], PLAIN)).unwrap();
        let tries = async {
            let mut turn = turns.turn();
            assert!(turn.take(&[own("a"), own("new")], || PLAIN).await);
            assert!(!turn.take(&[own("a"), own("newer")], || PLAIN).await);
            turn
        };
        let mut tries = pin!(tries);
        assert!(now(tries.as_mut()).is_pending());
        let mut late = asking(&turns, vec![own("a")], PLAIN);
        assert!(given(&mut late).is_none());
        drop(held);
        assert!(now(tries.as_mut()).is_ready());
    }

    #[test]
    fn what_a_commit_expects_nothing_of_needs_no_turn() {
        let turns = Turns::default();
        let path = || "due".to_owned();
        let any = Change::Put { space: Space::Due, path: path(), expect: Expect::Any, body: Vec::new() };
        let gone = Change::Delete { space: Space::Due, path: path(), expect: Expect::Any };
        let _held = given(&mut asking(&turns, vec![any, gone], PLAIN)).unwrap();
        assert!(is_idle(&turns));
    }

    /// Waits as threads do.
    fn wait<F: Future>(future: F) -> F::Output {
        struct Unpark(std::thread::Thread);
        impl std::task::Wake for Unpark {
            fn wake(self: std::sync::Arc<Self>) {
                self.0.unpark();
            }
        }
        let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
        let mut future = pin!(future);
        loop {
            match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(output) => return output,
                Poll::Pending => std::thread::park(),
            }
        }
    }

    #[test]
    fn many_threads_with_several_records_each_never_meet_and_all_come_to_their_end() {
        let (turns, done) = (Turns::default(), AtomicUsize::new(0));
        let busy: [AtomicBool; 5] = Default::default();
        std::thread::scope(|scope| {
            for thread in 0_usize..8 {
                let (turns, done, busy) = (&turns, &done, &busy);
                scope.spawn(move || {
                    for round in 0_usize..500 {
                        let mut wanted = [(thread + round) % 5, (thread * 3 + round * 7) % 5].to_vec();
                        wanted.sort_unstable();
                        wanted.dedup();
                        let changes: Vec<_> = wanted.iter().map(|number| own(&number.to_string())).collect();
                        let mut turn = turns.turn();
                        wait(turn.take(&changes, || round % 3 == 0));
                        assert!(wanted.iter().all(|number| !busy[*number].swap(true, Ordering::SeqCst)));
                        std::thread::yield_now();
                        assert!(wanted.iter().all(|number| busy[*number].swap(false, Ordering::SeqCst)));
                        drop(turn);
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(done.load(Ordering::SeqCst), 4000);
        assert!(is_idle(&turns));
    }
}
