//! What the simulator reads and refuses before anything is simulated, and how it writes what came out.

use polykms_core::policy::Position;

use super::*;
use crate::wire::tests::asked;

const NEEDED: [(&str, &str); 2] = [("PolicyInputList.member.1", "{}"), ("ActionNames.member.1", "kms:Sign")];

fn facts(pairs: &[(&str, &str)]) -> Result<Vec<(String, Value<'static>)>> {
    let pairs: Vec<_> = NEEDED.iter().chain(pairs).copied().collect();
    asked::<CustomPolicy>("iam", &pairs).map(|op| values(op.0.facts))
}

/// What the request has under its names.
fn values(facts: Vec<Fact>) -> Vec<(String, Value<'static>)> {
    facts.into_iter().filter_map(|fact| Some((fact.name.clone(), fact.value()?))).collect()
}

fn entry(of: Option<&str>, values: &[&str]) -> Result<Vec<(String, Value<'static>)>> {
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
        assert_eq!(entry(Some(of), &[right]).unwrap(), [("aws:Some".to_owned(), Value::from(right))]);
        assert_eq!(entry(Some(of), &[wrong]).unwrap_err().kind(), Kind::NotApplicable, "{of}");
        let list = format!("{of}List");
        let both = entry(Some(&list), &[right, right]).unwrap();
        assert_eq!(both[0].1, Value::Many(vec![right.to_owned(), right.to_owned()].into()));
        assert_eq!(entry(Some(&list), &[right, wrong]).unwrap_err().kind(), Kind::NotApplicable, "{list}");
    }
    assert_eq!(entry(Some("string"), &["a", "b"]).unwrap_err().kind(), Kind::NotApplicable);
    assert_eq!(entry(Some("stringList"), &[]).unwrap()[0].1, Value::Many(Vec::new().into()));
    assert_eq!(entry(Some("string"), &[]).unwrap(), []);
    assert_eq!(entry(None, &["a"]).unwrap()[0].1, Value::from("a"));
    assert_eq!(entry(None, &["a", "b"]).unwrap()[0].1, Value::Many(vec!["a".to_owned(), "b".to_owned()].into()));
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
    assert!(alice.implied.contains(&("aws:username".to_owned(), Value::from("alice"))));
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
    let names = names.implied.into_iter().chain(values(names.facts));
    let names = names.filter(|(name, _)| name.eq_ignore_ascii_case("aws:username"));
    assert_eq!(names.collect::<Vec<_>>(), [("AWS:UserName".to_owned(), Value::from("bob"))]);
}

fn outcome(resource: Option<&str>, verdict: Verdict) -> op::Outcome {
    let extent = Extent { start: Position { line: 1, column: 1 }, end: Position { line: 1, column: 9 } };
    op::Outcome {
        resource: resource.map(str::to_owned),
        verdict,
        matched: vec![op::Matched { origin: op::Origin::Given(1), extent }],
        missing: vec!["aws:X".to_owned()],
        said: None,
        within_boundary: None,
    }
}

#[test]
fn resources_together_are_called_by_the_form_of_their_names() {
    let key = "arn:aws:kms:r:1:key/k";
    let form = |resources: &[&str]| {
        let each = resources.iter().map(|resource| outcome(Some(resource), Verdict::Allow)).collect();
        let whole = outcome(None, Verdict::Allow);
        let evaluated = op::Evaluated { action: "kms:Sign".to_owned(), whole, each: Some(each) };
        result(&evaluated).eval_resource_name.unwrap().into_owned()
    };
    assert_eq!(form(&[key, key]), "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}");
    assert_eq!(form(&[key, "arn:aws:s3:::b"]), "*");
    assert_eq!(form(&["*"]), "*");
}

#[test]
fn what_each_type_of_policy_says_is_told_by_its_name() {
    let nothing = op::Outcome { said: Some(op::Said::default()), ..outcome(Some("*"), Verdict::Allow) };
    assert_eq!(specific(&nothing).eval_decision_details, Some(Pairs::default()));
    let said = op::Said { identity: Some(Verdict::Allow), boundary: None, attached: Some(Verdict::ImplicitDeny) };
    let foreign = op::Outcome { said: Some(said), within_boundary: Some(false), ..nothing };
    let told = specific(&foreign);
    let details = told.eval_decision_details.unwrap();
    let details: Vec<_> = details.iter().collect();
    assert_eq!(details, [("IAM Policy", "allowed"), ("Resource Policy", "implicitDeny")]);
    let detail = told.permissions_boundary_decision_detail.unwrap();
    assert_eq!(detail.allowed_by_permissions_boundary, Some(false));
}
