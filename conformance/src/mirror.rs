//! Every row held up to itself: what is drawn becomes an operation and a request again, an output and an answer again, also
//! through the bytes of its protocol.
//!
//! # Invariants
//! - What an operation refuses does not count; enough has to be left, and every member has to be in some of it.
//! - Messages are compared as a whole, but for members that are declared as refused: those are shown to be refused, or to
//!   change nothing.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use polykms_core::dialect::message::check::check;
use polykms_core::dialect::message::{Member, Record, Shape, Structure, Use, View, same};
use polykms_core::dialect::{Arguments, Dialect, Envelope, Format, Request, Response, Row, Service, Telling, Voice};
use polykms_core::error::{Kind, Result};

use crate::generate::Draw;
use crate::messages::{Hints, Manner, Side};

/// How many messages of each side of a row have to be accepted.
const ENOUGH: usize = 300;

/// How many messages are drawn at most for one that is accepted.
const PATIENCE: usize = 40;

/// A row with its service and dialect.
#[derive(Clone, Copy)]
pub struct Place {
    /// The dialect.
    pub dialect: &'static Dialect,
    /// The service.
    pub service: &'static Service,
    /// The row.
    pub row: &'static Row,
}

/// What is wrong with a row, each kind of fault once.
pub fn faults(place: Place, hints: &Hints) -> BTreeSet<String> {
    let manner = |side| hints.manner(place.dialect.name, side, place.row.wire());
    let mut asks = side(place, place.row.asks(), manner(Side::Ask), ask);
    asks.extend(refusals(place, manner(Side::Ask)));
    let tells = side(place, place.row.tells(), manner(Side::Told), told);
    let named = |side: &'static str| move |fault| format!("{side}: {fault}");
    asks.into_iter().map(named("request")).chain(tells.into_iter().map(named("answer"))).collect()
}

/// What is wrong with a message that was read of a request as it came, when it is asked for anew.
///
/// # Errors
/// What the request is refused for.
pub fn faults_of_request(dialect: &'static Dialect, request: &Request) -> Result<Vec<String>> {
    let Envelope { service, row, arguments, .. } = opened(dialect, request)?;
    let place = Place { dialect, service, row };
    let mut faults = Faults::default();
    let fill = reading(service, &arguments);
    row.mirror_ask(&fill, &fill, &mut |asked, again| asked_again(place, asked, again, &mut faults))?;
    Ok(faults.0)
}

/// What is wrong with the output that is read of an answer as it came, when it is told anew.
///
/// # Errors
/// What the answer is refused for.
pub fn faults_of_answer(place: Place, voice: Voice, request_id: &str, response: &Response) -> Result<Vec<String>> {
    let Place { service, row, .. } = place;
    let mut faults = Faults::default();
    row.mirror_told(&|into| service.protocol.hear(row, response, into), &mut |heard, again| {
        faults.compare(heard, again);
        let body = service.protocol.tell(&Telling { service, row, voice, request_id }, heard);
        if !body.as_ref().is_ok_and(|body| body == response.body()) {
            faults.0.push(format!("{:?} is told as {body:?}", response.body()));
        }
    })?;
    Ok(faults.0)
}

