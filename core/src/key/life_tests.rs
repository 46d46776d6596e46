use jiff::SignedDuration;

use super::*;
use crate::engine::{Swept, Waiting};
use crate::error::StateFlaw;
use crate::key::alias::{CreateAlias, ListKeyAliases};
use crate::key::protection::SetDeletionProtection;
use crate::key::tag::{ListTags, Tag};
use crate::list::{Limit, Paging};
use crate::testing::{TestWorld, refusal};

fn create(tags: &[&str]) -> Create {
    Create {
        blueprint: Blueprint::default(),
        description: None,
        tags: tags.iter().map(|name| ((*name).to_owned(), String::new())).collect(),
        tag_keys: Vec::new(),
        rotation: rotation::Wanted::NEVER,
        policy: None,
        bypass_lockout_check: None,
    }
}

fn made(world: &TestWorld) -> Reference {
    Reference::id(world.run(create(&[])).unwrap().id)
}

fn scheduled(world: &TestWorld, key: &Reference) -> Scheduled {
    world.run(ScheduleDeletion { key: key.clone(), window_days: 7 }).unwrap().unwrap()
}

#[test]
fn a_key_goes_when_its_window_has_passed_and_not_before() {
    let world = TestWorld::new();
    let key = made(&world);
    assert_eq!(scheduled(&world, &key).state, State::PendingDeletion);
    world.wait(SignedDuration::from_hours(7 * 24) - SignedDuration::from_nanos(1));
    assert!(world.run(Describe { key: key.clone(), tokens: Default::default() }).is_ok());
    assert_eq!(world.sweep(), 0);
    world.wait(SignedDuration::from_nanos(1));
    // Whether it was swept away by then makes no difference.
    assert_eq!(
        refusal(world.run(Describe { key: key.clone(), tokens: Default::default() })),
        Kind::NotFound(Noun::Key)
    );
    assert_eq!((world.sweep(), world.sweep()), (1, 0));
    assert_eq!(refusal(world.run(CancelDeletion { key })), Kind::NotFound(Noun::Key));
}

#[test]
fn a_clock_that_jumps_deletes_nothing_until_it_has_gone_well_for_a_day_or_somebody_vouches_for_it() {
    let days = |days: i64| SignedDuration::from_hours(days * 24);
    let world = TestWorld::new();
    let (key, other) = (made(&world), made(&world));
    assert_eq!(world.sweep(), 0);
    scheduled(&world, &key);
    world.wait(days(40));
    // Callers are told what the clock says, and it can be set right.
    assert_eq!(
        refusal(world.run(Describe { key: key.clone(), tokens: Default::default() })),
        Kind::NotFound(Noun::Key)
    );
    let Swept { done: 0, waiting: Some(Waiting { due: 1, .. }) } = world.sweep_in_doubt() else { panic!("it waits") };
    world.wait(-days(40));
    assert_eq!(world.sweep_in_doubt(), Swept::default());
    assert!(world.run(CancelDeletion { key: key.clone() }).is_ok());

    scheduled(&world, &key);
    world.wait(days(7));
    let step = SignedDuration::from_mins(15);
    let mut waited = SignedDuration::ZERO;
    while world.sweep_in_doubt().done == 0 {
        world.wait(step);
        waited += step;
    }
    assert_eq!(waited, days(1));

    scheduled(&world, &other);
    world.wait(days(7));
    assert_eq!(world.sweep_in_doubt().done, 0);
    assert_eq!(world.sweep(), 1);
}

#[test]
fn a_key_that_goes_takes_its_aliases_along() {
    let world = TestWorld::new();
    let (key, other) = (made(&world), made(&world));
    world.run(CreateAlias { alias: "alias/a".to_owned(), key: key.clone() }).unwrap();
    scheduled(&world, &key);
    world.wait(SignedDuration::from_hours(7 * 24));
    assert_eq!(world.sweep(), 1);
    world.run(CreateAlias { alias: "alias/a".to_owned(), key: other.clone() }).unwrap();
    let paging = Paging::Marker { marker: None, limit: Limit::new(10, 10) };
    assert_eq!(world.run(ListKeyAliases { key: other, paging }).unwrap().items.len(), 1);
}

#[test]
fn a_key_that_waits_for_its_deletion_is_read_and_called_back_and_nothing_else() {
    let world = TestWorld::new();
    let key = made(&world);
    let not_waiting = Kind::InvalidState(StateFlaw::NotPendingDeletion);
    assert_eq!(refusal(world.run(CancelDeletion { key: key.clone() })), not_waiting);
    scheduled(&world, &key);
    let waiting = Kind::InvalidState(StateFlaw::PendingDeletion);
    assert_eq!(refusal(world.run(Enable { key: key.clone() })), waiting);
    assert_eq!(refusal(world.run(Disable { key: key.clone() })), waiting);
    assert_eq!(refusal(world.run(ScheduleDeletion { key: key.clone(), window_days: 30 })), waiting);
    let description = "new".to_owned();
    assert_eq!(refusal(world.run(UpdateDescription { key: key.clone(), description })), waiting);
    assert_eq!(refusal(world.run(CreateAlias { alias: "alias/a".to_owned(), key: key.clone() })), waiting);
    world.run(CancelDeletion { key: key.clone() }).unwrap();
    let back = world.run(Describe { key: key.clone(), tokens: Default::default() }).unwrap();
    assert_eq!((back.state, back.deletion_at), (State::Disabled, None));
    world.wait(SignedDuration::from_hours(7 * 24));
    assert_eq!(world.sweep(), 0);
    world.run(Enable { key: key.clone() }).unwrap();
    assert_eq!(world.run(Describe { key, tokens: Default::default() }).unwrap().state, State::Enabled);
}

#[test]
fn a_protected_key_is_not_put_up_for_deletion() {
    let world = TestWorld::new();
    let key = made(&world);
    let protect = |why: Option<&str>| SetDeletionProtection {
        key: key.clone(),
        on: why.is_some(),
        reason: why.map(str::to_owned),
    };
    world.run(protect(Some("it opens everything"))).unwrap();
    assert_eq!(refusal(world.run(ScheduleDeletion { key: key.clone(), window_days: 7 })), Kind::NotApplicable);
    world.run(protect(None)).unwrap();
    scheduled(&world, &key);
}

#[test]
fn tags_are_counted_when_a_key_is_made_and_when_it_gets_more() {
    let world = TestWorld::new();
    assert_eq!(refusal(world.run(create(&["a", "b", "c"]))), Kind::LimitExceeded(Noun::Tag));
    let key = Reference::id(world.run(create(&["a", "b"])).unwrap().id);
    let tag = |name: &str| {
        let tags: Tags = [(name.to_owned(), "new".to_owned())].into();
        Tag { key: key.clone(), tag_keys: tags.keys().cloned().collect(), tags }
    };
    assert_eq!(refusal(world.run(tag("c"))), Kind::LimitExceeded(Noun::Tag));
    // A tag that is there gets another value, and needs no room.
    world.run(tag("b")).unwrap();
    let listed = world.run(ListTags { key, paging: Paging::WHOLE }).unwrap();
    assert_eq!(listed.tags, [("a".to_owned(), String::new()), ("b".to_owned(), "new".to_owned())]);
}
