//! The Alibaba Cloud policy language as data: grammar, operators, names, and how layers combine.
//!
//! Follows the RAM documents "Policy structure and syntax", "Policy evaluation process" and the KMS document "Overview
//! of key policies".

use polykms_core::policy::{
    DocumentKind, Expr, FixedRule, Identifiers, Kinds, Layer, NameSyntax, Operator, Order, Predicate, Presence,
    PrincipalForm, PrincipalKind, PrincipalType, ResourceClass, Shape, Spec, Test, Version,
};

/// The policy language of Alibaba Cloud.
pub static SPEC: Spec = Spec {
    name: "alibaba",
    versions: &[Version { text: "1", variables: false }],
    version_required: true,
    latin: false,
    single_statement: false,
    bare_scalars: false,
    repeated_identifiers: true,
    shapes: SHAPES,
    operators: OPERATORS,
    quantifiers: false,
    if_exists: false,
    names: NameSyntax { scheme: "acs", segments: 5, service: 1, account: 3, star_fills_empty: true },
    principals: &[
        PrincipalType { element: "RAM", form: PrincipalForm::Identity },
        PrincipalType { element: "Service", form: PrincipalForm::Service },
        PrincipalType { element: "Federated", form: PrincipalForm::Provider },
    ],
    account_names: &["root", "*"],
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
        identifiers: Identifiers::Also("_/+=.@-"),
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

const SAME: Expr = Expr::If(
    OWNER,
    &OWNS,
    &Expr::All(&[CONTROL, SESSION, Expr::Any(&[IDENTITY, Expr::Leaf(Layer::Resource, NAMED)])]),
);

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
        &Expr::If(
            STRANGER,
            &Expr::Leaf(Layer::Resource, Kinds::ALL),
            &Expr::If(Test::SameAccount, &SAME, &ACROSS),
        ),
    ),
);
