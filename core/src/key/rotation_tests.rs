use futures_util::FutureExt as _;

use super::*;
use crate::engine::world::{Pointer, VERSIONS};
use crate::error::StateFlaw;
use crate::key::life::{CancelDeletion, Create, Describe, Disable, Enable, ScheduleDeletion};
use crate::list::Limit;
use crate::name::path;
use crate::testing::{TestWorld, refusal};

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn made(world: &TestWorld) -> Reference {
    Reference::id(world.run(Create::default()).unwrap().id)
}

fn every(world: &TestWorld, key: &Reference, days: i32) {
    let op = SetRotation { key: key.clone(), rotation: Wanted::every(DAY * days) };
    world.run(op).unwrap();
}

fn status(world: &TestWorld, key: &Reference) -> Rotation {
    world.run(DescribeRotation { key: key.clone() }).unwrap().rotation
}

fn current(world: &TestWorld, key: &Reference) -> String {
    world.run(Describe { key: key.clone(), tokens: Default::default() }).unwrap().current.unwrap().id.unwrap()
}

fn turns(world: &TestWorld, key: &Reference, with_first: bool) -> Vec<Option<Rotated>> {
    let listed = world.run(ListRotations { key: key.clone(), with_first, paging: Paging::WHOLE }).unwrap();
    assert!(listed.next.is_none());
    assert_eq!(
        listed.items.iter().filter(|turn| turn.standing == Standing::Current).count(),
        usize::from(!listed.items.is_empty())
    );
    listed.items.into_iter().map(|turn| turn.rotated).collect()
}

/// The time, so many days after the beginning.
fn day(days: i32) -> Option<Time> {
    Time::UNIX_EPOCH.checked_add(DAY * days).ok()
}

#[test]
fn a_key_rotates_when_its_time_has_come_and_again_and_again() {
    let world = TestWorld::new();
    let key = made(&world);
    let first = current(&world, &key);
    assert_eq!(status(&world, &key), Rotation { rotating: Rotating::Off, every: None, next: None });
    every(&world, &key, 90);
    assert_eq!(status(&world, &key).next, day(90));
    world.wait(DAY * 90 - SignedDuration::from_nanos(1));
    assert_eq!((world.sweep(), current(&world, &key)), (0, first.clone()));
    world.wait(SignedDuration::from_nanos(1));
    assert_eq!((world.sweep(), world.sweep()), (1, 0));
    let second = current(&world, &key);
    assert_ne!(second, first);
    assert_eq!(status(&world, &key), Rotation { rotating: Rotating::On, every: Some(DAY * 90), next: day(180) });
    // However long nobody looked, it rotates once.
    world.wait(DAY * 1000);
    assert_eq!((world.sweep(), world.sweep()), (1, 0));
    assert_eq!(status(&world, &key).next, day(1180));
    assert_eq!(turns(&world, &key, false), [Some(Rotated::ByItself); 2]);
    assert_eq!(turns(&world, &key, true), [None, Some(Rotated::ByItself), Some(Rotated::ByItself)]);
}

#[test]
fn what_has_a_rotation_behind_it_has_one_version_more_which_leads_to_the_key() {
    let world = TestWorld::new();
    let key = made(&world);
    let made = world.run(Rotate { key: key.clone() }).unwrap().version.unwrap();
    assert_eq!((made.id.as_str(), current(&world, &key)), (made.id.as_str(), made.id.clone()));
    for version in ["r", "s"].map(|region| path(&["test", region, &made.id])) {
        let found = world.world().read::<Pointer>(VERSIONS, &version).now_or_never();
        let leads = found.unwrap().unwrap().is_some_and(|found| found.value.key == format!("1/{}", made.key_id));
        assert_eq!(leads, version.contains("\u{1f}r\u{1f}"));
    }
}

