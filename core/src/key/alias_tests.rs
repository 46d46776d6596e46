use super::*;
use crate::error::StateFlaw;
use crate::key::Blueprint;
use crate::key::life::{Create, ScheduleDeletion};
use crate::list::Limit;
use crate::testing::{TestWorld, refusal};

fn made(world: &TestWorld) -> Reference {
    let blueprint = Blueprint::default();
    let key = Create {
        blueprint,
        description: None,
        tags: Default::default(),
        tag_keys: Vec::new(),
        rotation: Default::default(),
        policy: None,
        bypass_lockout_check: None,
    };
    Reference::id(world.run(key).unwrap().id)
}

fn create(name: &str, key: &Reference) -> CreateAlias {
    CreateAlias { alias: name.to_owned(), key: key.clone() }
}

fn update(name: &str, key: &Reference) -> UpdateAlias {
    UpdateAlias { alias: name.to_owned(), key: key.clone() }
}

fn delete(name: &str) -> DeleteAlias {
    DeleteAlias { alias: name.to_owned() }
}

fn aliases(world: &TestWorld, key: &Reference) -> Vec<String> {
    let paging = Paging::Marker { marker: None, limit: Limit::new(10, 10) };
    let listed = world.run(ListKeyAliases { key: key.clone(), paging }).unwrap();
    listed.items.into_iter().map(|alias| alias.name).collect()
}

#[test]
fn an_alias_points_at_one_key() {
    let world = TestWorld::new();
    let (one, other) = (made(&world), made(&world));
    world.run(create("alias/a", &one)).unwrap();
    assert_eq!(refusal(world.run(create("alias/a", &other))), Kind::AlreadyExists(Noun::Alias));
    world.run(update("alias/a", &other)).unwrap();
    assert_eq!((aliases(&world, &one), aliases(&world, &other)), (vec![], vec!["alias/a".to_owned()]));
    // To the key it points at already.
    world.run(update("alias/a", &other)).unwrap();
    assert_eq!(aliases(&world, &other), ["alias/a"]);
    world.run(delete("alias/a")).unwrap();
    assert_eq!(aliases(&world, &other), Vec::<String>::new());
    assert!(world.run(delete("alias/a")).is_err());
}

#[test]
fn a_key_has_room_for_so_many_aliases() {
    let world = TestWorld::new();
    let (one, other) = (made(&world), made(&world));
    world.run(create("alias/a", &one)).unwrap();
    world.run(create("alias/b", &one)).unwrap();
    assert_eq!(refusal(world.run(create("alias/c", &one))), Kind::LimitExceeded(Noun::Alias));
    world.run(create("alias/c", &other)).unwrap();
    assert_eq!(refusal(world.run(update("alias/c", &one))), Kind::LimitExceeded(Noun::Alias));
    world.run(delete("alias/b")).unwrap();
    world.run(update("alias/c", &one)).unwrap();
    assert_eq!(aliases(&world, &one), ["alias/a", "alias/c"]);
}

#[test]
fn an_alias_leaves_a_key_that_waits_for_its_deletion_but_does_not_come_to_one() {
    let world = TestWorld::new();
    let (one, other) = (made(&world), made(&world));
    world.run(create("alias/a", &one)).unwrap();
    world.run(create("alias/b", &other)).unwrap();
    world.run(ScheduleDeletion { key: one.clone(), window_days: 7 }).unwrap();
    let waiting = Kind::InvalidState(StateFlaw::PendingDeletion);
    assert_eq!(refusal(world.run(update("alias/b", &one))), waiting);
    world.run(update("alias/a", &other)).unwrap();
    assert_eq!(aliases(&world, &other), ["alias/a", "alias/b"]);
}
