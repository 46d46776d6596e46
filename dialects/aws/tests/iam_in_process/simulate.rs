//! The policy simulator, in one process.

use serde_json::json;

use super::{ADMIN, FOREIGN_KEY, IAM, KEY, MALLORY, READ, cloud, open, told, within};

/// The texts of all elements of this name.
fn all(body: &str, name: &str) -> Vec<String> {
    let start = format!("<{name}>");
    let parts = body.split(&start).skip(1);
    parts.map(|rest| rest.split("</").next().unwrap_or_default().to_owned()).collect()
}

fn policy(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

const DECRYPT: &str = r#"{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}"#;

#[tokio::test]
async fn given_policies_are_simulated_as_the_vendor_shows_it() {
    let cloud = open().await;
    let dated = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}"#;
    let mut arguments = vec![
        ("PolicyInputList.member.1", dated),
        ("ActionNames.member.1", "dynamodb:CreateBackup"),
        ("ContextEntries.member.1.ContextKeyName", "aws:CurrentTime"),
        ("ContextEntries.member.1.ContextKeyType", "date"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "2019-04-25T11:00:00Z"),
    ];
    let body = cloud.ok(ADMIN, "SimulateCustomPolicy", &arguments).await;
    assert_eq!(
        (within(&body, "EvalActionName"), within(&body, "EvalResourceName"), within(&body, "EvalDecision")),
        ("dynamodb:CreateBackup".to_owned(), "*".to_owned(), "allowed".to_owned())
    );
    assert_eq!(
        (all(&body, "SourcePolicyId"), all(&body, "SourcePolicyType"), all(&body, "Line"), all(&body, "Column")),
        (
            vec!["PolicyInputList.1".to_owned()],
            vec!["IAM Policy".to_owned()],
            vec!["1".to_owned(); 2],
            // Of the end and of the start, as the API reference has them.
            vec!["167".to_owned(), "38".to_owned()]
        )
    );
    assert!(body.contains("<MissingContextValues></MissingContextValues>"), "{body}");
    assert!(!body.contains("ResourceSpecificResults") && !body.contains("EvalDecisionDetails"));
    assert_eq!(within(&body, "IsTruncated"), "false");

    arguments[4].1 = "2014-04-25T11:00:00Z";
    let body = cloud.ok(ADMIN, "SimulateCustomPolicy", &arguments).await;
    assert_eq!((within(&body, "EvalDecision").as_str(), all(&body, "SourcePolicyId").len()), ("implicitDeny", 0));

    let body = cloud.ok(ADMIN, "SimulateCustomPolicy", &arguments[..2]).await;
    assert!(body.contains("<MissingContextValues><member>aws:CurrentTime</member></MissingContextValues>"), "{body}");
}

