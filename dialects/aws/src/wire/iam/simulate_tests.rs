//! What the simulator reads and refuses before anything is simulated, and how it writes what came out.

use polykms_core::policy::Extent;

use super::*;

fn params(pairs: &[(&str, &str)]) -> Payload {
    Payload::Params(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

fn entry(of: Option<&str>, values: &[&str]) -> Result<Vec<(String, Fact<'static>)>> {
    let start = "ContextEntries.member.1";
    let mut pairs = vec![(format!("{start}.ContextKeyName"), "aws:Some".to_owned())];
    pairs.extend(of.map(|of| (format!("{start}.ContextKeyType"), of.to_owned())));
    let values = values.iter().enumerate();
    pairs
        .extend(values.map(|(at, value)| (format!("{start}.ContextKeyValues.member.{}", at + 1), (*value).to_owned())));
    read(&Payload::Params(pairs), entries)
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
    let nameless = params(&[("ContextEntries.member.1.ContextKeyType", "string")]);
    assert_eq!(read(&nameless, entries).unwrap_err().kind(), Kind::NotApplicable);
}

#[test]
fn who_calls_is_known_from_the_arn_and_what_is_given_comes_first() {
    let decode = |more: &[(&str, &str)]| {
        let source = ("PolicySourceArn", "arn:aws:iam::111122223333:user/dev/alice");
        let pairs: Vec<_> = [source, ("ActionNames.member.1", "kms:Sign")].into_iter().chain(more.to_vec()).collect();
        PrincipalPolicy::decode(&params(&pairs)).unwrap().simulation
    };
    let alice = decode(&[]);
    assert_eq!(alice.caller.map(|caller| caller.arn).as_deref(), Some("arn:aws:iam::111122223333:user/dev/alice"));
    assert!(alice.facts.contains(&("aws:username".to_owned(), Fact::from("alice"))));
    assert_eq!((alice.resources.len(), alice.resources[0].name.as_str(), alice.limit), (1, "*", 100));
    let role = decode(&[("CallerArn", "arn:aws:iam::444455556666:role/x/r")]).caller.unwrap();
    assert_eq!((role.kind, role.account.as_str(), role.arn.as_str()), (PrincipalKind::RoleSession, "444455556666", ""));
    assert_eq!(role.role_arn.as_deref(), Some("arn:aws:iam::444455556666:role/x/r"));
    let given = [
        ("ContextEntries.member.1.ContextKeyName", "AWS:UserName"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "bob"),
    ];
    let names = decode(&given).facts.into_iter().filter(|(name, _)| name.eq_ignore_ascii_case("aws:username"));
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
    let told = |on: Vec<op::OnResource>| result(&op::Evaluated { action: "kms:Sign".to_owned(), on });
    let mixed = told(vec![on(key, Verdict::Allow, 1), on(key, Verdict::ExplicitDeny, 2)]);
    assert_eq!(mixed["EvalDecision"], "explicitDeny");
    assert_eq!(mixed["EvalResourceName"], "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}");
    assert_eq!(mixed["MatchedStatements"].as_array().unwrap().len(), 1);
    assert_eq!(mixed["MatchedStatements"][0]["StartPosition"]["Line"], 2);
    assert_eq!(mixed["MissingContextValues"], json!(["aws:X"]));
    assert_eq!(mixed["ResourceSpecificResults"][0]["EvalResourceDecision"], "allowed");
    assert_eq!(mixed["EvalDecisionDetails"], json!({}));
    let silent = told(vec![on(key, Verdict::Allow, 1), on("arn:aws:s3:::b", Verdict::ImplicitDeny, 2)]);
    assert_eq!((&silent["EvalDecision"], &silent["EvalResourceName"]), (&json!("implicitDeny"), &json!("*")));
    assert_eq!(silent["MatchedStatements"], json!([]));
    let same = told(vec![on(key, Verdict::Allow, 1), on(key, Verdict::Allow, 1)]);
    assert_eq!(same["MatchedStatements"].as_array().unwrap().len(), 1);
}
