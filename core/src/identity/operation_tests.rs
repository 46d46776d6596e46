//! What operations on identities do together: names, sides of attachments and memberships, limits, and what is in the way.

use super::access_key::{CreateAccessKey, DeleteAccessKey, ListAccessKeys};
use super::attachment::{Attach, Detach, ListAttached};
use super::group::{CreateGroup, DeleteGroup, UpdateGroup};
use super::inline::{DeleteInline, ListInline, PutInline, ReadInline};
use super::managed_policy::{
    CreatePolicy, CreateVersion, DeletePolicy, DeleteVersion, DescribePolicy, HolderKind, ListHolders, ListPolicies,
    ListVersions, Scope, SetDefaultVersion, Usage, VersionName,
};
use super::member::{AddMember, ListGroupsOfUser, ListMembers, RemoveMember};
use super::user::{CreateUser, DeleteUser, DescribeUser, ListUsers, UpdateUser};
use super::*;
use crate::engine::Principal;
use crate::error::{Cause, Flaw};
use crate::list::{Limit, Paging};
use crate::testing::{DOCUMENT, TestWorld, refusal};

fn user(world: &TestWorld, name: &str) -> Holder {
    let op = CreateUser { name: name.to_owned(), path: "/".to_owned(), profile: Default::default(), tags: Tags::new() };
    world.run(op).unwrap();
    Holder::User(name.to_owned())
}

fn group(world: &TestWorld, name: &str) -> Holder {
    world.run(CreateGroup { name: name.to_owned(), path: "/".to_owned(), comments: None }).unwrap();
    Holder::Group(name.to_owned())
}

fn policy(world: &TestWorld, name: &str) -> PolicyName {
    let (path, document, description) = ("/".to_owned(), DOCUMENT.to_owned(), None);
    world.run(CreatePolicy { name: name.to_owned(), path, description, document, tags: Tags::new() }).unwrap();
    PolicyName::custom("/", name)
}

fn attach(holder: &Holder, policy: &PolicyName) -> Attach {
    Attach { holder: holder.clone(), policy: policy.clone(), strict: true }
}

fn detach(holder: &Holder, policy: &PolicyName) -> Detach {
    Detach { holder: holder.clone(), policy: policy.clone() }
}

fn put_inline(holder: &Holder, document: &str) -> PutInline {
    PutInline { holder: holder.clone(), name: "p".to_owned(), document: document.to_owned() }
}

fn delete_inline(holder: &Holder) -> DeleteInline {
    DeleteInline { holder: holder.clone(), name: "p".to_owned() }
}

fn join(user: &str, group: &str) -> AddMember {
    AddMember { user: user.to_owned(), group: group.to_owned(), strict: true }
}

fn leave(user: &str, group: &str) -> RemoveMember {
    RemoveMember { user: user.to_owned(), group: group.to_owned() }
}

fn rename(name: &str, new: &str) -> UpdateUser {
    UpdateUser {
        name: name.to_owned(),
        new_name: Some(new.to_owned()),
        new_path: None,
        display_name: None,
        comments: None,
        phone: None,
        email: None,
    }
}

fn delete(name: &str) -> DeleteUser {
    DeleteUser { name: name.to_owned() }
}

fn new_key(world: &TestWorld, user: &str) -> Result<String> {
    Ok(world.run(CreateAccessKey { user: Some(user.to_owned()) })?.id)
}

fn groups(world: &TestWorld, user: &str) -> Vec<String> {
    let groups = world.run(ListGroupsOfUser { user: user.to_owned(), paging: Paging::WHOLE }).unwrap();
    groups.items.into_iter().map(|joined| joined.group.name).collect()
}

fn members(world: &TestWorld, group: &str) -> Vec<String> {
    let members = world.run(ListMembers { group: group.to_owned(), paging: Paging::WHOLE }).unwrap();
    members.users.items.into_iter().map(|member| member.user.name).collect()
}

fn attached(world: &TestWorld, holder: &Holder) -> Vec<String> {
    let attached =
        world.run(ListAttached { holder: holder.clone(), path_prefix: "/".to_owned(), paging: Paging::WHOLE }).unwrap();
    attached.items.into_iter().map(|attached| attached.policy.name).collect()
}

