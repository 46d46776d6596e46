//! The Alibaba Cloud policy language as data: grammar, operators, names, and how layers combine.
//!
//! Follows the RAM documents "Policy structure and syntax", "Policy evaluation process" and the KMS document "Overview
//! of key policies".

use polykms_core::policy::{
    DocumentKind, Expr, FixedRule, Forms, Identifiers, Kinds, Layer, NameSyntax, Operator, Order, Predicate, Presence,
    PrincipalForm, PrincipalKind, PrincipalType, ResourceClass, Shape, Spec, Test, Version,
};

/// The policy language of Alibaba Cloud.
pub(crate) static SPEC: Spec = Spec {
    name: "alibaba",
    versions: &[Version { text: "1", variables: false }],
    version_required: true,
    latin: false,
    single_statement: false,
    bare_scalars: false,
    repeated_identifiers: true,
    idle_operators: false,
    forms: Forms::LOOSE,
    shapes: SHAPES,
    operators: OPERATORS,
    // Not in the list of operators, and yet in policies that the vendor publishes.
    quantifiers: true,
    if_exists: false,
    names: NameSyntax { scheme: "acs", segments: 5, service: 1, account: 3, star_fills_empty: true },
    principals: &[
        PrincipalType { element: "RAM", form: PrincipalForm::Identity },
        PrincipalType { element: "Service", form: PrincipalForm::Service },
        PrincipalType { element: "Federated", form: PrincipalForm::Provider },
    ],
    account_names: &[("acs:ram::", ":root"), ("acs:ram::", ":*")],
    bare_accounts: false,
    layer_names: &[(Layer::IdentityGroup, "identity_rg")],
    group_key: Some("acs:ResourceGroupId"),
    grants: None,
    combine: COMBINE,
};

const SHAPES: &[Shape] = &[
    PLAIN,
    Shape { kind: DocumentKind::Session, ..PLAIN },
    Shape { kind: DocumentKind::Boundary, ..PLAIN },
    Shape { kind: DocumentKind::Control, ..PLAIN },
    Shape {
        kind: DocumentKind::Key,
        principal: Presence::Required,
        not_action: false,
        action_prefixes: &["kms:"],
        effective_actions: EFFECTIVE,
        only_whole: true,
        // The vendor lists all of these but the space, which stands in its examples.
        identifiers: Identifiers::Also("_/+=.@- "),
        longest_identifier: 128,
        principal_types: &["RAM"],
        everyone: false,
        principal_names: &["user/", "role/"],
        principal_ids: false,
        ..PLAIN
    },
    Shape { kind: DocumentKind::Trust, principal: Presence::Required, resource: Presence::Implied, ..PLAIN },
    Shape { kind: DocumentKind::Resource, principal: Presence::Required, ..PLAIN },
];

const PLAIN: Shape = Shape { not_resource: false, identifiers: Identifiers::Free, ..Shape::PLAIN };

/// The actions a key policy can give; others in it are void.
const EFFECTIVE: &[&str] = &[
    "kms:list*",
    "kms:describe*",
    "kms:create*",
    "kms:enable*",
    "kms:disable*",
    "kms:get*",
    "kms:set*",
    "kms:update*",
    "kms:delete*",
    "kms:cancel*",
    "kms:tagresource",
    "kms:untagresource",
    "kms:importkeymaterial",
    "kms:schedulekeydeletion",
    "kms:encrypt",
    "kms:decrypt",
    "kms:generatedatakey",
    "kms:generateandexportdatakey",
    "kms:asymmetricencrypt",
    "kms:asymmetricdecrypt",
];

/// What a key policy can give to another account.
const USE: Test = Test::Action(&[
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "kms:GenerateAndExportDataKey",
    "kms:AsymmetricEncrypt",
    "kms:AsymmetricDecrypt",
    "kms:DescribeKey",
    "kms:DescribeKeyVersion",
    "kms:ListKeyVersions",
    "kms:ListAliasesByKeyId",
    "kms:TagResource",
]);