#[test]
fn a_key_that_cannot_be_used_rotates_when_it_can_again_and_not_before() {
    let world = TestWorld::new();
    let (key, other) = (made(&world), made(&world));
    for key in [&key, &other] {
        every(&world, key, 90);
    }
    world.run(Disable { key: key.clone() }).unwrap();
    world.run(ScheduleDeletion { key: other.clone(), window_days: 30 }).unwrap();
    world.wait(DAY * 29);
    world.run(CancelDeletion { key: other.clone() }).unwrap();
    world.wait(DAY * 71);
    assert_eq!(world.sweep(), 0);
    let (suspended, next) = (Rotating::Suspended, day(90));
    for key in [&key, &other] {
        assert_eq!(status(&world, key), Rotation { rotating: suspended, every: Some(DAY * 90), next });
        world.run(Enable { key: key.clone() }).unwrap();
        assert_eq!(world.sweep(), 1);
        assert_eq!(status(&world, key), Rotation { rotating: Rotating::On, every: Some(DAY * 90), next: day(190) });
    }
}

#[test]
fn a_key_that_was_told_to_stop_rotates_no_more() {
    let world = TestWorld::new();
    let key = made(&world);
    every(&world, &key, 90);
    world.run(SetRotation { key: key.clone(), rotation: Wanted::NEVER }).unwrap();
    world.wait(DAY * 90);
    assert_eq!((world.sweep(), turns(&world, &key, false)), (0, vec![]));
    // It begins anew, from when it is told to.
    every(&world, &key, 90);
    assert_eq!(status(&world, &key).next, day(180));
    let how_often = SetRotation { key, rotation: Wanted { on: true, every: None } };
    assert_eq!(refusal(world.run(how_often)), Kind::Invalid(Flaw::Missing));
}

#[test]
fn another_period_counts_from_the_last_rotation_by_itself_and_the_same_one_changes_nothing() {
    let world = TestWorld::new();
    let key = made(&world);
    every(&world, &key, 90);
    world.wait(DAY * 10);
    every(&world, &key, 90);
    assert_eq!(status(&world, &key).next, day(90));
    every(&world, &key, 100);
    assert_eq!(status(&world, &key).next, day(110));
    world.wait(DAY * 100);
    assert_eq!(world.sweep(), 1);
    world.wait(DAY * 95);
    world.run(Rotate { key: key.clone() }).unwrap();
    assert_eq!(status(&world, &key).next, day(210));
    every(&world, &key, 120);
    assert_eq!(status(&world, &key).next, day(230));
    // What would have been earlier is due now.
    every(&world, &key, 90);
    assert_eq!((status(&world, &key).next, world.sweep()), (day(205), 1));
}

#[test]
fn the_next_time_may_count_from_the_version_that_encrypts() {
    let (terms, now) = (|counted| Terms { counted, ..terms() }, Time::UNIX_EPOCH);
    let world = TestWorld::new();
    let made = world.run(Create::default()).unwrap();
    let key = stored(&world, &made.id);
    let later = now.checked_add(DAY * 3).unwrap();
    let next = |counted| Wanted::every(DAY * 7).schedule(&terms(counted), &key, later).unwrap().unwrap().next;
    assert_eq!((Some(next(Counted::FromItself)), Some(next(Counted::FromCurrent))), (day(10), day(7)));
}

/// The record of a key.
fn stored(world: &TestWorld, id: &str) -> Key {
    let place = path(&["test", "1", "r", id]);
    world.world().read::<Key>(KEYS, &place).now_or_never().unwrap().unwrap().unwrap().value
}

fn terms() -> Terms {
    Terms {
        counted: Counted::FromItself,
        predefined: None,
        told: |_| Rotating::On,
        pairs: false,
        imports: false,
        max_on_demand: 25,
        max_versions: 50,
        rest: SignedDuration::ZERO,
        quiet: SignedDuration::ZERO,
    }
}