fn holders(world: &TestWorld, policy: &PolicyName) -> Vec<Holder> {
    let (path_prefix, paging) = ("/".to_owned(), Paging::WHOLE);
    let list = ListHolders { policy: policy.clone(), kind: None, usage: None, path_prefix, paging };
    let listed = world.run(list).unwrap();
    let mut holders: Vec<_> = listed.items.into_iter().map(|held| held.holder).collect();
    holders.sort();
    holders
}

/// The kind of a refusal, and what it is about.
fn refused<T>(outcome: Result<T>) -> (Kind, Option<Noun>) {
    let error = outcome.err().unwrap();
    (error.kind(), error.whose())
}

#[test]
fn names_are_taken_whatever_their_case() {
    let world = TestWorld::new();
    user(&world, "Alice");
    let again =
        CreateUser { name: "ALICE".to_owned(), path: "/".to_owned(), profile: Default::default(), tags: Tags::new() };
    assert_eq!(refusal(world.run(again)), Kind::AlreadyExists(Noun::User));
    let super::user::Person::User(found) = world.run(DescribeUser { name: Some("alice".to_owned()) }).unwrap() else {
        panic!("an owner");
    };
    assert_eq!(found.name, "Alice");
}

#[test]
fn a_caller_that_is_no_user_names_one() {
    let world = TestWorld::new();
    let (id, name, path) = ("i".to_owned(), "r".to_owned(), "/".to_owned());
    let session = Principal::RoleSession { id, name, path, session: "s".to_owned() };
    let error = world.run_as(session, DescribeUser { name: None }).err().unwrap();
    assert_eq!((error.kind(), error.cause()), (Kind::Invalid(Flaw::Missing), Some(Cause::NoUser)));
}

#[test]
fn a_renamed_user_keeps_groups_policies_and_access_keys() {
    let world = TestWorld::new();
    let holder = user(&world, "alice");
    group(&world, "staff");
    let reads = policy(&world, "reads");
    world.run(join("alice", "staff")).unwrap();
    world.run(attach(&holder, &reads)).unwrap();
    let key = new_key(&world, "alice").unwrap();
    world.run(rename("alice", "anna")).unwrap();
    let anna = Holder::User("anna".to_owned());
    assert_eq!((groups(&world, "anna"), members(&world, "staff")), (vec!["staff".to_owned()], vec!["anna".to_owned()]));
    assert_eq!((attached(&world, &anna), holders(&world, &reads)), (vec!["reads".to_owned()], vec![anna]));
    let keys = world.run(ListAccessKeys { user: Some("anna".to_owned()), paging: Paging::WHOLE }).unwrap();
    assert_eq!(keys.items[0].user.as_deref(), Some("anna"));
    world.run(DeleteAccessKey { user: Some("anna".to_owned()), id: key }).unwrap();
    assert_eq!(refusal(world.run(DescribeUser { name: Some("alice".to_owned()) })), Kind::NotFound(Noun::User));
}

#[test]
fn a_name_is_changed_in_case_alone_but_not_to_that_of_another() {
    let world = TestWorld::new();
    user(&world, "alice");
    user(&world, "bob");
    group(&world, "staff");
    world.run(join("alice", "staff")).unwrap();
    assert_eq!(refusal(world.run(rename("alice", "BOB"))), Kind::AlreadyExists(Noun::User));
    world.run(rename("alice", "Alice")).unwrap();
    assert_eq!(members(&world, "staff"), ["Alice"]);
    let renamed =
        UpdateGroup { name: "staff".to_owned(), new_name: Some("Crew".to_owned()), new_path: None, comments: None };
    world.run(renamed).unwrap();
    assert_eq!((groups(&world, "alice"), members(&world, "crew")), (vec!["Crew".to_owned()], vec!["Alice".to_owned()]));
}