const OPERATORS: &[Operator] = &[
    Operator::is("StringEquals", Predicate::Text),
    Operator::not("StringNotEquals", Predicate::Text),
    Operator::is("StringEqualsIgnoreCase", Predicate::TextAnyCase),
    Operator::not("StringNotEqualsIgnoreCase", Predicate::TextAnyCase),
    Operator::is("StringLike", Predicate::Like),
    Operator::not("StringNotLike", Predicate::Like),
    Operator::is("NumericEquals", Predicate::Number(Order::Equal)),
    Operator::not("NumericNotEquals", Predicate::Number(Order::Equal)),
    Operator::is("NumericLessThan", Predicate::Number(Order::Less)),
    Operator::is("NumericLessThanEquals", Predicate::Number(Order::LessOrEqual)),
    Operator::is("NumericGreaterThan", Predicate::Number(Order::Greater)),
    Operator::is("NumericGreaterThanEquals", Predicate::Number(Order::GreaterOrEqual)),
    Operator::is("DateEquals", Predicate::Instant(Order::Equal)),
    Operator::not("DateNotEquals", Predicate::Instant(Order::Equal)),
    Operator::is("DateLessThan", Predicate::Instant(Order::Less)),
    Operator::is("DateLessThanEquals", Predicate::Instant(Order::LessOrEqual)),
    Operator::is("DateGreaterThan", Predicate::Instant(Order::Greater)),
    Operator::is("DateGreaterThanEquals", Predicate::Instant(Order::GreaterOrEqual)),
    Operator::is("Bool", Predicate::Boolean),
    Operator::is("IpAddress", Predicate::Network),
    Operator::not("NotIpAddress", Predicate::Network),
];

const KEYS: Test = Test::Resource(&[ResourceClass { service: "kms", relative: "key/" }]);
const OWNER: Test = Test::Principal(&[PrincipalKind::Owner]);
const STRANGER: Test = Test::Principal(&[PrincipalKind::Service, PrincipalKind::Anonymous]);

const BOTH_SIDES: &str = "cross-account needs both sides";

const PASS: Expr = Expr::All(&[]);
const OWNS: Expr = Expr::Allowed(FixedRule { policy: "account-owner", statement: "resource owner" });

/// Control policies bind neither account owners nor service-linked roles.
const CONTROL: Expr = Expr::If(
    Test::Either(&[OWNER, STRANGER, Test::RoleNamed(&["AliyunServiceRoleFor"])]),
    &PASS,
    &Expr::Optional(Layer::Control),
);
const SESSION: Expr = Expr::Optional(Layer::Session);

/// Policies of the account scope are final; only if they say nothing, those of the resource group count.
const IDENTITY: Expr = Expr::If(
    OWNER,
    &OWNS,
    &Expr::First(&[Expr::Leaf(Layer::Identity, Kinds::ALL), Expr::Leaf(Layer::IdentityGroup, Kinds::ALL)]),
);

/// In one account a key policy allows whom it names; naming the account leaves the matter to RAM.
const NAMED: Kinds = Kinds::EXACT.or(Kinds::EVERYONE).or(Kinds::SERVICE).or(Kinds::ROLE).or(Kinds::USER);

const TRUSTED: Expr = Expr::Leaf(Layer::Resource, Kinds::ALL);

const ASSUMPTION: Expr = Expr::If(
    Test::Either(&[STRANGER, Test::Action(&["sts:AssumeRoleWith*"])]),
    &TRUSTED,
    &Expr::All(&[
        CONTROL,
        SESSION,
        Expr::Because("assuming a role needs both sides", &Expr::All(&[IDENTITY, TRUSTED])),
    ]),
);

const SAME: Expr =
    Expr::If(OWNER, &OWNS, &Expr::All(&[CONTROL, SESSION, Expr::Any(&[IDENTITY, Expr::Leaf(Layer::Resource, NAMED)])]));

const ACROSS: Expr = Expr::All(&[
    CONTROL,
    SESSION,
    Expr::Because(
        BOTH_SIDES,
        &Expr::All(&[
            IDENTITY,
            TRUSTED,
            Expr::If(
                KEYS,
                &Expr::If(
                    USE,
                    &PASS,
                    &Expr::Refused(FixedRule {
                        policy: "cross-account",
                        statement: "other accounts may only use a key",
                    }),
                ),
                &PASS,
            ),
        ]),
    ),
]);

