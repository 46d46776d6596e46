//! What the simulator reads and refuses before anything is simulated, and how it writes what came out.

use polykms_core::policy::Position;

use super::*;
use crate::wire::tests::asked;

const NEEDED: [(&str, &str); 2] = [("PolicyInputList.member.1", "{}"), ("ActionNames.member.1", "kms:Sign")];

fn facts(pairs: &[(&str, &str)]) -> Result<Vec<(String, Fact<'static>)>> {
    let pairs: Vec<_> = NEEDED.iter().chain(pairs).copied().collect();
    asked::<CustomPolicy>("iam", &pairs).map(|op| op.0.facts)
}

fn entry(of: Option<&str>, values: &[&str]) -> Result<Vec<(String, Fact<'static>)>> {
    let start = "ContextEntries.member.1";
    let mut pairs = vec![(format!("{start}.ContextKeyName"), "aws:Some")];
    pairs.extend(of.map(|of| (format!("{start}.ContextKeyType"), of)));
    let values = values.iter().enumerate();
    pairs.extend(values.map(|(at, value)| (format!("{start}.ContextKeyValues.member.{}", at + 1), *value)));
    facts(&pairs.iter().map(|(name, value)| (name.as_str(), *value)).collect::<Vec<_>>())
}

#[test]
fn every_type_of_context_key_takes_its_own_values_alone() {
    for (of, right, wrong) in [
        ("numeric", "-1.5", "one"),
        ("boolean", "true", "True"),
        ("ip", "2001:db8::1", "203.0.113.0/24"),
        ("binary", "QmluYXJ5", "not base64"),
        ("date", "2025-06-01T12:00:00Z", "today"),
    ] {
        assert_eq!(entry(Some(of), &[right]).unwrap(), [("aws:Some".to_owned(), Fact::from(right))]);
        assert_eq!(entry(Some(of), &[wrong]).unwrap_err().kind(), Kind::NotApplicable, "{of}");
        let list = format!("{of}List");
        let both = entry(Some(&list), &[right, right]).unwrap();
        assert_eq!(both[0].1, Fact::Many(vec![right.to_owned(), right.to_owned()].into()));
        assert_eq!(entry(Some(&list), &[right, wrong]).unwrap_err().kind(), Kind::NotApplicable, "{list}");
    }
    assert_eq!(entry(Some("string"), &["a", "b"]).unwrap_err().kind(), Kind::NotApplicable);
    assert_eq!(entry(Some("stringList"), &[]).unwrap()[0].1, Fact::Many(Vec::new().into()));
    assert_eq!(entry(Some("string"), &[]).unwrap(), []);
    assert_eq!(entry(None, &["a"]).unwrap()[0].1, Fact::from("a"));
    assert_eq!(entry(None, &["a", "b"]).unwrap()[0].1, Fact::Many(vec!["a".to_owned(), "b".to_owned()].into()));
    let nameless = facts(&[("ContextEntries.member.1.ContextKeyType", "string")]);
    assert_eq!(nameless.unwrap_err().kind(), Kind::NotApplicable);
}

#[test]
fn who_calls_is_known_from_the_arn_and_what_is_given_comes_first() {
    let decode = |more: &[(&str, &str)]| {
        let source = ("PolicySourceArn", "arn:aws:iam::111122223333:user/dev/alice");
        let pairs: Vec<_> = [source, ("ActionNames.member.1", "kms:Sign")].into_iter().chain(more.to_vec()).collect();
        asked::<PrincipalPolicy>("iam", &pairs).unwrap().simulation
    };
    let alice = decode(&[]);
    assert_eq!(alice.caller.map(|caller| caller.arn).as_deref(), Some("arn:aws:iam::111122223333:user/dev/alice"));
    assert!(alice.implied.contains(&("aws:username".to_owned(), Fact::from("alice"))));
    assert_eq!((alice.resources.len(), alice.resources[0].name.as_str()), (1, "*"));
    assert!(matches!(alice.paging, Paging::Marker { marker: None, limit } if limit.size() == 100));
    let role = decode(&[("CallerArn", "arn:aws:iam::444455556666:role/x/r")]).caller.unwrap();
    assert_eq!((role.kind, role.account.as_str(), role.arn.as_str()), (PrincipalKind::RoleSession, "444455556666", ""));
    assert_eq!(role.role_arn.as_deref(), Some("arn:aws:iam::444455556666:role/x/r"));
    let given = [
        ("ContextEntries.member.1.ContextKeyName", "AWS:UserName"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "bob"),
    ];
    let names = decode(&given);
    let names =
        names.implied.into_iter().chain(names.facts).filter(|(name, _)| name.eq_ignore_ascii_case("aws:username"));
    assert_eq!(names.collect::<Vec<_>>(), [("AWS:UserName".to_owned(), Fact::from("bob"))]);
}