/// Draws and shows one message; whether it was accepted, and what is wrong with it.
type Turn = fn(Place, Manner<'_>, u64, &mut Drawn) -> Result<()>;

/// What came of the messages of one side.
#[derive(Default)]
struct Drawn {
    /// The members of the messages that were accepted.
    members: BTreeSet<String>,
    faults: Faults,
}

fn side(place: Place, declared: &'static [Member], manner: Manner<'_>, turn: Turn) -> BTreeSet<String> {
    let mut drawn = Drawn::default();
    let enough = if declared.is_empty() { 1 } else { ENOUGH };
    let (mut accepted, mut refusal) = (0, None);
    for seed in 0..u64::try_from(enough * PATIENCE).unwrap_or_default() {
        match turn(place, manner, seed, &mut drawn) {
            Ok(()) => accepted += 1,
            Err(error) => refusal = Some(error),
        }
        if accepted == enough {
            break;
        }
    }
    let mut faults: BTreeSet<String> = drawn.faults.0.into_iter().take(3).collect();
    if accepted < enough {
        faults.insert(format!("{accepted} of {} are accepted; the last one is not: {refusal:?}", enough * PATIENCE));
    }
    let missing = |name: String| format!("{name} is in none that is accepted");
    faults.extend(names(declared, "").into_iter().filter(|name| !drawn.members.contains(name)).map(missing));
    faults
}

/// Draws a request and compares what it becomes.
fn ask(place: Place, manner: Manner<'_>, seed: u64, drawn: &mut Drawn) -> Result<()> {
    let given = if seed.is_multiple_of(4) { manner.by_former_names() } else { manner };
    let members = RefCell::new(BTreeSet::new());
    let expected = |into: &mut dyn Record<'static>| fill(manner, seed, into, None);
    let given = |into: &mut dyn Record<'static>| fill(given, seed, into, Some(&members));
    let Drawn { members: all, faults } = drawn;
    place.row.mirror_ask(&expected, &given, &mut |asked, again| asked_again(place, asked, again, faults))?;
    all.append(&mut members.borrow_mut());
    Ok(())
}

/// The members that are declared as refused and are not, or change something where they are not.
fn refusals(place: Place, manner: Manner<'_>) -> Vec<String> {
    let declared = place.row.asks().iter().filter(|member| matches!(member.use_, Use::Refused(_)));
    let mut found = Vec::new();
    for member in declared {
        let mut faults = Faults::default();
        let enough = u64::try_from(ENOUGH).unwrap_or_default();
        let refused = (0..enough).filter(|seed| refuses(place, manner, member.name, *seed, &mut faults)).count();
        found.append(&mut faults.0);
        if refused == 0 {
            found.push(format!("{} is never refused", member.name));
        }
    }
    found
}

/// Whether a request is accepted and, with one more member, is not. Where it is, the member changes nothing.
fn refuses(place: Place, manner: Manner<'_>, member: &'static str, seed: u64, faults: &mut Faults) -> bool {
    let with = manner.with_refused(member);
    let expected = |into: &mut dyn Record<'static>| fill(manner, seed, into, None);
    let given = |into: &mut dyn Record<'static>| fill(with, seed, into, None);
    let accepted = place.row.mirror_ask(&expected, &expected, &mut |_, _| {}).is_ok();
    let outcome = place.row.mirror_ask(&expected, &given, &mut |asked, again| faults.compare(asked, again));
    accepted && outcome.is_err()
}

/// Compares a request with what it became, and with what is read of its bytes.
fn asked_again(place: Place, asked: &dyn Structure, again: Result<&dyn Structure>, faults: &mut Faults) {
    faults.compare(asked, again);
    let Place { dialect, service, row } = place;
    let outcome = written(service.protocol.ask(service, row, asked)).and_then(|request| {
        let arguments = arguments(place, &request, opened(dialect, &request)?)?;
        let read = reading(service, &arguments);
        row.mirror_ask(&read, &read, &mut |read, again| {
            faults.compare(asked, Ok(read));
            faults.compare(asked, again);
        })
    });
    faults.note("what is written is refused", outcome);
}

/// The format of answers to requests that ask for none: the one that is heard.
pub fn format(place: Place) -> Format {
    match (place.dialect.name, place.service.name) {
        ("aws", "iam" | "sts") => Format::Xml,
        _ => Format::Json,
    }
}

/// Draws an answer and compares what it becomes.
fn told(place: Place, manner: Manner<'_>, seed: u64, drawn: &mut Drawn) -> Result<()> {
    let Place { service, row, .. } = place;
    let format = format(place);
    let members = RefCell::new(BTreeSet::new());
    let Drawn { members: all, faults } = drawn;
    let voice = Voice { service: service.name, format, dry_run: false };
    row.mirror_told(&|into| fill(manner, seed, into, Some(&members)), &mut |told, again| {
        faults.compare(told, again);
        let body = service.protocol.tell(&Telling { service, row, voice, request_id: "r-1" }, told);
        let outcome = body.map(Response::new).and_then(|response| {
            row.mirror_told(&|into| service.protocol.hear(row, &response, into), &mut |heard, again| {
                faults.compare(told, Ok(heard));
                faults.compare(told, again);
            })
        });
        faults.note("what is told cannot be heard", outcome);
    })?;
    all.append(&mut members.borrow_mut());
    Ok(())
}

/// Draws a message that keeps to its declaration, and notes the members it has.
pub(crate) fn fill(
    manner: Manner<'_>,
    seed: u64,
    into: &mut dyn Record<'static>,
    members: Option<&RefCell<BTreeSet<String>>>,
) -> Result<()> {
    let mut numbers = numbers(seed);
    manner.fill(into, &mut Draw::new(&mut numbers));
    let mut broken = None;
    check(into.structure(), &mut |violation| {
        broken.get_or_insert_with(|| format!("{}: {:?}", violation.member.name, violation.broken));
    });
    if let Some(members) = members {
        note(into.structure(), "", &mut members.borrow_mut());
    }
    broken
        .map_or(Ok(()), |broken| Err(Kind::Unreadable.because("a drawn message breaks its declaration").naming(broken)))
}

/// Unpredictable enough numbers, the same ones for the same seed (`SplitMix64`).
fn numbers(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Fills a message with what arguments say.
fn reading<'a>(service: &'static Service, arguments: &'a Arguments<'_>) -> impl Fn(&mut dyn Record<'a>) -> Result<()> {
    move |into| service.protocol.read(arguments, into)
}

fn opened<'r>(dialect: &Dialect, request: &'r Request) -> Result<Envelope<'r>> {
    (dialect.open)(request).ok_or_else(|| Kind::Unreadable.because("the dialect does not know the request"))?.envelope
}