#[tokio::test]
async fn the_policies_of_a_user_are_its_own_the_attached_and_those_of_its_groups() {
    let cloud = open().await;
    cloud.ok(ADMIN, "CreateUser", &[("UserName", "Alice"), ("Path", "/dev/")]).await;
    cloud.ok(ADMIN, "CreateGroup", &[("GroupName", "crypto")]).await;
    cloud.ok(ADMIN, "AddUserToGroup", &[("GroupName", "crypto"), ("UserName", "alice")]).await;
    let in_group = policy(DECRYPT);
    let group = [("GroupName", "crypto"), ("PolicyName", "use"), ("PolicyDocument", in_group.as_str())];
    cloud.ok(ADMIN, "PutGroupPolicy", &group).await;
    let home = policy(
        r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}/*"},
        {"Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"}"#,
    );
    let own = [("UserName", "alice"), ("PolicyName", "home"), ("PolicyDocument", home.as_str())];
    cloud.ok(ADMIN, "PutUserPolicy", &own).await;
    let managed = cloud.ok(ADMIN, "CreatePolicy", &[("PolicyName", "audit"), ("PolicyDocument", READ)]).await;
    let managed = within(&managed, "Arn");
    cloud.ok(ADMIN, "AttachUserPolicy", &[("UserName", "alice"), ("PolicyArn", &managed)]).await;

    let alice = format!("{IAM}user/dev/Alice");
    let simulate = |action: &'static str, resource: &'static str| {
        let arguments = [
            ("PolicySourceArn", alice.clone()),
            ("ActionNames.member.1", action.to_owned()),
            ("ResourceArns.member.1", resource.to_owned()),
        ];
        let cloud = &cloud;
        async move {
            let arguments: Vec<_> = arguments.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let body = cloud.ok(ADMIN, "SimulatePrincipalPolicy", &arguments).await;
            let mut sources = all(&body, "SourcePolicyId");
            sources.dedup();
            (within(&body, "EvalResourceDecision"), sources)
        }
    };
    let came = |decision: &str, sources: &[&str]| {
        (decision.to_owned(), sources.iter().map(|source| (*source).to_owned()).collect::<Vec<_>>())
    };
    let (mine, theirs) = ("arn:aws:s3:::home/Alice/x", "arn:aws:s3:::home/bob/x");
    assert_eq!(simulate("s3:GetObject", mine).await, came("allowed", &["user_Alice_home"]));
    assert_eq!(simulate("s3:GetObject", theirs).await, came("implicitDeny", &[]));
    assert_eq!(simulate("s3:DeleteObject", mine).await, came("explicitDeny", &["user_Alice_home"]));
    assert_eq!(simulate("iam:GetUser", "arn:aws:iam::111122223333:user/x").await, came("allowed", &["audit"]));
    let bucket = "arn:aws:kms:us-east-1:111122223333:key/33333333-3333-4333-8333-333333333333";
    assert_eq!(simulate("kms:Decrypt", bucket).await, came("allowed", &["group_crypto_use"]));

    let keys = cloud.ok(ADMIN, "GetContextKeysForPrincipalPolicy", &[("PolicySourceArn", &alice)]).await;
    assert!(keys.contains("<ContextKeyNames><member>aws:username</member></ContextKeyNames>"), "{keys}");
    for wrong in [format!("{IAM}user/Alice"), "arn:aws:iam::444455556666:user/dev/Alice".to_owned()] {
        let arguments = [("PolicySourceArn", wrong.as_str()), ("ActionNames.member.1", "s3:GetObject")];
        assert_eq!(
            cloud.refused(ADMIN, "SimulatePrincipalPolicy", &arguments).await,
            told(404, "NoSuchEntity", "The user with name Alice cannot be found.")
        );
    }
}

#[tokio::test]
async fn the_policy_of_a_key_that_is_kept_here_counts_where_none_is_given() {
    let cloud = open().await;
    let key = format!("arn:aws:kms:us-east-1:111122223333:key/{KEY}");
    let foreign = format!("arn:aws:kms:us-east-1:444455556666:key/{FOREIGN_KEY}");
    let document = policy(DECRYPT);
    let caller = |name: &str| format!("{IAM}user/{name}");
    let (admin, eve) = (caller("admin"), caller("eve"));
    let simulate = |caller: &str, key: &str, more: Vec<(&'static str, String)>| {
        let mut arguments = vec![
            ("PolicyInputList.member.1", document.clone()),
            ("ActionNames.member.1", "kms:Decrypt".to_owned()),
            ("ResourceArns.member.1", key.to_owned()),
            ("CallerArn", caller.to_owned()),
        ];
        arguments.extend(more);
        let cloud = &cloud;
        async move {
            let arguments: Vec<_> = arguments.iter().map(|(name, value)| (*name, value.as_str())).collect();
            cloud.ok(ADMIN, "SimulateCustomPolicy", &arguments).await
        }
    };
    let allowed = simulate(&admin, &key, vec![]).await;
    assert_eq!(within(&allowed, "EvalDecision"), "allowed");
    assert_eq!(within(&allowed, "EvalResourceName"), key);
    assert_eq!(all(&allowed, "SourcePolicyId")[..2], ["PolicyInputList.1", "ResourcePolicy"]);
    assert!(allowed.contains("<EvalDecisionDetails>") && !allowed.contains("<entry>"), "{allowed}");
    let denied = simulate(&eve, &key, vec![]).await;
    assert_eq!(within(&denied, "EvalDecision"), "explicitDeny");
    // The second statement of the policy stands on its third line, and starts behind the first.
    assert_eq!(all(&denied, "SourcePolicyId")[..1], ["ResourcePolicy"]);
    assert_eq!(all(&denied, "Line")[..2], ["3", "2"]);
    // A policy that is given takes the place of the one that is kept.
    let named = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/eve"},"Action":"kms:*","Resource":"*"}]}"#;
    let given = simulate(&eve, &key, vec![("ResourcePolicy", named.to_owned())]).await;
    assert_eq!(within(&given, "EvalDecision"), "allowed");
    // Nothing is told of the keys of others.
    let beyond = simulate(&admin, &foreign, vec![]).await;
    assert_eq!(within(&beyond, "EvalDecision"), "implicitDeny");
    assert!(!beyond.contains("<SourcePolicyId>ResourcePolicy"), "{beyond}");
    assert!(beyond.contains("<entry><key>IAM Policy</key><value>allowed</value></entry>"), "{beyond}");
    assert!(!beyond.contains("Resource Policy"), "{beyond}");
}

#[tokio::test]
async fn a_boundary_limits_and_a_policy_of_the_resource_that_names_the_user_does_not_mind() {
    let cloud = open().await;
    let only_iam = policy(r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#);
    let everything = policy(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#);
    let bucket = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/mateo"},"Action":["s3:List*","s3:Put*"],"Resource":["arn:aws:s3:::production/*"]}}"#;
    let (mateo, owner) = (format!("{IAM}user/mateo"), format!("{IAM}root"));
    let base = [
        ("PolicyInputList.member.1", everything.as_str()),
        ("PermissionsBoundaryPolicyInputList.member.1", only_iam.as_str()),
        ("ActionNames.member.1", "s3:PutObject"),
        ("ResourceArns.member.1", "arn:aws:s3:::production/Test"),
        ("CallerArn", mateo.as_str()),
    ];
    let limited = cloud.ok(ADMIN, "SimulateCustomPolicy", &base).await;
    assert_eq!(within(&limited, "EvalDecision"), "implicitDeny");
    assert_eq!(all(&limited, "AllowedByPermissionsBoundary"), ["false", "false"]);
    // The statement that matched is told for the resource alone: it did not decide.
    assert_eq!(all(&limited, "SourcePolicyId"), ["PolicyInputList.1"]);
    let mut named = base.to_vec();
    named[0].1 = &only_iam;
    named.extend([("ResourcePolicy", bucket), ("ResourceOwner", owner.as_str())]);
    let allowed = cloud.ok(ADMIN, "SimulateCustomPolicy", &named).await;
    assert_eq!(within(&allowed, "EvalDecision"), "allowed");
    assert_eq!(all(&allowed, "SourcePolicyType"), ["Resource Policy"; 2]);
    assert_eq!(all(&allowed, "AllowedByPermissionsBoundary"), ["false", "false"]);

    // Across accounts both have to allow, and every type of policy is told by itself.
    let elsewhere = ("ResourceOwner", "arn:aws:iam::123456789012:root");
    *named.last_mut().unwrap() = elsewhere;
    let across = cloud.ok(ADMIN, "SimulateCustomPolicy", &named).await;
    assert_eq!(within(&across, "EvalDecision"), "implicitDeny");
    for (kind, said) in [
        ("IAM Policy", "implicitDeny"),
        ("Resource Policy", "allowed"),
        ("Permissions Boundary Policy", "implicitDeny"),
    ] {
        let entry = format!("<entry><key>{kind}</key><value>{said}</value></entry>");
        assert_eq!(across.matches(&entry).count(), 2, "{across}");
    }
}

#[tokio::test]
async fn a_simulation_goes_on_where_it_stopped() {
    let cloud = open().await;
    let document = policy(DECRYPT);
    let mut seen = Vec::new();
    let mut marker: Option<String> = None;
    for _ in 0..3 {
        let mut arguments = vec![("PolicyInputList.member.1", document.as_str()), ("MaxItems", "2")];
        let actions = ["kms:Decrypt", "kms:Encrypt", "kms:Decrypt", "kms:ListKeys", "kms:Sign"];
        let names: Vec<String> = (1..=actions.len()).map(|at| format!("ActionNames.member.{at}")).collect();
        arguments.extend(names.iter().map(String::as_str).zip(actions));
        arguments.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let body = cloud.ok(ADMIN, "SimulateCustomPolicy", &arguments).await;
        seen.extend(all(&body, "EvalActionName").into_iter().zip(all(&body, "EvalDecision")));
        marker = Some(within(&body, "Marker")).filter(|marker| !marker.is_empty());
        assert_eq!(within(&body, "IsTruncated"), marker.is_some().to_string());
    }
    let came = seen.iter().map(|(action, decision)| (action.as_str(), decision.as_str())).collect::<Vec<_>>();
    assert_eq!(
        came,
        [
            ("kms:Decrypt", "allowed"),
            ("kms:Encrypt", "implicitDeny"),
            ("kms:Decrypt", "allowed"),
            ("kms:ListKeys", "implicitDeny"),
            ("kms:Sign", "implicitDeny")
        ]
    );
    let other = [("PolicyInputList.member.1", document.as_str()), ("ActionNames.member.1", "a:b"), ("Marker", "x")];
    assert_eq!(cloud.refused(ADMIN, "SimulateCustomPolicy", &other).await.0, 400);
}

#[tokio::test]
async fn what_would_take_too_long_is_told_in_parts_or_refused() {
    let cloud = open().await;
    let long = policy(&vec![DECRYPT; 2000].join(","));
    let names: Vec<String> = (1..=90).map(|at| format!("ActionNames.member.{at}")).collect();
    let mut arguments = vec![("PolicyInputList.member.1", long.as_str())];
    arguments.extend(names.iter().map(|name| (name.as_str(), "kms:Sign")));
    let body = cloud.ok(ADMIN, "SimulateCustomPolicy", &arguments).await;
    let told = all(&body, "EvalActionName").len();
    assert!((50..90).contains(&told) && within(&body, "IsTruncated") == "true", "{told}");
    let names: Vec<String> = (1..=90).map(|at| format!("ResourceArns.member.{at}")).collect();
    let mut arguments = vec![("PolicyInputList.member.1", long.as_str()), ("ActionNames.member.1", "kms:Sign")];
    arguments.extend(names.iter().map(|name| (name.as_str(), "*")));
    assert_eq!(cloud.refused(ADMIN, "SimulateCustomPolicy", &arguments).await.1, "ValidationError");
    let value = "x".repeat(20_000);
    let mut arguments = vec![("PolicyInputList.member.1", long.as_str()), ("ActionNames.member.1", "kms:Sign")];
    arguments.push(("ContextEntries.member.1.ContextKeyName", "aws:username"));
    arguments.push(("ContextEntries.member.1.ContextKeyValues.member.1", &value));
    assert_eq!(cloud.refused(ADMIN, "SimulateCustomPolicy", &arguments).await.1, "ValidationError");
}

#[tokio::test]
async fn a_simulation_that_makes_no_sense_is_refused() {
    let cloud = open().await;
    let document = policy(DECRYPT);
    let (given, action) = (("PolicyInputList.member.1", document.as_str()), ("ActionNames.member.1", "kms:Decrypt"));
    let role = format!("{IAM}role/r");
    let named = policy(r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#);
    for (more, message) in [
        (vec![("ResourceArns.member.1", "14a050d4")], "ResourceNames are not in a valid ARN format: 14a050d4."),
        (vec![("ResourceOwner", "123456789012")], "'123456789012' is not a valid as a Resource Owner."),
        (
            vec![("CallerArn", "arn:aws:sts::111122223333:assumed-role/r/s")],
            "Invalid Entity Arn: arn:aws:sts::111122223333:assumed-role/r/s",
        ),
        (vec![("ResourcePolicy", named.as_str())], "CallerArn is required when a ResourcePolicy is specified."),
        (
            vec![("ResourcePolicy", named.as_str()), ("CallerArn", role.as_str())],
            "Simulation of resource-based policies is only supported for IAM users.",
        ),
        (vec![("ActionNames.member.2", "kms:*")], "Action kms:* must not contain wildcards."),
        (vec![("ActionNames.member.2", "Decrypt")], "Action Decrypt is not valid."),
        (vec![("PolicyInputList.member.2", "{")], "This policy contains invalid Json"),
        (vec![("PolicyInputList.member.2", named.as_str())], "Policy document should not specify a principal."),
        (
            vec![
                ("PermissionsBoundaryPolicyInputList.member.1", document.as_str()),
                ("PermissionsBoundaryPolicyInputList.member.2", document.as_str()),
            ],
            "Only one permissions boundary policy can be specified.",
        ),
        (
            vec![
                ("ContextEntries.member.1.ContextKeyName", "aws:MultiFactorAuthAge"),
                ("ContextEntries.member.1.ContextKeyType", "numeric"),
                ("ContextEntries.member.1.ContextKeyValues.member.1", "old"),
            ],
            "Value old of context key aws:MultiFactorAuthAge is not of its ContextKeyType.",
        ),
        (vec![("ResourceHandlingOption", "Moon")], "ResourceHandlingOption Moon is not valid."),
        (
            vec![("ResourceHandlingOption", "EC2-VPC-EBS"), ("ResourceArns.member.1", "arn:aws:ec2:r:1:instance/*")],
            "ResourceHandlingOption EC2-VPC-EBS requires a resource of type image.",
        ),
    ] {
        let arguments: Vec<_> = [given, action].into_iter().chain(more).collect();
        assert_eq!(cloud.refused(ADMIN, "SimulateCustomPolicy", &arguments).await, told(400, "InvalidInput", message));
    }
    for arguments in [
        vec![given],
        vec![action],
        vec![given, action, ("MaxItems", "0")],
        vec![
            given,
            action,
            ("ContextEntries.member.1.ContextKeyName", "a:keys"),
            ("ContextEntries.member.1.ContextKeyType", "moon"),
        ],
    ] {
        let refused = cloud.refused(ADMIN, "SimulateCustomPolicy", &arguments).await;
        assert_eq!(refused.1, "ValidationError", "{refused:?}");
    }
    let newer =
        ("OrderedOrganizationPolicyInputList.member.1.ServiceControlPolicyInputList.member.1", document.as_str());
    assert_eq!(cloud.refused(ADMIN, "SimulateCustomPolicy", &[given, action, newer]).await.1, "UnsupportedOperation");
}

#[tokio::test]
async fn only_who_may_simulate_learns_what_policies_say() {
    let denied = cloud(json!({
        "Effect": "Deny",
        "Action": ["iam:SimulatePrincipalPolicy", "iam:GetContextKeysForPrincipalPolicy"],
        "Resource": format!("{IAM}user/admin")
    }))
    .await;
    let about = |name: &str| format!("{IAM}user/{name}");
    for operation in ["SimulatePrincipalPolicy", "GetContextKeysForPrincipalPolicy"] {
        let (admin, mallory) = (about("admin"), about("mallory"));
        let arguments = [("PolicySourceArn", admin.as_str()), ("ActionNames.member.1", "kms:Decrypt")];
        let refused = denied.refused(MALLORY, operation, &arguments).await;
        let message = format!(
            "User: {mallory} is not authorized to perform: iam:{operation} on resource: {admin} with an explicit deny in \
             an identity-based policy"
        );
        assert_eq!(refused, told(403, "AccessDenied", message));
        let arguments = [("PolicySourceArn", mallory.as_str()), arguments[1]];
        denied.ok(MALLORY, operation, &arguments).await;
    }
}
