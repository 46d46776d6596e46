use super::*;
use crate::key::life::{CancelDeletion, Create, Describe, Disable, ScheduleDeletion};
use crate::key::{Blueprint, By, Described};
use crate::port::Time;
use crate::testing::{TestWorld, refusal};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn made(world: &TestWorld) -> Reference {
    let blueprint = Blueprint { origin: Some(Origin::Imported), ..Default::default() };
    Reference::id(world.run(Create { blueprint, ..Default::default() }).unwrap().id)
}

fn told(world: &TestWorld, key: &Reference) -> Described {
    world.run(Describe { key: key.clone(), tokens: Default::default() }).unwrap()
}

fn token(world: &TestWorld, key: &Reference) -> Vec<u8> {
    let op = PrepareImport { key: key.clone(), wrapping: Wrapping::OaepSha256, pair: Spec::Rsa2048 };
    world.run(op).unwrap().token
}

/// An import of these bytes, which arrive as they are here.
fn import(world: &TestWorld, key: &Reference, bytes: &[u8], lasting: Lasting) -> ImportMaterial {
    ImportMaterial {
        key: key.clone(),
        token: token(world, key),
        wrapped: bytes.to_vec(),
        lasting,
        intent: None,
        material: None,
        description: None,
    }
}

fn day(days: i64) -> Time {
    Time::from_second(days * 24 * 60 * 60).unwrap()
}

#[test]
fn a_key_waits_for_its_material_and_comes_back_with_the_same_alone() {
    let world = TestWorld::new();
    let key = made(&world);
    assert_eq!((told(&world, &key).state, told(&world, &key).current), (State::PendingImport, None));
    world.run(import(&world, &key, b"one", Lasting::ForEver)).unwrap();
    let first = told(&world, &key);
    assert_eq!((first.state, first.lasting), (State::Enabled, Some(Lasting::ForEver)));
    world.run(DeleteMaterial { key: key.clone(), material: None }).unwrap();
    let gone = told(&world, &key);
    assert_eq!((gone.state, gone.lasting, &gone.current), (State::PendingImport, None, &first.current));
    world.run(DeleteMaterial { key: key.clone(), material: None }).unwrap();
    let other = world.run(import(&world, &key, b"two", Lasting::ForEver));
    assert_eq!(refusal(other), Kind::IncorrectMaterial);
    assert_eq!(refusal(world.run(import(&world, &key, b"", Lasting::ForEver))), Kind::InvalidCiphertext);
    world.run(import(&world, &key, b"one", Lasting::ForEver)).unwrap();
    assert_eq!(told(&world, &key), first);
}

#[test]
fn material_is_gone_at_its_time_whenever_it_is_swept_away() {
    let world = TestWorld::new();
    let key = made(&world);
    world.run(import(&world, &key, b"one", Lasting::Until(day(2)))).unwrap();
    world.run(import(&world, &key, b"one", Lasting::Until(day(3)))).unwrap();
    world.wait(HOUR * 71);
    assert_eq!((world.sweep(), told(&world, &key).lasting), (0, Some(Lasting::Until(day(3)))));
    world.wait(HOUR);
    let gone = told(&world, &key);
    assert_eq!((gone.state, gone.lasting), (State::PendingImport, None));
    assert_eq!((world.sweep(), world.sweep()), (1, 0));
    assert_eq!(told(&world, &key), gone);
    let past = world.run(import(&world, &key, b"one", Lasting::Until(day(3))));
    assert_eq!(refusal(past), Kind::Invalid(Flaw::Value));
    world.run(import(&world, &key, b"one", Lasting::ForEver)).unwrap();
    assert_eq!((told(&world, &key).state, world.sweep()), (State::Enabled, 0));
}

#[test]
fn a_token_is_of_one_key_and_of_one_day_and_can_be_used_again() {
    let world = TestWorld::new();
    let [one, two] = [(); 2].map(|()| made(&world));
    let token = token(&world, &one);
    let with = |key: &Reference, token: &[u8]| {
        world.run(ImportMaterial { token: token.to_vec(), ..import(&world, key, b"one", Lasting::ForEver) })
    };
    assert_eq!(refusal(with(&two, &token)), Kind::InvalidImportToken);
    assert_eq!(refusal(with(&one, b"token")), Kind::InvalidImportToken);
    with(&one, &token).unwrap();
    world.wait(HOUR * 24 - SignedDuration::from_millis(1));
    with(&one, &token).unwrap();
    world.wait(SignedDuration::from_millis(1));
    assert_eq!(refusal(with(&one, &token)), Kind::ExpiredImportToken);
}