fn arguments<'r>(place: Place, request: &Request, envelope: Envelope<'r>) -> Result<Arguments<'r>> {
    match envelope.row.wire() == place.row.wire() && envelope.service.name == place.service.name {
        true => Ok(envelope.arguments),
        false => Err(Kind::Unreadable.because("the request is one to another row").naming(request.head.uri.path())),
    }
}

fn written(request: Result<http::Request<bytes::Bytes>>) -> Result<Request> {
    let (head, body) = request?.into_parts();
    Ok(Request { head, body, peer: IpAddr::V4(Ipv4Addr::LOCALHOST).into(), tls: false })
}

/// Faults that were found.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn compare(&mut self, expected: &dyn Structure, found: Result<&dyn Structure>) {
        match found {
            Err(error) => self.0.push(format!("it cannot be said: {error:?}")),
            Ok(found) if same(expected, found) => {}
            Ok(found) => self.0.push(difference(expected, found).unwrap_or_else(|| "it is not the same".to_owned())),
        }
    }

    fn note(&mut self, what: &str, outcome: Result<()>) {
        self.0.extend(outcome.err().map(|error| format!("{what}: {error:?}")));
    }
}

/// Where two messages differ first.
fn difference(one: &dyn Structure, other: &dyn Structure) -> Option<String> {
    one.members().iter().enumerate().find_map(|(at, member)| {
        let within = |found: Option<String>| Some(format!("{}.{}", member.name, found?));
        let differ = |one: &View<'_>, other: &View<'_>| format!("{}: {one:?} became {other:?}", member.name);
        match (one.member(at), other.member(at)) {
            (View::Structure(one), View::Structure(other)) => within(difference(one, other)),
            (View::List(one), View::List(other)) if one.count() == other.count() => {
                (0..one.count()).find_map(|item| match (one.item(item), other.item(item)) {
                    (View::Structure(one), View::Structure(other)) => within(difference(one, other)),
                    (one, other) => (format!("{one:?}") != format!("{other:?}")).then(|| differ(&one, &other)),
                })
            }
            (one, other) => (format!("{one:?}") != format!("{other:?}")).then(|| differ(&one, &other)),
        }
    })
}

/// The names of all members that are read and said, with those they are in.
fn names(declared: &'static [Member], within: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for member in declared.iter().filter(|member| matches!(member.use_, Use::Built | Use::Former(_))) {
        let name = format!("{within}{}", member.name);
        all.append(&mut names(below(&member.shape), &format!("{name}.")));
        all.insert(name);
    }
    all
}

fn below(shape: &Shape) -> &'static [Member] {
    match shape {
        Shape::Structure(members) => members,
        Shape::List(list) => below(&list.of),
        _ => &[],
    }
}

/// The names of the members that a message has.
pub(crate) fn note(message: &dyn Structure, within: &str, all: &mut BTreeSet<String>) {
    for (at, member) in message.members().iter().enumerate() {
        let (view, name) = (message.member(at), format!("{within}{}", member.name));
        if !matches!(view, View::Absent) {
            parts(&view, &format!("{name}."), all);
            all.insert(name);
        }
    }
}

fn parts(view: &View<'_>, within: &str, all: &mut BTreeSet<String>) {
    match view {
        View::Structure(inner) => note(*inner, within, all),
        View::List(items) => (0..items.count()).for_each(|at| parts(&items.item(at), within, all)),
        _ => {}
    }
}
