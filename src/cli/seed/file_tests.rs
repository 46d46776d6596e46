use super::*;

/// The faults of a text, as `LINE:COLUMN message`.
fn faults(text: &str) -> Vec<String> {
    let file = File::of(Path::new("s"), Zeroizing::new(text.to_owned()));
    let faults = file.faults(&[]).unwrap().into_iter();
    faults.map(|fault| fault.to_string().strip_prefix("s:").unwrap().to_owned()).collect()
}

fn assert_faults(text: &str, expected: &[(&str, &str)]) {
    let found = faults(text);
    let fits = found.len() == expected.len()
        && found.iter().zip(expected).all(|(found, (place, said))| {
            found.strip_prefix(&format!("{place}: ")).is_some_and(|message| message.contains(said))
        });
    assert!(fits, "{found:#?}\nare not {expected:#?}");
}

#[test]
fn the_example_has_no_faults() {
    assert_eq!(faults(include_str!("../../../examples/seed.yaml")), [""; 0]);
}

#[test]
fn what_the_api_refuses_is_refused_at_its_place_and_all_at_once() {
    let text = r#"
aws:
  - account: "000000000000"
    policies:
      - name: a b
        document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "kms:*", Resource: "*"}]}
    groups:
      - name: g
        comments: there are none
    users:
      - name: ann
        path: nowhere
      - name: bob
        groups: [g, none]
        attached: [none, system/none]
        access_keys:
          - {id: AKIAEXAMPLEBOB000001, secret: s1}
          - {id: AKIAEXAMPLEBOB000002, secret: s2}
          - {id: AKIAEXAMPLEBOB000003, secret: s3}
    roles:
      - name: r
        trust: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {AWS: "000000000000"}, Action: "sts:AssumeRole"}]}
        max_session_seconds: 60
    keys:
      - id: 0a0a0a0a-0000-4000-8000-000000000001
        aliases: [alias/aws/mine, "alias/a b"]
      - id: 0a0a0a0a-0000-4000-8000-000000000002
        deletion_protection: there is none
      - id: 0a0a0a0a-0000-4000-8000-000000000003
        deletion_days: 3
        rotation_days: 89
      - id: 0A0a0a0a-0000-4000-8000-000000000004
        material: AAECAwQF
        tags: {"aws:x": y}
        aliases: [none]
"#;
    assert_faults(
        text,
        &[
            ("5:15", "ValidationError"),
            ("9:19", "no `comments` of groups"),
            ("12:15", "ValidationError"),
            ("14:21", "no group `none`"),
            ("15:20", "policy `none`"),
            ("15:26", "policy `system/none`"),
            ("19:13", "LimitExceeded"),
            ("23:30", "ValidationError"),
            ("26:19", "InvalidAliasName"),
            ("26:35", "ValidationException"),
            ("28:30", "AWS has no `deletion_protection`"),
            ("30:24", "ValidationException"),
            ("31:24", "ValidationException"),
            ("32:13", "UUID in lower case"),
            ("33:19", "32 bytes"),
            ("34:15", "TagException"),
            ("35:19", "ValidationException"),
        ],
    );
}

#[test]
fn a_cloud_has_no_more_in_a_seed_than_by_its_api() {
    let text = r#"
alibaba:
  - account: "1000000000000000"
    users:
      - name: ann
        display_name: Ann
        comments: hello
        inline:
          own: {Version: "1", Statement: [{Effect: Allow, Action: "kms:*", Resource: "*"}]}
      - name: bob
        path: /a/
        tags: {a: b}
    roles:
      - name: r_x
        trust: {Version: "1", Statement: [{Effect: Allow, Principal: {RAM: ["acs:ram::1000000000000000:root"]}, Action: "sts:AssumeRole"}]}
      - name: r
        tags: {a: b}
        trust: {Version: "1", Statement: [{Effect: Allow, Principal: {RAM: ["acs:ram::1000000000000000:root"]}, Action: "sts:AssumeRole"}]}
    keys:
      - id: 0a0a0a0a-0000-4000-8000-000000000002
        deletion_protection: it is needed
  - account: "12"
"#;
    assert_faults(
        text,
        &[
            ("9:11", "Alibaba Cloud has no inline policies"),
            ("11:15", "no `path` of users"),
            ("12:15", "no `tags` of users"),
            ("14:15", "InvalidParameter"),
            ("22:14", "no account"),
        ],
    );
}