const COMBINE: Expr = Expr::If(
    Test::Action(&["kms:DescribeRegions", "sts:GetCallerIdentity"]),
    &Expr::Allowed(FixedRule { policy: "open-operation", statement: "no permission needed" }),
    &Expr::If(
        Test::Either(&[Test::AssumeRole, Test::Action(&["sts:AssumeRole*"])]),
        &ASSUMPTION,
        &Expr::If(STRANGER, &Expr::Leaf(Layer::Resource, Kinds::ALL), &Expr::If(Test::SameAccount, &SAME, &ACROSS)),
    ),
);

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::sync::Arc;

    use polykms_core::policy::{
        Attached, Facts, Grouped, Layers, Level, Named, Principal, Question, RefusalCode, Value, Verdict,
    };

    use super::*;

    const KEY: &str = "acs:kms:cn-hangzhou:1000000000000001:key/k1";
    const ANYTHING: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    const NOTHING: &str = r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#;

    /// A question under construction; every layer is absent until it is given.
    struct Scene {
        principal: Principal<'static>,
        action: &'static str,
        resource: &'static str,
        facts: Facts,
        identity: Vec<Named>,
        identity_group: Option<Vec<Grouped>>,
        session: Option<Vec<Named>>,
        control: Option<Vec<Level>>,
        key: Option<Named>,
    }

    fn policy(kind: DocumentKind, statements: &str) -> Named {
        let text = format!(r#"{{"Version":"1","Statement":[{statements}]}}"#);
        Named { name: "p".into(), policy: Arc::new(SPEC.compile(kind, &text).unwrap()) }
    }

    fn of(kind: PrincipalKind, account: &'static str, arn: &'static str) -> Scene {
        Scene {
            principal: Principal { kind, account, arn, role_arn: None, user_arn: None, service: None, unique_id: None },
            action: "kms:Decrypt",
            resource: KEY,
            facts: Facts::new(),
            identity: Vec::new(),
            identity_group: None,
            session: None,
            control: None,
            key: None,
        }
    }

    fn user() -> Scene {
        of(PrincipalKind::User, "1000000000000001", "acs:ram::1000000000000001:user/dev")
    }

    fn foreigner() -> Scene {
        of(PrincipalKind::User, "2000000000000002", "acs:ram::2000000000000002:user/ext")
    }

    fn owner() -> Scene {
        of(PrincipalKind::Owner, "1000000000000001", "acs:ram::1000000000000001:root")
    }

    fn names(principal: &str) -> String {
        format!(r#"{{"Effect":"Allow","Principal":{{"RAM":["{principal}"]}},"Action":"kms:*","Resource":"*"}}"#)
    }

    impl Scene {
        fn action(self, action: &'static str) -> Self {
            Self { action, ..self }
        }

        fn on(self, resource: &'static str) -> Self {
            Self { resource, ..self }
        }

        fn fact(mut self, name: &str, value: &'static str) -> Self {
            self.facts.insert(name, Value::from(value));
            self
        }

        fn ram(self, statements: &str) -> Self {
            Self { identity: vec![policy(DocumentKind::Identity, statements)], ..self }
        }

        fn group(self, group: &str, statements: &str) -> Self {
            let named = policy(DocumentKind::Identity, statements);
            Self { identity_group: Some(vec![Grouped { group: group.into(), named }]), ..self }
        }

        fn session(self, statements: &str) -> Self {
            Self { session: Some(vec![policy(DocumentKind::Session, statements)]), ..self }
        }

        fn control(self, statements: &str) -> Self {
            let policies = vec![policy(DocumentKind::Control, statements)];
            Self { control: Some(vec![Level { name: "root".into(), policies }]), ..self }
        }

        fn key(self, statements: &str) -> Self {
            Self { key: Some(policy(DocumentKind::Key, statements)), ..self }
        }

        fn trust(self, statements: &str) -> Self {
            Self { key: Some(policy(DocumentKind::Trust, statements)), ..self }
        }

        fn is(&self, expected: Verdict) {
            let question = Question {
                principal: self.principal,
                action: self.action,
                resource: self.resource,
                resource_account: None,
                context: &self.facts,
                assume_role: self.action == "sts:AssumeRole",
                grant_id: None,
            };
            let layers = Layers {
                identity: Some(&self.identity),
                identity_group: self.identity_group.as_deref(),
                session: self.session.as_deref(),
                control: self.control.as_deref(),
                resource: self.key.as_ref().map(|named| Attached { attached_to: self.resource, named }),
                ..Layers::default()
            };
            let why = SPEC.explain(&question, &layers);
            assert_eq!((SPEC.decide(&question, &layers), why.verdict), (expected, expected), "{why:#?}");
        }

        fn allows(&self) {
            self.is(Verdict::Allow);
        }

        fn denies(&self) {
            self.is(Verdict::ExplicitDeny);
        }

        fn withholds(&self) {
            self.is(Verdict::ImplicitDeny);
        }
    }

    #[test]
    fn in_one_account_either_side_suffices() {
        user().ram(ANYTHING).allows();
        user().key(&names("acs:ram::1000000000000001:user/dev")).allows();
        user().ram(NOTHING).key(&names("acs:ram::1000000000000001:user/dev")).denies();
        user().withholds();
    }

    #[test]
    fn a_key_policy_for_the_account_grants_nothing_by_itself() {
        user().key(&names("acs:ram::1000000000000001:*")).withholds();
        user().key(&names("acs:ram::1000000000000001:root")).withholds();
        user().ram(ANYTHING).key(&names("acs:ram::1000000000000001:*")).allows();
    }

    #[test]
    fn another_account_needs_both_sides_and_may_only_use() {
        let key = names("acs:ram::2000000000000002:user/ext");
        foreigner().key(&key).withholds();
        foreigner().ram(ANYTHING).withholds();
        foreigner().ram(ANYTHING).key(&key).allows();
        foreigner().ram(ANYTHING).key(&key).action("kms:DisableKey").withholds();
    }

    #[test]
    fn the_owner_is_always_allowed_on_its_own() {
        owner().control(NOTHING).allows();
        owner().on("acs:kms:cn-hangzhou:2000000000000002:key/k1").withholds();
    }

    #[test]
    fn the_session_policy_limits_the_key_policy_too() {
        let key = names("acs:ram::1000000000000001:user/dev");
        let encrypt = r#"{"Effect":"Allow","Action":"kms:Encrypt","Resource":"*"}"#;
        user().key(&key).session(encrypt).withholds();
        user().key(&key).session(ANYTHING).allows();
        user().key(&key).control(encrypt).withholds();
    }

    #[test]
    fn resource_group_policies_count_only_when_the_account_scope_is_silent() {
        let grouped = |scene: Scene| scene.fact("acs:ResourceGroupId", "rg-a");
        grouped(user()).group("rg-a", ANYTHING).allows();
        grouped(user()).group("rg-b", ANYTHING).withholds();
        user().group("rg-a", ANYTHING).withholds();
        grouped(user()).group("rg-a", NOTHING).denies();
        grouped(user()).ram(ANYTHING).group("rg-a", NOTHING).allows();
        grouped(user()).ram(NOTHING).group("rg-a", ANYTHING).denies();
    }

    #[test]
    fn assuming_a_role_needs_both_sides() {
        let assume = || user().action("sts:AssumeRole").on("acs:ram::1000000000000001:role/r");
        let trust = |principal: &str| {
            let principal = format!(r#"{{"RAM":["{principal}"]}}"#);
            format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}"#)
        };
        assume().ram(ANYTHING).trust(&trust("acs:ram::1000000000000001:root")).allows();
        assume().trust(&trust("acs:ram::1000000000000001:user/dev")).withholds();
        assume().ram(ANYTHING).withholds();
        assume().ram(ANYTHING).trust(&trust("acs:ram::2000000000000002:root")).withholds();
    }

    #[test]
    fn containers_and_their_members_are_different_resources() {
        let allow = |resource: &str| format!(r#"{{"Effect":"Allow","Action":"kms:*","Resource":"{resource}"}}"#);
        let container = || user().action("kms:CreateKey").on("acs:kms:cn-hangzhou:1000000000000001:key");
        container().ram(&allow("acs:kms:*:*:key/*")).withholds();
        container().ram(&allow("acs:kms:*:*:key*")).allows();
        container().ram(&allow("acs:kms:*:*:key")).allows();
        user().ram(&allow("acs:kms:*:*:key")).withholds();
        user().ram(&allow("acs:kms:*:key/k1")).withholds();
        let role = || user().action("ram:GetRole").on("acs:ram:*:1000000000000001:role/r");
        role().ram(&allow("acs:ram::1000000000000001:role/*").replace("kms:", "ram:")).allows();
    }

    #[test]
    fn actions_outside_the_list_are_void_in_a_key_policy() {
        let key = names("acs:ram::1000000000000001:user/dev");
        user().key(&key).action("kms:AsymmetricSign").withholds();
        user().ram(ANYTHING).key(&key).action("kms:AsymmetricSign").allows();
    }

    #[test]
    fn negated_operators_hold_for_absent_keys_and_form_nor() {
        let outside = r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"acs:SourceVpc":["vpc-1","vpc-2"]}}}"#;
        let both = [ANYTHING, outside].join(",");
        user().ram(&both).denies();
        user().ram(&both).fact("acs:SourceVpc", "vpc-2").allows();
        user().ram(&both).fact("acs:SourceVpc", "vpc-3").denies();
    }

    #[test]
    fn operators_may_be_over_every_value_or_any() {
        let only = |operator: &str| {
            let condition = format!(r#"{{"{operator}":{{"ram:TrustedPrincipalTypes":["Service"]}}}}"#);
            format!(r#"{{"Effect":"Allow","Action":"ram:CreateRole","Resource":"*","Condition":{condition}}}"#)
        };
        let create = |operator: &str, types: &[&str]| {
            let mut scene =
                user().action("ram:CreateRole").on("acs:ram:*:1000000000000001:role/r").ram(&only(operator));
            let types: Vec<String> = types.iter().map(|one| (*one).to_owned()).collect();
            scene.facts.insert("ram:TrustedPrincipalTypes", Value::from(types));
            scene
        };
        create("ForAllValues:StringEquals", &["Service"]).allows();
        create("ForAllValues:StringEquals", &["RAM", "Service"]).withholds();
        create("ForAnyValue:StringEquals", &["RAM", "Service"]).allows();
        create("ForAnyValue:StringEquals", &["RAM"]).withholds();
        create("ForAnyValue:StringNotEquals", &["RAM"]).allows();
        user().action("ram:CreateRole").ram(&only("ForAllValues:StringEquals")).allows();
        user().action("ram:CreateRole").ram(&only("ForAnyValue:StringEquals")).withholds();
    }

    #[test]
    fn dollar_braces_are_text() {
        let allow =
            r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"kms:tag/u":"${acs:x}"}}}"#;
        user().ram(allow).fact("kms:tag/u", "dev").fact("acs:x", "dev").withholds();
        user().ram(allow).fact("kms:tag/u", "${acs:x}").allows();
    }

    #[test]
    fn what_the_language_does_not_have_is_refused() {
        let refused = |kind, text: &str| SPEC.compile(kind, text).unwrap_err().code;
        let condition = |operator: &str| {
            let condition = format!(r#"{{"{operator}":{{"acs:SourceIp":"x"}}}}"#);
            let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}"#);
            refused(DocumentKind::Identity, &format!(r#"{{"Version":"1","Statement":[{statement}]}}"#))
        };
        for operator in ["Null", "ArnLike", "BinaryEquals", "StringLikeIfExists", "ForAllValues:Null", "ForEach:Bool"] {
            assert_eq!(condition(operator), RefusalCode::Operator, "{operator}");
        }
        let identity = |text: &str| refused(DocumentKind::Identity, text);
        assert_eq!(identity(r#"{"Statement":[]}"#), RefusalCode::Version);
        assert_eq!(identity(r#"{"Version":"2012-10-17","Statement":[]}"#), RefusalCode::Version);
        assert_eq!(identity(&format!(r#"{{"Version":"1","Statement":{ANYTHING}}}"#)), RefusalCode::WrongType);
        let not_resource = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","NotResource":"*"}]}"#;
        assert_eq!(identity(not_resource), RefusalCode::UnknownElement);
        let key =
            |statement: String| refused(DocumentKind::Key, &format!(r#"{{"Version":"1","Statement":[{statement}]}}"#));
        let named = names("acs:ram::1000000000000001:user/dev");
        assert_eq!(key(named.replace("kms:*", "*")), RefusalCode::Action);
        assert_eq!(key(named.replace("user/dev", "group/dev")), RefusalCode::Principal);
        assert_eq!(
            key(named.replace("acs:ram::1000000000000001:user/dev", "1000000000000001")),
            RefusalCode::Principal
        );
        for principal in [r#""*""#, r#"{"RAM":["*"]}"#, r#"{"Service":["ecs.aliyuncs.com"]}"#] {
            let text = named.replace(r#"{"RAM":["acs:ram::1000000000000001:user/dev"]}"#, principal);
            assert_eq!(key(text), RefusalCode::Principal, "{principal}");
        }
        let identified = |length: usize| named.replacen('{', &format!(r#"{{"Sid":"{}","#, "s".repeat(length)), 1);
        assert_eq!(key(identified(129)), RefusalCode::Identifier);
        assert_eq!(key(named.replace(r#""Resource":"*""#, &format!(r#""Resource":"{KEY}""#))), RefusalCode::Resource);
    }

    #[test]
    fn the_examples_of_the_vendor_are_key_policies() {
        for sid in ["Enable RAM User Permissions", "kms default key policy", "a_/+=.@-9"] {
            let named = names("acs:ram::1000000000000001:*").replacen('{', &format!(r#"{{"Sid":"{sid}","#), 1);
            let text = format!(r#"{{"Version":"1","Statement":[{named}]}}"#);
            assert!(SPEC.compile(DocumentKind::Key, &text).is_ok(), "{sid}");
        }
    }

    #[test]
    fn describing_regions_needs_no_permission() {
        user().action("kms:DescribeRegions").on("*").allows();
    }
}