#[test]
fn a_user_is_removed_when_nothing_depends_on_it() {
    let world = TestWorld::new();
    let holder = user(&world, "alice");
    group(&world, "staff");
    let reads = policy(&world, "reads");
    world.run(attach(&holder, &reads)).unwrap();
    world.run(put_inline(&holder, DOCUMENT)).unwrap();
    world.run(join("alice", "staff")).unwrap();
    let key = new_key(&world, "alice").unwrap();
    let in_the_way = |noun| (Kind::DeleteConflict(noun), Some(Noun::User));
    assert_eq!(refused(world.run(delete("alice"))), in_the_way(Noun::Attachment));
    world.run(detach(&holder, &reads)).unwrap();
    assert_eq!(refused(world.run(delete("alice"))), in_the_way(Noun::InlinePolicy));
    world.run(delete_inline(&holder)).unwrap();
    assert_eq!(refused(world.run(delete("alice"))), in_the_way(Noun::Membership));
    let remove = || DeleteGroup { name: "staff".to_owned() };
    assert_eq!(refused(world.run(remove())), (Kind::DeleteConflict(Noun::Membership), Some(Noun::Group)));
    world.run(leave("alice", "staff")).unwrap();
    world.run(remove()).unwrap();
    assert_eq!(refused(world.run(delete("alice"))), in_the_way(Noun::AccessKey));
    world.run(DeleteAccessKey { user: Some("alice".to_owned()), id: key }).unwrap();
    world.run(delete("alice")).unwrap();
    assert_eq!(refusal(world.run(delete("alice"))), Kind::NotFound(Noun::User));
}

#[test]
fn an_attachment_is_seen_from_both_sides() {
    let world = TestWorld::new();
    let (alice, staff) = (user(&world, "alice"), group(&world, "staff"));
    let (reads, system) = (policy(&world, "reads"), PolicyName::system("/", "System"));
    for holder in [&alice, &staff] {
        world.run(attach(holder, &reads)).unwrap();
        world.run(attach(holder, &system)).unwrap();
        assert_eq!(attached(&world, holder), ["reads", "System"]);
    }
    assert_eq!(holders(&world, &reads), [alice.clone(), staff.clone()]);
    assert_eq!(holders(&world, &system), [alice.clone(), staff.clone()]);
    assert_eq!(refused(world.run(attach(&staff, &reads))), (Kind::AlreadyExists(Noun::Attachment), Some(Noun::Group)));
    world.run(Attach { strict: false, ..attach(&staff, &reads) }).unwrap();
    world.run(detach(&staff, &reads)).unwrap();
    assert_eq!((holders(&world, &reads), attached(&world, &staff)), (vec![alice], vec!["System".to_owned()]));
    assert_eq!(refused(world.run(detach(&staff, &reads))), (Kind::NotFound(Noun::Attachment), Some(Noun::Group)));
}

#[test]
fn attachments_are_told_in_the_order_in_which_they_were_made_page_by_page() {
    let world = TestWorld::new();
    let (staff, system) = (group(&world, "staff"), PolicyName::system("/", "System"));
    let [one, two] = ["b", "a"].map(|name| policy(&world, name));
    for policy in [&one, &system, &two] {
        world.run(attach(&staff, policy)).unwrap();
    }
    assert_eq!(attached(&world, &staff), ["b", "System", "a"]);
    let list = |marker| {
        let paging = Paging::Marker { marker, limit: Limit::new(1, 1) };
        let listed = world.run(ListAttached { holder: staff.clone(), path_prefix: "/".to_owned(), paging }).unwrap();
        (listed.items.into_iter().map(|attached| attached.policy.name).collect::<String>(), listed.next)
    };
    let (first, next) = list(None);
    // What it stopped at is detached meanwhile, and comes last when it is attached again.
    world.run(detach(&staff, &one)).unwrap();
    world.run(attach(&staff, &one)).unwrap();
    let (second, after) = list(next);
    let (third, last) = list(after);
    assert_eq!([first, second, third, list(last).0], ["b", "System", "a", "b"]);
}