#[test]
fn a_policy_is_refused_at_the_place_of_its_fault_however_it_is_written() {
    let text = r#"
aws:
  - account: "000000000000"
    policies:
      - name: mapping
        document:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Action: "kms:*"
              Resource: "*"
            - Effect: Perhaps
              Action: "kms:*"
              Resource: "*"
      - name: block
        document: |
          {"Version": "2012-10-17",
           "Statement": [
             {"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
             {"Effect": "Perhaps", "Action": "kms:*", "Resource": "*"}]}
      - name: folded
        document: >-
          {"Version": "2012-10-17",
          "Statement": [{"Effect": "Perhaps", "Action": "kms:*", "Resource": "*"}]}
      - name: double
        document: "{\"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Perhaps\", \"Action\": \"kms:*\", \"Resource\": \"*\"}]}"
      - name: single
        document: '{"Version": "2012-10-17", "Statement": [{"Condition": {"StringEquals": {"aws:PrincipalTag/a": "it''s"}}, "Effect": "Perhaps", "Action": "kms:*", "Resource": "*"}]}'
      - name: syntax
        document: |
          {"Version": "2012-10-17",
           "Statement": ]
      - name: versions
        versions:
          1: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "kms:*", Resource: "*"}]}
          3: {Version: "2012-10-17", Statement: [{Effect: Perhaps, Action: "kms:*", Resource: "*"}]}
"#;
    let found = faults(text);
    let places: Vec<_> = found.iter().map(|fault| fault.split(": ").next().unwrap()).collect();
    assert_eq!(places, ["12:23", "20:25", "24:36", "26:81", "28:135", "32:25", "36:59"], "{found:#?}");
    assert!(found.iter().all(|fault| fault.contains("MalformedPolicyDocument")), "{found:#?}");
}

#[test]
fn what_is_there_twice_is_named_with_the_first() {
    let text = r#"
alibaba:
  - account: "1000000000000000"
    policies:
      - {name: p, document: {Version: "1", Statement: [{Effect: Allow, Action: "kms:*", Resource: "*"}]}}
      - {name: P, document: {Version: "1", Statement: [{Effect: Allow, Action: "kms:*", Resource: "*"}]}}
    groups: [{name: g}, {name: g}]
    users:
      - name: ann
        access_keys: [{id: LTAI5tExampleAnn00001, secret: s}]
        groups: [g, g]
        attached: [p, p]
      - name: Ann
        access_keys: [{id: LTAI5tExampleAnn00001, secret: s}]
    keys:
      - {id: 0a0a0a0a-0000-4000-8000-000000000001, aliases: [alias/a]}
      - {id: 0a0a0a0a-0000-4000-8000-000000000001, aliases: [alias/a]}
  - account: "1000000000000000"
"#;
    let found = faults(text);
    for (place, what, first) in [
        ("6:16", "policy `p`", "5:16"),
        ("7:32", "group `g`", "7:21"),
        ("11:21", "group `g`", "11:18"),
        ("12:23", "policy `p`", "12:20"),
        ("13:15", "user `ann`", "9:15"),
        ("14:28", "access key `LTAI5tExampleAnn00001`", "10:28"),
        ("17:14", "key `0a0a0a0a-0000-4000-8000-000000000001`", "16:14"),
        ("17:62", "alias `alias/a`", "16:62"),
        ("18:14", "account `1000000000000000`", "3:14"),
    ] {
        let expected = format!("{place}: the {what} is there twice (first at {first})");
        assert!(found.contains(&expected), "{expected} is not in {found:#?}");
    }
}

#[test]
fn a_file_of_another_form_is_refused_at_each_entry() {
    let text = r#"
aws:
  - account: "000000000000"
    users:
      - name: ann
        nonsense: 1
      - name: bob
        more: 2
    keys:
      - material: hush-hush-material
"#;
    let found = faults(text);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[0].starts_with("6:9: ") && found[0].contains("nonsense"), "{found:#?}");
    assert!(found[1].starts_with("8:9: ") && found[1].contains("more"), "{found:#?}");
    assert!(found[2].starts_with("10:9: ") && found[2].contains("missing field `id`"), "{found:#?}");
    assert!(!found.join("").contains("hush"), "{found:#?}");
    let found = faults("aws: [\n");
    assert!(found.len() == 1 && !found[0].contains('\n'), "{found:#?}");
}

#[test]
fn principals_may_stand_further_down_and_must_stand_somewhere() {
    let role = |name: &str, trusted: &str| {
        format!(
            r#"      - {{name: {name}, trust: {{Version: "2012-10-17", Statement: [{{Effect: Allow, Action: "sts:AssumeRole", Principal: {{AWS: "arn:aws:iam::000000000000:{trusted}"}}}}]}}}}"#
        )
    };
    let seed = |roles: &[String]| format!("aws:\n  - account: \"000000000000\"\n    roles:\n{}\n", roles.join("\n"));
    assert_eq!(faults(&seed(&[role("one", "role/two"), role("two", "root")])), [""; 0]);
    assert_eq!(faults(&seed(&[role("one", "role/two"), role("two", "role/one")])), [""; 0]);
    assert_faults(&seed(&[role("one", "role/none")]), &[("4:28", "MalformedPolicyDocument")]);
}
