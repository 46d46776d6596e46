//! The AWS policy language as data: grammar, operators, names, and how layers combine.
//!
//! Follows the IAM User Guide ("Policy evaluation logic", "Grammar of the IAM JSON policy language") and the KMS
//! Developer Guide ("Key policies", "Allowing users in other accounts to use a KMS key", "Grants").

mod forms;
mod services;

use polykms_core::policy::{
    DocumentKind, Effect, Expr, FixedRule, GrantRules, Identifiers, Kinds, Layer, NameSyntax, Operator, Order,
    Predicate, Presence, PrincipalForm, PrincipalKind, PrincipalType, ResourceClass, Shape, ShortNames, Spec, Test,
    Version,
};

use forms::{BARRED_FROM_KEYS, FORMS};
use services::UNDER_RESOURCE_CONTROL;

/// The policy language of AWS.
pub(crate) static SPEC: Spec = Spec {
    name: "aws",
    versions: &[Version { text: "2012-10-17", variables: true }, Version { text: "2008-10-17", variables: false }],
    version_required: false,
    latin: true,
    single_statement: true,
    bare_scalars: true,
    repeated_identifiers: false,
    idle_operators: true,
    forms: FORMS,
    shapes: SHAPES,
    operators: OPERATORS,
    quantifiers: true,
    if_exists: true,
    names: NameSyntax { scheme: "arn", segments: 6, service: 2, account: 4, star_fills_empty: false },
    principals: &[
        PrincipalType { element: "AWS", form: PrincipalForm::Identity },
        PrincipalType { element: "Service", form: PrincipalForm::Service },
        PrincipalType { element: "Federated", form: PrincipalForm::Provider },
        PrincipalType { element: "CanonicalUser", form: PrincipalForm::Opaque },
    ],
    account_names: &[("arn:aws:iam::", ":root"), ("arn:aws-cn:iam::", ":root"), ("arn:aws-us-gov:iam::", ":root")],
    bare_accounts: true,
    layer_names: &[(Layer::Control, "scp"), (Layer::ResourceControl, "rcp"), (Layer::Endpoint, "vpce")],
    group_key: None,
    grants: Some(GRANTS),
    combine: COMBINE,
};

const SHAPES: &[Shape] = &[
    PLAIN,
    Shape { kind: DocumentKind::Managed, newest: true, ..PLAIN },
    Shape { kind: DocumentKind::Session, ..PLAIN },
    Shape { kind: DocumentKind::Boundary, ..PLAIN },
    Shape { kind: DocumentKind::Control, ..PLAIN },
    Shape {
        kind: DocumentKind::ResourceControl,
        principal: Presence::Required,
        only_everyone: true,
        not_action: false,
        action_prefixes: UNDER_RESOURCE_CONTROL,
        short_names: ShortNames::Refused,
        effects: &[Effect::Deny],
        ..PLAIN
    },
    Shape {
        kind: DocumentKind::Key,
        action: Presence::Inert,
        resource: Presence::Inert,
        barred_keys: BARRED_FROM_KEYS,
        never_every: &["kms:encryptioncontext:", "aws:requesttag/"],
        ..RESOURCE
    },
    RESOURCE,
    Shape { kind: DocumentKind::Endpoint, ..RESOURCE },
    Shape {
        kind: DocumentKind::Trust,
        principal: Presence::Required,
        principal_names: PRINCIPALS,
        action_prefixes: &["sts:"],
        action_names: ASSUMPTIONS,
        not_action: false,
        resource: Presence::Forbidden,
        not_resource: false,
        ..PLAIN
    },
];

/// Every document may have an `Id`, also where it means nothing.
const PLAIN: Shape = Shape { id: true, ..Shape::PLAIN };

/// What a trust policy can be about.
const ASSUMPTIONS: &[&str] = &[
    "sts:assumerole",
    "sts:assumerolewithsaml",
    "sts:assumerolewithwebidentity",
    "sts:setcontext",
    "sts:setsourceidentity",
    "sts:tagsession",
];

/// What names in policies can be of: groups are no principals.
const PRINCIPALS: &[&str] = &["user/", "role/", "assumed-role/", "federated-user/"];