#[test]
fn holders_are_told_by_kind_and_name_page_by_page() {
    let world = TestWorld::new();
    let reads = policy(&world, "reads");
    let (path, staff) = ("/staff/".to_owned(), group(&world, "staff"));
    let holders: Vec<_> =
        [user(&world, "bob"), user(&world, "Cat"), user(&world, "ann"), staff, group(&world, "Crew")].into();
    for holder in &holders {
        world.run(attach(holder, &reads)).unwrap();
    }
    world.run(UpdateUser { new_path: Some(path.clone()), new_name: None, ..rename("bob", "") }).unwrap();
    let pages = |kind, path_prefix: &str| {
        let (mut names, mut marker) = (Vec::new(), None);
        loop {
            let (policy, path_prefix) = (reads.clone(), path_prefix.to_owned());
            let paging = Paging::Marker { marker, limit: Limit::new(1, 1) };
            let listed = world.run(ListHolders { policy, kind, usage: None, path_prefix, paging }).unwrap();
            assert!(listed.items.len() == 1 || listed.next.is_none());
            names.extend(listed.items.into_iter().map(|held| held.holder.name().to_owned()));
            marker = listed.next;
            if marker.is_none() {
                return names;
            }
        }
    };
    assert_eq!(pages(None, "/"), ["Crew", "staff", "Cat", "ann", "bob"]);
    assert_eq!(pages(Some(HolderKind::User), "/"), ["Cat", "ann", "bob"]);
    assert_eq!(pages(Some(HolderKind::Group), &path), [""; 0]);
    assert_eq!(pages(None, &path), ["bob"]);
    assert_eq!(pages(Some(HolderKind::Policy(Scope::All)), "/"), [""; 0]);
    let boundary = ListHolders {
        policy: reads.clone(),
        kind: None,
        usage: Some(Usage::Boundary),
        path_prefix: "/".to_owned(),
        paging: Paging::WHOLE,
    };
    assert_eq!(world.run(boundary).unwrap().items.len(), 0);
    assert_eq!(world.run(DescribePolicy { policy: reads.clone() }).unwrap().policy.attachments, Some(5));
    let list = |attached_only| {
        let (scope, usage, paging, path_prefix) = (Scope::Custom, None, Paging::WHOLE, "/".to_owned());
        let listed = world.run(ListPolicies { scope, attached_only, usage, paging, path_prefix }).unwrap();
        listed.items.into_iter().map(|policy| (policy.policy.name, policy.attachments)).collect::<Vec<_>>()
    };
    policy(&world, "idle");
    let attached = ("reads".to_owned(), Some(5));
    assert_eq!((list(true), list(false)), (vec![attached.clone()], vec![("idle".to_owned(), Some(0)), attached]));
}

#[test]
fn members_are_told_by_name_as_it_is_written_page_by_page() {
    let world = TestWorld::new();
    group(&world, "staff");
    for name in ["bob", "Cat", "ann", "dan"] {
        user(&world, name);
        world.run(join(name, "STAFF")).unwrap();
    }
    assert_eq!(members(&world, "staff"), ["Cat", "ann", "bob", "dan"]);
    let list = |marker| {
        let paging = Paging::Marker { marker, limit: Limit::new(2, 2) };
        let listed = world.run(ListMembers { group: "staff".to_owned(), paging }).unwrap().users;
        (listed.items.into_iter().map(|member| member.user.name).collect::<Vec<_>>(), listed.next)
    };
    let (first, next) = list(None);
    world.run(leave("ann", "staff")).unwrap();
    let (second, end) = list(next);
    assert_eq!((first, second, end), (vec!["Cat".into(), "ann".into()], vec!["bob".into(), "dan".into()], None));
}

#[test]
fn a_renamed_group_keeps_its_members_and_policies() {
    let world = TestWorld::new();
    let staff = group(&world, "staff");
    let reads = policy(&world, "reads");
    user(&world, "alice");
    world.run(join("alice", "staff")).unwrap();
    world.run(attach(&staff, &reads)).unwrap();
    let renamed =
        UpdateGroup { name: "staff".to_owned(), new_name: Some("crew".to_owned()), new_path: None, comments: None };
    world.run(renamed).unwrap();
    group(&world, "staff");
    let crew = Holder::Group("crew".to_owned());
    assert_eq!((groups(&world, "alice"), members(&world, "crew")), (vec!["crew".to_owned()], vec!["alice".to_owned()]));
    assert_eq!((attached(&world, &crew), holders(&world, &reads)), (vec!["reads".to_owned()], vec![crew.clone()]));
    assert_eq!((members(&world, "staff"), attached(&world, &staff)), (vec![], vec![]));
    world.run(leave("alice", "crew")).unwrap();
    world.run(detach(&crew, &reads)).unwrap();
    world.run(DeleteGroup { name: "crew".to_owned() }).unwrap();
    world.run(DeletePolicy { policy: reads, with_versions: true }).unwrap();
}