#[test]
fn only_keys_whose_origin_says_so_take_material() {
    let world = TestWorld::new();
    let key = Reference::id(world.run(Create::default()).unwrap().id);
    let op = PrepareImport { key: key.clone(), wrapping: Wrapping::OaepSha1, pair: Spec::Rsa2048 };
    assert_eq!(refusal(world.run(op)), Kind::NotApplicable);
    assert_eq!(refusal(world.run(DeleteMaterial { key, material: None })), Kind::NotApplicable);
}

#[test]
fn a_key_that_is_off_stays_so_and_one_called_back_without_material_waits_for_it() {
    let world = TestWorld::new();
    let key = made(&world);
    world.run(import(&world, &key, b"one", Lasting::ForEver)).unwrap();
    world.run(Disable { key: key.clone() }).unwrap();
    world.run(import(&world, &key, b"one", Lasting::ForEver)).unwrap();
    assert_eq!(told(&world, &key).state, State::Disabled);
    world.run(ScheduleDeletion { key: key.clone(), window_days: 7 }).unwrap();
    assert_eq!(told(&world, &key).state, State::PendingDeletion);
    world.run(CancelDeletion { key: key.clone() }).unwrap();
    world.run(DeleteMaterial { key: key.clone(), material: None }).unwrap();
    world.run(ScheduleDeletion { key: key.clone(), window_days: 7 }).unwrap();
    world.run(CancelDeletion { key: key.clone() }).unwrap();
    assert_eq!(told(&world, &key).state, State::PendingImport);
}

#[test]
fn another_material_waits_until_the_key_is_rotated_and_may_go_before() {
    let world = TestWorld::new();
    let key = made(&world);
    let new = |bytes: &[u8]| {
        let intent = Some(Intent::New);
        world.run(ImportMaterial { intent, ..import(&world, &key, bytes, Lasting::ForEver) })
    };
    new(b"one").unwrap();
    let first = told(&world, &key).current;
    assert_eq!(refusal(new(b"one")), Kind::IncorrectMaterial);
    new(b"two").unwrap();
    assert_eq!(told(&world, &key).current, first);
    assert_eq!(refusal(new(b"three")), Kind::InvalidState(StateFlaw::Awaiting));
    let loaded = |days: i64| {
        let [account, region] = ["1", "r"];
        let By::Id(id) = &key.by else { panic!("a key by its identifier") };
        let path = path(&["test", account, region, id]);
        let read = futures_util::FutureExt::now_or_never(world.world().read::<Key>(KEYS, &path)).unwrap();
        let key = read.unwrap().unwrap().value;
        (key.lapsed(day(days)).is_some(), key.versions.len(), key.versions.pending().is_some())
    };
    assert_eq!(loaded(9), (false, 2, true));
    // Again, with an end: its end takes it away, and the key stays as it is.
    world.run(import(&world, &key, b"two", Lasting::Until(day(1)))).unwrap();
    assert_eq!(loaded(1), (true, 2, true));
    world.wait(HOUR * 24);
    assert_eq!(world.sweep(), 1);
    assert_eq!((told(&world, &key).state, loaded(1)), (State::Enabled, (false, 1, false)));
    new(b"three").unwrap();
    assert_eq!(loaded(1), (false, 2, true));
}

#[test]
fn what_oaep_cannot_carry_is_refused_beforehand() {
    for (spec, wrapping, pair, fitting) in [
        (Spec::Aes256, Wrapping::OaepSha256, Spec::Rsa2048, true),
        (Spec::Hmac512, Wrapping::OaepSha1, Spec::Rsa2048, true),
        (Spec::EccP384, Wrapping::OaepSha256, Spec::Rsa2048, true),
        (Spec::EccP521, Wrapping::OaepSha256, Spec::Rsa2048, false),
        (Spec::EccP521, Wrapping::OaepSha1, Spec::Rsa2048, false),
        (Spec::EccP521, Wrapping::OaepSha256, Spec::Rsa3072, true),
        (Spec::EccP521, Wrapping::AesKeyWrapSha1, Spec::Rsa2048, true),
        (Spec::Rsa2048, Wrapping::OaepSha1, Spec::Rsa4096, false),
        (Spec::Rsa4096, Wrapping::AesKeyWrapSha256, Spec::Rsa2048, true),
    ] {
        assert_eq!(fits(spec, wrapping, pair).is_ok(), fitting, "{spec:?} {wrapping:?} {pair:?}");
    }
}

#[test]
fn what_is_in_a_token_is_read_again_and_nothing_else_is() {
    for wrapping in Wrapping::ALL {
        let written = Token { wrapping, valid_until: day(1), private: b"key" }.written();
        let read = Token::read(&written).unwrap();
        assert_eq!((read.wrapping, read.valid_until, read.private), (wrapping, day(1), &b"key"[..]));
    }
    assert!(Token::read(b"").is_none() && Token::read(b"\x01short").is_none());
    assert!(Token::read(&[9; 20]).is_none());
}
