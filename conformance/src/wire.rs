//! Inputs of every row, and the requests that become of them: to be held up to what the vendors' own SDKs send for the same.
//!
//! # Invariants
//! - Inputs are drawn from the declarations and chosen among those that a row takes: one with the least members, and as many
//!   more as it takes for every member to be in one.

use std::cell::RefCell;
use std::collections::BTreeSet;

use polykms_core::dialect::message::json::{self, Dates};
use polykms_core::dialect::message::{Record, Structure, Use};
use polykms_core::dialect::{Request, Row, Service};
use polykms_core::error::{Error, Kind, Result};
use serde_json::Value;

use crate::messages::{Hints, Side};
use crate::mirror::{Place, fill, note};

/// How likely members are that do not have to be there, in percent, draw after draw.
const SHARES: [usize; 6] = [0, 20, 50, 80, 95, 100];

/// How many inputs are drawn for each of them.
const DRAWS: u64 = 60;

/// How many more are drawn for members that are seldom taken.
const MOST: u64 = 3000;

/// An input that a row takes.
struct Drawn {
    json: Vec<u8>,
    members: BTreeSet<String>,
}

/// The inputs of a row, as JSON.
///
/// # Errors
/// Those of writing them.
pub fn inputs(place: Place, hints: &Hints) -> serde_json::Result<Vec<Value>> {
    let drawn = drawn(place, hints);
    let Some(least) = drawn.iter().min_by_key(|drawn| drawn.members.len()) else { return Ok(Vec::new()) };
    let mut chosen = vec![least];
    let mut covered = least.members.clone();
    loop {
        let fresh = |drawn: &&Drawn| drawn.members.difference(&covered).count();
        // The first of the best, so that the choice stays the same.
        let Some(best) = drawn.iter().rev().max_by_key(fresh).filter(|best| fresh(best) > 0) else { break };
        covered.extend(best.members.iter().cloned());
        chosen.push(best);
    }
    chosen.into_iter().map(|drawn| serde_json::from_slice(&drawn.json)).collect()
}

fn drawn(place: Place, hints: &Hints) -> Vec<Drawn> {
    let usual = SHARES.into_iter().flat_map(|share| (0..DRAWS).map(move |seed| (share, seed)));
    let mut all: Vec<_> = usual.filter_map(|(share, seed)| one(place, hints, share, seed)).collect();
    // Some members are only taken beside others.
    let mut more = (DRAWS..MOST).flat_map(|seed| [50, 80].map(|share| (share, seed)));
    while let Some(name) = missing(place, &all)
        && let Some((share, seed)) = more.find(|(share, seed)| has(place, hints, *share, *seed, name))
    {
        all.extend(one(place, hints, share, seed));
    }
    all
}

/// A member that is built and in none of these.
fn missing(place: Place, all: &[Drawn]) -> Option<&'static str> {
    let mut built = place.row.asks().iter().filter(|member| member.use_ == Use::Built).map(|member| member.name);
    built.find(|name| !all.iter().any(|drawn| drawn.members.contains(*name)))
}

fn has(place: Place, hints: &Hints, share: usize, seed: u64, name: &str) -> bool {
    one(place, hints, share, seed).is_some_and(|drawn| drawn.members.contains(name))
}

/// An input, if the row takes it.
fn one(place: Place, hints: &Hints, share: usize, seed: u64) -> Option<Drawn> {
    let manner = hints.manner(place.dialect.name, Side::Ask, place.row.wire()).with_share(share);
    let members = RefCell::new(BTreeSet::new());
    let fill = |into: &mut dyn Record<'static>| {
        fill(manner, seed, into, None)?;
        members.borrow_mut().clear();
        note(into.structure(), "", &mut members.borrow_mut());
        Ok(())
    };
    let mut json = Vec::new();
    let see = &mut |given: &dyn Structure, again: Result<&dyn Structure>| {
        if again.is_ok() {
            json = written(given);
        }
    };
    place.row.mirror_ask(&fill, &fill, see).ok()?;
    // What is written has to be read again as the same, or it is no input.
    request(place.service, place.row, &json).ok()?;
    Some(Drawn { json, members: members.into_inner() })
}

fn written(message: &dyn Structure) -> Vec<u8> {
    let mut json = Vec::new();
    json::write(&mut json, message, Dates::Text, &[]);
    json
}

/// Fills a message with what an input says.
fn reading<'a>(input: &'a [u8]) -> impl Fn(&mut dyn Record<'a>) -> Result<()> {
    move |into| json::read(input, into).map(drop).map_err(|_| Error::from(Kind::Unreadable))
}

/// The request, not yet signed, that a row asks with for what an input means.
///
/// # Errors
/// Those of the input, and of asking.
pub fn request(service: &'static Service, row: &'static Row, input: &[u8]) -> Result<Request> {
    let mut asked = None;
    let fill = reading(input);
    row.mirror_ask(&fill, &fill, &mut |_, again| {
        asked = Some(again.and_then(|again| service.protocol.ask(service, row, again)))
    })?;
    asked.unwrap_or_else(|| Err(Kind::Internal.because("nothing was asked"))).map(Request::from)
}