#[test]
fn the_whole_is_as_strict_as_its_strictest_part() {
    let extent = |line| Extent { start: Position { line, column: 1 }, end: Position { line, column: 9 } };
    let on = |resource: &str, verdict, line| op::OnResource {
        resource: resource.to_owned(),
        verdict,
        matched: vec![op::Matched { origin: op::Origin::Given(1), extent: extent(line) }],
        missing: vec!["aws:X".to_owned()],
        identity: verdict,
        boundary: None,
        attached: None,
        foreign: false,
    };
    let key = "arn:aws:kms:r:1:key/k";
    let evaluated = |on: Vec<op::OnResource>| op::Evaluated { action: "kms:Sign".to_owned(), on };
    let lines = |statements: &Option<Vec<Statement<'_>>>| -> Vec<Option<i64>> {
        let start = |statement: &Statement<'_>| statement.start_position.as_ref().unwrap().line;
        statements.as_ref().unwrap().iter().map(start).collect()
    };
    let mixed = evaluated(vec![on(key, Verdict::Allow, 1), on(key, Verdict::ExplicitDeny, 2)]);
    let mixed = result(&mixed);
    assert_eq!(mixed.eval_decision.as_deref(), Some("explicitDeny"));
    assert_eq!(mixed.eval_resource_name.as_deref(), Some("arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"));
    assert_eq!(lines(&mixed.matched_statements), [Some(2)]);
    assert_eq!(mixed.missing_context_values.as_deref(), Some(["aws:X".into()].as_slice()));
    assert_eq!(mixed.resource_specific_results.unwrap()[0].eval_resource_decision.as_deref(), Some("allowed"));
    assert_eq!(mixed.eval_decision_details, Some(Pairs::default()));
    let silent = evaluated(vec![on(key, Verdict::Allow, 1), on("arn:aws:s3:::b", Verdict::ImplicitDeny, 2)]);
    let silent = result(&silent);
    assert_eq!(silent.eval_decision.as_deref(), Some("implicitDeny"));
    assert_eq!(silent.eval_resource_name.as_deref(), Some("*"));
    assert!(silent.matched_statements.unwrap().is_empty());
    let same = evaluated(vec![on(key, Verdict::Allow, 1), on(key, Verdict::Allow, 1)]);
    assert_eq!(lines(&result(&same).matched_statements), [Some(1)]);
}

#[test]
fn what_came_out_is_heard_as_it_was_told() {
    let extent = Extent { start: Position { line: 1, column: 1 }, end: Position { line: 1, column: 9 } };
    let on = op::OnResource {
        resource: "arn:aws:kms:r:444455556666:key/k".to_owned(),
        verdict: Verdict::Allow,
        matched: vec![op::Matched { origin: op::Origin::Given(1), extent }],
        missing: vec!["aws:X".to_owned()],
        identity: Verdict::Allow,
        boundary: Some(Verdict::Allow),
        attached: Some(Verdict::Allow),
        foreign: true,
    };
    let evaluated = op::Evaluated { action: "kms:Sign".to_owned(), on: vec![on] };
    let heard = heard_result(result(&evaluated)).unwrap();
    assert_eq!(format!("{heard:?}"), format!("{evaluated:?}"));
}