#[test]
fn what_is_not_there_is_not_attached_and_says_so() {
    let world = TestWorld::new();
    let alice = user(&world, "alice");
    policy(&world, "reads");
    for missing in [
        PolicyName::custom("/", "writes"),
        PolicyName::custom("/other/", "reads"),
        PolicyName::system("/", "reads"),
        PolicyName { account: Some("2".to_owned()), ..PolicyName::custom("/", "reads") },
    ] {
        let error = world.run(attach(&alice, &missing)).err().unwrap();
        assert_eq!((error.kind(), error.cause()), (Kind::NotFound(Noun::Policy), Some(Cause::NotAttachable)));
        let error = world.run(detach(&alice, &missing)).err().unwrap();
        assert_eq!((error.kind(), error.cause()), (Kind::NotFound(Noun::Policy), None));
    }
}

#[test]
fn policies_groups_and_access_keys_are_counted() {
    let world = TestWorld::new();
    let alice = user(&world, "alice");
    let names = ["a", "b", "c"];
    let policies = names.map(|name| policy(&world, name));
    for name in names {
        group(&world, name);
    }
    for at in 0..2 {
        world.run(attach(&alice, &policies[at])).unwrap();
        world.run(join("alice", names[at])).unwrap();
        new_key(&world, "alice").unwrap();
    }
    assert_eq!(
        refused(world.run(attach(&alice, &policies[2]))),
        (Kind::LimitExceeded(Noun::Attachment), Some(Noun::User))
    );
    assert_eq!(refusal(world.run(join("alice", "c"))), Kind::LimitExceeded(Noun::Membership));
    assert_eq!(refusal(new_key(&world, "alice")), Kind::LimitExceeded(Noun::AccessKey));
    // The vendor's policies are counted apart.
    world.run(attach(&alice, &PolicyName::system("/", "System"))).unwrap();
    world.run(detach(&alice, &policies[0])).unwrap();
    world.run(attach(&alice, &policies[2])).unwrap();
    world.run(leave("alice", "a")).unwrap();
    world.run(join("alice", "c")).unwrap();
    assert_eq!(members(&world, "c"), ["alice"]);
}

#[test]
fn inline_policies_have_room_without_their_white_space() {
    let world = TestWorld::new();
    let (alice, staff) = (user(&world, "alice"), group(&world, "staff"));
    let wide = DOCUMENT.replace(':', &format!(":{}", " ".repeat(100)));
    world.run(put_inline(&alice, &wide)).unwrap();
    assert_eq!(world.run(ReadInline { holder: alice.clone(), name: "p".to_owned() }).unwrap().document, wide);
    let second = |holder: &Holder| PutInline { name: "q".to_owned(), ..put_inline(holder, DOCUMENT) };
    let no_room = Kind::LimitExceeded(Noun::InlinePolicy);
    assert_eq!(refused(world.run(second(&alice))), (no_room, Some(Noun::User)));
    world.run(put_inline(&staff, DOCUMENT)).unwrap();
    world.run(second(&staff)).unwrap();
    assert_eq!(world.run(ListInline { holder: staff.clone(), paging: Paging::WHOLE }).unwrap().items, ["p", "q"]);
    world.run(delete_inline(&staff)).unwrap();
    assert_eq!(refused(world.run(delete_inline(&staff))), (Kind::NotFound(Noun::InlinePolicy), Some(Noun::Group)));
    assert_eq!(refusal(world.run(put_inline(&alice, "{"))), Kind::MalformedPolicy);
}

#[test]
fn a_policy_that_is_attached_or_has_other_versions_stays() {
    let world = TestWorld::new();
    let staff = group(&world, "staff");
    let reads = policy(&world, "reads");
    let delete = |with_versions| DeletePolicy { policy: reads.clone(), with_versions };
    world.run(attach(&staff, &reads)).unwrap();
    let of_policy = |noun| (Kind::DeleteConflict(noun), Some(Noun::Policy));
    assert_eq!(refused(world.run(delete(true))), of_policy(Noun::Group));
    world.run(detach(&staff, &reads)).unwrap();
    world.run(version(&reads, false)).unwrap();
    assert_eq!(refused(world.run(delete(false))), of_policy(Noun::PolicyVersion));
    world.run(delete(true)).unwrap();
    assert_eq!(refusal(world.run(DescribePolicy { policy: reads })), Kind::NotFound(Noun::Policy));
}