#[test]
fn so_many_rotations_may_be_asked_for_and_none_shortly_before_one_that_comes_by_itself() {
    let world = TestWorld::new();
    let key = made(&world);
    every(&world, &key, 90);
    let ask = || world.run(Rotate { key: key.clone() });
    world.wait(DAY * 90 - SignedDuration::from_mins(20));
    ask().unwrap();
    world.wait(SignedDuration::from_nanos(1));
    assert_eq!(refusal(ask()), Kind::InvalidState(StateFlaw::Rotating));
    world.wait(SignedDuration::from_mins(20));
    assert_eq!(refusal(ask()), Kind::InvalidState(StateFlaw::Rotating));
    assert_eq!(world.sweep(), 1);
    ask().unwrap();
    ask().unwrap();
    assert_eq!(refusal(ask()), Kind::LimitExceeded(Noun::KeyVersion));
    // Those that come by themselves are not counted.
    let asked = turns(&world, &key, false).into_iter().filter(|kind| *kind == Some(Rotated::OnDemand)).count();
    assert_eq!((asked, turns(&world, &key, false).len()), (3, 4));
    world.wait(DAY * 90);
    assert_eq!(world.sweep(), 1);
}

#[test]
fn the_newest_version_has_to_be_old_enough_and_there_may_be_only_so_many() {
    let world = TestWorld::new();
    let made = world.run(Create::default()).unwrap();
    let now = Time::UNIX_EPOCH;
    let loaded = Loaded::new(stored(&world, &made.id), 1, made.arn.clone(), None, &crate::testing::KEYS);
    let resting = Terms { rest: DAY * 7, ..terms() };
    let at = |time: SignedDuration| now.checked_add(time).unwrap();
    let young = may_turn(&resting, &loaded, at(DAY * 7 - SignedDuration::from_nanos(1)));
    assert_eq!(refusal(young), Kind::NotApplicable);
    assert!(may_turn(&resting, &loaded, at(DAY * 7)).is_ok());
    let full = |max_versions| may_turn(&Terms { max_versions, ..terms() }, &loaded, now);
    assert_eq!(refusal(full(1)), Kind::LimitExceeded(Noun::KeyVersion));
    assert!(full(2).is_ok());
}

#[test]
fn a_key_that_is_disabled_or_to_be_deleted_is_not_rotated() {
    let world = TestWorld::new();
    let key = made(&world);
    let asked = |flaw: StateFlaw| {
        let flaw = Kind::InvalidState(flaw);
        assert_eq!(refusal(world.run(Rotate { key: key.clone() })), flaw);
        let rotation = Wanted::every(DAY * 90);
        assert_eq!(refusal(world.run(SetRotation { key: key.clone(), rotation })), flaw);
        assert_eq!(status(&world, &key).rotating, Rotating::Off);
    };
    world.run(Disable { key: key.clone() }).unwrap();
    asked(StateFlaw::Disabled);
    world.run(ScheduleDeletion { key: key.clone(), window_days: 7 }).unwrap();
    asked(StateFlaw::PendingDeletion);
    assert_eq!(turns(&world, &key, true), [None]);
}

#[test]
fn rotations_are_told_part_by_part() {
    let world = TestWorld::new();
    let key = made(&world);
    for _ in 0..3 {
        world.run(Rotate { key: key.clone() }).unwrap();
    }
    let part = |with_first, marker: Option<String>| {
        let paging = Paging::Marker { marker, limit: Limit::new(2, 1000) };
        world.run(ListRotations { key: key.clone(), with_first, paging })
    };
    let one = part(true, None).unwrap();
    let two = part(true, one.next.clone()).unwrap();
    assert_eq!((one.items.len(), two.items.len(), two.next), (2, 2, None));
    assert_eq!((one.items[0].rotated, one.items[0].at, two.items[1].standing), (None, None, Standing::Current));
    assert_eq!(part(false, None).unwrap().items[0], one.items[1]);
    // A marker goes on with the list that it was made for.
    assert_eq!(refusal(part(false, one.next)), Kind::InvalidMarker);
}

#[test]
fn a_key_that_goes_takes_what_is_due_about_it_along() {
    let world = TestWorld::new();
    let key = made(&world);
    every(&world, &key, 90);
    world.run(Rotate { key: key.clone() }).unwrap();
    world.run(ScheduleDeletion { key, window_days: 7 }).unwrap();
    world.wait(DAY * 7);
    assert_eq!(world.sweep(), 1);
    world.wait(DAY * 90);
    assert_eq!(world.sweep(), 0);
    let empty = |space| {
        let found = world.world().has_below(space, "test").now_or_never();
        !found.unwrap().unwrap()
    };
    assert!(empty(KEYS) && empty(VERSIONS));
}