const RESOURCE: Shape = Shape {
    kind: DocumentKind::Resource,
    principal: Presence::Required,
    not_principal: true,
    principal_names: PRINCIPALS,
    short_names: ShortNames::PaddedIfWild,
    identifiers: Identifiers::Free,
    ..PLAIN
};

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
    Operator::is("BinaryEquals", Predicate::Bytes),
    Operator::is("IpAddress", Predicate::Network),
    Operator::not("NotIpAddress", Predicate::Network),
    Operator::is("ArnEquals", Predicate::Name),
    Operator::is("ArnLike", Predicate::Name),
    Operator::not("ArnNotEquals", Predicate::Name),
    Operator::not("ArnNotLike", Predicate::Name),
    Operator::is("Null", Predicate::Absent),
];

const GRANTS: GrantRules = GrantRules {
    action_prefix: "kms:",
    operations: &[
        "CreateGrant",
        "Decrypt",
        "DeriveSharedSecret",
        "DescribeKey",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GetPublicKey",
        "ReEncryptFrom",
        "ReEncryptTo",
        "RetireGrant",
        "Sign",
        "Verify",
        "VerifyMac",
    ],
    unconstrained: &["DescribeKey", "RetireGrant"],
    create: "CreateGrant",
    retire: "RetireGrant",
    pairs: "kms:EncryptionContext:",
    pair_names: "kms:EncryptionContextKeys",
    child_operations: "kms:GrantOperations",
    child_constraint: "kms:GrantConstraintType",
    equals: "EncryptionContextEquals",
    subset: "EncryptionContextSubset",
};

/// Operations on a key that another account may call.
const ACROSS_ACCOUNTS: Test = Test::Action(&[
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DeriveSharedSecret",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateMac",
    "kms:GetKeyRotationStatus",
    "kms:GetPublicKey",
    "kms:ListGrants",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:Sign",
    "kms:Verify",
    "kms:VerifyMac",
]);

const KEYS: Test = Test::Resource(&[ResourceClass { service: "kms", relative: "key/" }]);
const ROOT_USER: Test = Test::Principal(&[PrincipalKind::Owner]);
const SERVICE: Test = Test::Principal(&[PrincipalKind::Service]);
const STRANGER: Test = Test::Principal(&[PrincipalKind::Service, PrincipalKind::Anonymous]);
const SERVICE_LINKED: Test = Test::RoleNamed(&["aws-service-role/"]);

const BOTH_SIDES: &str = "cross-account needs both sides";
const DELEGATION: &str = "key policy does not delegate to the account";

const PASS: Expr = Expr::All(&[]);

/// Service control policies bind neither services nor service-linked roles.
const SCP: Expr = Expr::If(Test::Either(&[STRANGER, SERVICE_LINKED]), &PASS, &Expr::Optional(Layer::Control));
/// `RCPFullAWSAccess` is attached everywhere, so resource control policies only deny.
const RCP: Expr = Expr::If(SERVICE_LINKED, &PASS, &Expr::Guard(Layer::ResourceControl));
const VPCE: Expr = Expr::Optional(Layer::Endpoint);

/// What the caller's own account says.
const IDENTITY: Expr = Expr::If(
    ROOT_USER,
    &Expr::All(&[
        Expr::Allowed(FixedRule { policy: "root-user", statement: "account root user" }),
        Expr::Guard(Layer::Identity),
        Expr::Guard(Layer::Boundary),
        Expr::Guard(Layer::Session),
    ]),
    &Expr::All(&[
        Expr::Leaf(Layer::Identity, Kinds::ALL),
        Expr::Optional(Layer::Boundary),
        // A federated session without a session policy has nothing from its user.
        Expr::If(
            Test::Principal(&[PrincipalKind::FederatedUser]),
            &Expr::Leaf(Layer::Session, Kinds::ALL),
            &Expr::Optional(Layer::Session),
        ),
    ]),
);

const DIRECTLY: Kinds = Kinds::EXACT.or(Kinds::EVERYONE).or(Kinds::SERVICE);
const INDIRECTLY: Kinds = Kinds::ROLE.or(Kinds::USER);

/// A resource policy that names the caller; if it names the role or user behind a session, boundary and session policy
/// still limit.
const NAMED: Expr = Expr::Any(&[
    Expr::Leaf(Layer::Resource, DIRECTLY),
    Expr::All(&[
        Expr::Leaf(Layer::Resource, INDIRECTLY),
        Expr::Optional(Layer::Boundary),
        Expr::Optional(Layer::Session),
    ]),
]);

const GRANTED: Expr = Expr::Any(&[
    Expr::Leaf(Layer::Grants, DIRECTLY.or(Kinds::ROLE)),
    Expr::All(&[
        Expr::Leaf(Layer::Grants, Kinds::USER),
        Expr::Optional(Layer::Boundary),
        Expr::Optional(Layer::Session),
    ]),
    Expr::All(&[Expr::Leaf(Layer::Grants, Kinds::ACCOUNT), IDENTITY]),
]);