fn version(policy: &PolicyName, rotate: bool) -> CreateVersion {
    CreateVersion { policy: policy.clone(), document: DOCUMENT.to_owned(), set_default: false, rotate }
}

#[test]
fn versions_are_counted_and_their_numbers_never_come_again() {
    let world = TestWorld::new();
    let reads = policy(&world, "reads");
    let numbers = || {
        let versions = world.run(ListVersions { policy: reads.clone(), paging: Paging::WHOLE }).unwrap();
        versions.items.into_iter().map(|version| (version.number, version.default)).collect::<Vec<_>>()
    };
    let remove = |number| DeleteVersion { policy: reads.clone(), version: VersionName::Number(number) };
    world.run(version(&reads, false)).unwrap();
    world.run(version(&reads, false)).unwrap();
    assert_eq!(refusal(world.run(version(&reads, false))), Kind::LimitExceeded(Noun::PolicyVersion));
    // The oldest makes room, but never the one in force.
    world.run(version(&reads, true)).unwrap();
    assert_eq!(numbers(), [(4, false), (3, false), (1, true)]);
    let in_force = (Kind::DeleteConflict(Noun::PolicyVersion), Some(Noun::PolicyVersion));
    assert_eq!(refused(world.run(remove(1))), in_force);
    world.run(SetDefaultVersion { policy: reads.clone(), version: VersionName::Number(3) }).unwrap();
    world.run(remove(1)).unwrap();
    world.run(remove(4)).unwrap();
    assert_eq!(refusal(world.run(remove(4))), Kind::NotFound(Noun::PolicyVersion));
    assert_eq!(world.run(version(&reads, false)).unwrap().number, 5);
    assert_eq!(numbers(), [(5, false), (3, true)]);
    let missing = SetDefaultVersion { policy: reads.clone(), version: VersionName::Number(4) };
    assert_eq!(refusal(world.run(missing)), Kind::NotFound(Noun::PolicyVersion));
    let found = world.run(DescribePolicy { policy: reads.clone() }).unwrap();
    assert_eq!(found.policy.default_version, 3);
}

#[test]
fn lists_go_on_where_they_stopped_and_nowhere_else() {
    let world = TestWorld::new();
    for name in ["a", "b", "c", "d", "e"] {
        user(&world, name);
    }
    let list = |marker: Option<String>| {
        let paging = Paging::Marker { marker, limit: Limit::new(2, 2) };
        let listed = world.run(ListUsers { paging, path_prefix: "/".to_owned() })?;
        Ok((listed.items.into_iter().map(|user| user.name).collect::<String>(), listed.next))
    };
    let (first, next) = list(None).unwrap();
    let (second, after) = list(next.clone()).unwrap();
    let (third, end) = list(after).unwrap();
    assert_eq!((first.as_str(), second.as_str(), third.as_str(), end), ("ab", "cd", "e", None));
    // The user at which it stopped is gone meanwhile.
    world.run(delete("b")).unwrap();
    assert_eq!(list(next.clone()).unwrap().0, "cd");
    assert_eq!(refusal(list(Some("bm9uZQ==".to_owned()))), Kind::InvalidMarker);
    group(&world, "staff");
    let other =
        ListMembers { group: "staff".to_owned(), paging: Paging::Marker { marker: next, limit: Limit::new(2, 2) } };
    assert_eq!(refusal(world.run(other)), Kind::InvalidMarker);
    let page = |page| {
        let paging = Paging::Number { page, size: 3 };
        let listed = world.run(ListUsers { paging, path_prefix: "/".to_owned() }).unwrap();
        (listed.items.len(), listed.numbered.unwrap().total)
    };
    assert_eq!([page(1), page(2), page(3)], [(3, 4), (1, 4), (0, 4)]);
}