/// In one account: the key policy or a grant names the caller, or one of them leaves the matter to the account's IAM
/// policies.
const KEY_AT_HOME: Expr = Expr::Any(&[
    Expr::Leaf(Layer::Resource, DIRECTLY),
    Expr::Leaf(Layer::Grants, DIRECTLY.or(Kinds::ROLE)),
    Expr::All(&[
        Expr::Any(&[Expr::Leaf(Layer::Resource, INDIRECTLY), Expr::Leaf(Layer::Grants, Kinds::USER)]),
        Expr::Optional(Layer::Boundary),
        Expr::Optional(Layer::Session),
    ]),
    Expr::All(&[
        Expr::Any(&[
            Expr::Because(DELEGATION, &Expr::Leaf(Layer::Resource, Kinds::ACCOUNT)),
            Expr::Leaf(Layer::Grants, Kinds::ACCOUNT),
        ]),
        IDENTITY,
    ]),
]);

const BOTH: Expr = Expr::All(&[Expr::Leaf(Layer::Resource, Kinds::ALL), IDENTITY]);

const KEY: Expr = Expr::All(&[
    SCP,
    RCP,
    VPCE,
    Expr::If(
        SERVICE,
        &Expr::Any(&[Expr::Leaf(Layer::Resource, Kinds::ALL), Expr::Leaf(Layer::Grants, Kinds::SERVICE)]),
        &Expr::If(
            Test::SameAccount,
            &KEY_AT_HOME,
            &Expr::Any(&[
                Expr::Because(
                    BOTH_SIDES,
                    &Expr::All(&[
                        BOTH,
                        Expr::If(
                            ACROSS_ACCOUNTS,
                            &PASS,
                            &Expr::Refused(FixedRule {
                                policy: "cross-account",
                                statement: "operation cannot be used across accounts",
                            }),
                        ),
                    ]),
                ),
                GRANTED,
            ]),
        ),
    ),
]);

/// A grant itself says who may retire it; key policies and resource control policies do not count.
const RETIREMENT: Expr = Expr::All(&[SCP, VPCE, GRANTED]);

/// In one account: the trust policy names the caller, or leaves the matter to the account's IAM policies.
const ASSUMPTION_AT_HOME: Expr =
    Expr::Any(&[NAMED, Expr::All(&[Expr::Leaf(Layer::Resource, Kinds::ACCOUNT), IDENTITY])]);

/// What a session gives to the next one of its chain: both sides have to allow it, also in one account.
const CHAINED: Expr = Expr::If(Test::Principal(&[PrincipalKind::RoleSession]), &BOTH, &ASSUMPTION_AT_HOME);

/// A trust policy has to allow: by naming the caller, or by leaving the matter to the caller's account.
const ASSUMPTION: Expr = Expr::All(&[
    SCP,
    RCP,
    VPCE,
    Expr::If(
        STRANGER,
        &Expr::Leaf(Layer::Resource, Kinds::ALL),
        &Expr::If(
            Test::SameAccount,
            &Expr::If(Test::Action(&["sts:SetSourceIdentity"]), &CHAINED, &ASSUMPTION_AT_HOME),
            &Expr::Because(BOTH_SIDES, &BOTH),
        ),
    ),
]);

const ELSE: Expr = Expr::All(&[
    SCP,
    RCP,
    VPCE,
    Expr::If(
        STRANGER,
        &Expr::Leaf(Layer::Resource, Kinds::ALL),
        &Expr::If(Test::SameAccount, &Expr::Any(&[NAMED, IDENTITY]), &Expr::Because(BOTH_SIDES, &BOTH)),
    ),
]);

const COMBINE: Expr = Expr::If(
    Test::Action(&["kms:RetireGrant"]),
    &RETIREMENT,
    &Expr::If(
        KEYS,
        &KEY,
        &Expr::If(
            Test::Action(&["sts:GetCallerIdentity", "sts:GetSessionToken"]),
            &Expr::Allowed(FixedRule { policy: "open-operation", statement: "no permission needed" }),
            &Expr::If(Test::Either(&[Test::AssumeRole, Test::Action(&["sts:AssumeRole*"])]), &ASSUMPTION, &ELSE),
        ),
    ),
);

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#[path = "policy_tests.rs"]
mod tests;
