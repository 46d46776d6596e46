//! Every documented condition key is filled for some operation, or it is said why not; each that is filled decides.
//!
//! The vendors' lists are those that the lints know: the keys, and the keys that each action brings.
//! `docs/condition-keys.md` is the outcome.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cloud;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use polykms::core::dialect::row::Status;
use polykms::core::dialect::{Dialect, Row, Service};
use polykms::core::engine::Engine;
use serde_json::{Value, json};

use cloud::{Cloud, Signer, actions, ask, clouds, denied};

/// Keys that no request has here, by name or, with a star at the end, by beginning, and why.
struct Missing(&'static [&'static str], &'static str);

/// Keys that requests for some actions do not have here although the vendor lists them, and why.
struct MissingFor(&'static [&'static str], &'static [&'static str], &'static str);

/// What is known of a dialect beside its own lists.
struct Known {
    title: &'static str,
    missing: &'static [Missing],
    missing_for: &'static [MissingFor],
    /// Keys that the vendor documents without listing them for actions.
    unlisted: &'static [&'static str],
}

const REGIONS: &str = "multi-Region keys are not built yet";
const ATTESTATION: &str = "attestation documents are not built yet";
const SERVICES: &str = "no service of the vendor makes requests here";
const MACHINES: &str = "there are no machines, chats or agents that requests come from";
const ORGANISATIONS: &str = "there are no organisations of accounts yet";
const NETWORKS: &str = "requests come over no private network of the vendor; `dev` can simulate circumstances";
const FEDERATION: &str = "federation with other identity providers is not built yet";
const SECOND_FACTORS: &str = "multi-factor authentication is not built yet; `dev` can simulate circumstances";
const NEW: &str = "what is to be made has no tags yet";

const AWS: Known = Known {
    title: "AWS",
    missing: &[
        Missing(&["acm:*", "acm-pca:*"], "Certificate Manager is not built yet"),
        Missing(&["secretsmanager:*"], "Secrets Manager is not built yet"),
        Missing(
            &["aws:AssumedRoot", "sts:TaskPolicyArn"],
            "sessions of the owners of other accounts are not built yet",
        ),
        Missing(
            &[
                "aws:CalledVia",
                "aws:CalledViaFirst",
                "aws:CalledViaLast",
                "aws:PrincipalServiceName",
                "aws:PrincipalServiceNamesList",
                "aws:SourceAccount",
                "aws:SourceArn",
                "aws:SourceOrgID",
                "aws:SourceOrgPaths",
                "aws:SourceOwner",
                "iam:AWSServiceName",
                "iam:PassedToService",
                "iam:AssociatedResourceArn",
                "kms:ViaService",
                "sts:AWSServiceName",
            ],
            SERVICES,
        ),
        Missing(
            &[
                "aws:CalledViaAWSMCP",
                "aws:ChatbotSourceArn",
                "aws:Ec2InstanceSourcePrivateIPv4",
                "aws:Ec2InstanceSourceVpc",
                "aws:IsMcpServiceAction",
                "aws:ViaAWSMCPService",
            ],
            MACHINES,
        ),
        Missing(
            &[
                "aws:FederatedProvider",
                "sts:IdentityTokenAudience",
                "sts:RequestContext/*",
                "sts:RequestContextProviders",
                "sts:RoleAuthorizedByIdp",
                "sts:SigningAlgorithm",
            ],
            FEDERATION,
        ),
        Missing(&["aws:MultiFactorAuthAge", "iam:FIDO*", "iam:RegisterSecurityKey"], SECOND_FACTORS),
        Missing(
            &[
                "aws:PrincipalOrgID",
                "aws:PrincipalOrgPaths",
                "aws:ResourceOrgID",
                "aws:ResourceOrgPaths",
                "iam:OrganizationsPolicyId",
            ],
            ORGANISATIONS,
        ),
        Missing(
            &[
                "aws:SourceVpc",
                "aws:SourceVpcArn",
                "aws:SourceVpce",
                "aws:VpcSourceIp",
                "aws:VpceAccount",
                "aws:VpceOrgID",
                "aws:VpceOrgPaths",
            ],
            NETWORKS,
        ),
        Missing(&["iam:AccountPropertyNamespaces"], "properties of accounts are not built yet"),
        Missing(
            &["iam:DelegationDuration", "iam:DelegationRequestOwner", "iam:NotificationChannel", "iam:TemplateArn"],
            "delegation requests are not built yet",
        ),
        Missing(&["iam:PermissionsBoundary"], "permissions boundaries are not built yet"),
        Missing(&["iam:RoleTemplateARN"], "role templates are not built yet"),
        Missing(
            &["iam:ServiceSpecificCredentialAgeDays", "iam:ServiceSpecificCredentialServiceName"],
            "there is no service that would take these credentials",
        ),
        Missing(
            &["kms:GrantConstraintSourceArn", "kms:GranteeServicePrincipal", "kms:RetiringServicePrincipal"],
            "grants to services of the vendor are not built yet",
        ),
        Missing(&["kms:MultiRegionKeyType", "kms:PrimaryRegion", "kms:ReplicaRegion"], REGIONS),
        Missing(&["kms:RecipientAttestation:*"], ATTESTATION),
        Missing(&["kms:TrailingDaysWithoutKeyUsage"], "the last use of a key is not recorded yet"),
        Missing(&["sts:DurationSeconds"], "tokens for other parties are not built yet"),
        Missing(&["sts:TransitiveTagKeys"], "session tags are not built yet"),
    ],
    missing_for: &[
        MissingFor(&["kms:CreateKey", "iam:CreatePolicy"], &["aws:ResourceTag/*"], NEW),
        MissingFor(&["iam:CreateRole", "iam:CreateUser"], &["aws:ResourceTag/*", "iam:ResourceTag/*"], NEW),
        MissingFor(&["sts:AssumeRole"], &["aws:RequestTag/*", "aws:TagKeys"], "session tags are not built yet"),
    ],
    unlisted: &["kms:CustomerMasterKeySpec", "kms:CustomerMasterKeyUsage"],
};

const ALIBABA: Known = Known {
    title: "Alibaba Cloud",
    missing: &[
        Missing(&["acs:PrincipalRDId", "acs:PrincipalRDPath"], ORGANISATIONS),
        Missing(&["acs:ResourceGroupId"], "resource groups are not built yet"),
        Missing(&["acs:Service"], SERVICES),
        Missing(&["acs:SourceVpc", "acs:VpcSourceIp"], NETWORKS),
    ],
    missing_for: &[],
    unlisted: &[],
};

fn known(dialect: &Dialect) -> &'static Known {
    match dialect.name {
        "aws" => &AWS,
        "alibaba" => &ALIBABA,
        other => panic!("nothing is known of `{other}`"),
    }
}

fn dialects() -> Vec<&'static Dialect> {
    polykms::registry().expect("dialects").dialects().to_vec()
}

/// A name as it is compared: families end in a star, and case does not count.
fn folded(name: &str) -> String {
    name.replace("<key>", "*").to_ascii_lowercase()
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn documented(dialect: &Dialect) -> Vec<&'static str> {
    lines(dialect.law.lints.condition_keys).map(|line| line.split(' ').next().expect("a name")).collect()
}

/// The keys that each action brings, where that is known.
fn brought(dialect: &Dialect) -> BTreeMap<&'static str, BTreeSet<String>> {
    let action = |line: &'static str| {
        let mut columns = line.split('\t');
        let (name, keys) = (columns.next().expect("an action"), columns.nth(1).unwrap_or_default());
        (keys != "?").then(|| (name, keys.split(' ').filter(|key| !key.is_empty()).map(folded).collect()))
    };
    lines(dialect.law.lints.actions).filter_map(action).collect()
}

fn built(dialect: &'static Dialect) -> impl Iterator<Item = (&'static Service, &'static Row)> {
    let rows = dialect.services.iter().flat_map(|service| service.rows.iter().map(move |row| (service, row)));
    rows.filter(|(_, row)| row.status() == Status::Built)
}

fn of_every_request(dialect: &Dialect) -> BTreeSet<String> {
    dialect.law.context.iter().map(|key| folded(key.name)).collect()
}

fn of_row(row: &Row) -> BTreeSet<String> {
    row.context().map(folded).collect()
}

fn filled(dialect: &'static Dialect) -> BTreeSet<String> {
    built(dialect).flat_map(|(_, row)| of_row(row)).chain(of_every_request(dialect)).collect()
}

impl Missing {
    fn is(&self, key: &str) -> bool {
        self.0.iter().any(|name| means(name, key))
    }
}

/// Whether a name, or a beginning with a star, means the key.
fn means(name: &str, key: &str) -> bool {
    let (name, key) = (name.to_ascii_lowercase(), key.to_ascii_lowercase());
    name == key || name.strip_suffix('*').is_some_and(|start| key.starts_with(start))
}

#[test]
fn every_documented_key_is_filled_somewhere_or_has_a_reason() {
    for dialect in dialects() {
        let (filled, missing) = (filled(dialect), known(dialect).missing);
        for key in documented(dialect) {
            let reasons = missing.iter().filter(|missing| missing.is(key)).count();
            let expected = usize::from(!filled.contains(&folded(key)));
            assert_eq!(reasons, expected, "`{key}`: either it is filled, or one reason says why not");
        }
        let documented: BTreeSet<_> = documented(dialect).into_iter().map(folded).collect();
        let unknown: Vec<_> = filled.difference(&documented).collect();
        assert!(unknown.is_empty(), "filled, but not in the vendor's list: {unknown:?}");
        let names = missing.iter().flat_map(|missing| missing.0);
        let idle: Vec<_> = names.filter(|name| !documented.iter().any(|key| means(name, key))).collect();
        assert!(idle.is_empty(), "missing, but not in the vendor's list: {idle:?}");
    }
}

#[test]
fn every_action_brings_exactly_the_keys_that_the_vendor_lists() {
    for dialect in dialects() {
        let (everywhere, brought, known) = (of_every_request(dialect), brought(dialect), known(dialect));
        let mut asked = 0;
        for (_, row) in built(dialect) {
            let filled = of_row(row);
            let always = row.demands().filter(|demand| demand.waived.is_none() && !demand.conditional);
            for action in always.map(|demand| demand.action) {
                let Some(brought) = brought.get(action) else { continue };
                asked += 1;
                for key in brought.iter().filter(|key| !everywhere.contains(*key)) {
                    let excepted = known.missing.iter().any(|missing| missing.is(key))
                        || known.missing_for.iter().any(|MissingFor(actions, keys, _)| {
                            actions.contains(&action) && keys.iter().any(|name| folded(name) == *key)
                        });
                    assert_eq!(filled.contains(key), !excepted, "`{key}` of {action}");
                }
                let unlisted: BTreeSet<_> = known.unlisted.iter().map(|name| folded(name)).collect();
                let more: Vec<_> =
                    filled.iter().filter(|key| !brought.contains(*key) && !unlisted.contains(*key)).collect();
                assert!(more.is_empty(), "{action} does not bring {more:?}");
            }
        }
        assert!(asked > 20, "{asked}");
    }
}

const DOCUMENT: &str = "docs/condition-keys.md";

#[test]
fn the_documented_table_is_that_of_the_code() {
    let mut table =
        "# Condition keys\n\nWhat policies may ask about a request. `tests/condition_keys.rs` compares these \
                     tables with the code\nand with the vendors' lists; `UPDATE_DOCS=1` writes them.\n"
            .to_owned();
    for dialect in dialects() {
        render(dialect, &mut table);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &table).expect("written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == table, "{DOCUMENT} is old: run this test with UPDATE_DOCS=1");
}

fn render(dialect: &'static Dialect, table: &mut String) {
    let Known { title, missing, missing_for, .. } = known(dialect);
    let everywhere = of_every_request(dialect);
    let _ = write!(table, "\n## {title}\n\n| keys | requests that carry them |\n|---|---|\n");
    let mut carried: Vec<(String, Vec<&str>)> = Vec::new();
    for key in documented(dialect) {
        let folded = folded(key);
        let with = |service: &'static Service| {
            let rows = service.rows.iter().filter(|row| row.status() == Status::Built);
            let names: Vec<_> = rows.filter(|row| of_row(row).contains(&folded)).map(Row::wire).collect();
            (!names.is_empty()).then(|| format!("{}: {}", service.name, names.join(", ")))
        };
        let by = match everywhere.contains(&folded) {
            true => "all, where it has a value".to_owned(),
            false => dialect.services.iter().filter_map(with).collect::<Vec<_>>().join("; "),
        };
        match carried.iter_mut().find(|(known, _)| *known == by) {
            Some((_, keys)) => keys.push(key),
            None => carried.push((by, vec![key])),
        }
    }
    let names = |names: &[&str]| format!("`{}`", names.join("`, `"));
    for (by, keys) in carried.iter().filter(|(by, _)| !by.is_empty()) {
        let _ = writeln!(table, "| {} | {by} |", names(keys));
    }
    let _ = write!(table, "\n| keys that no request carries | why |\n|---|---|\n");
    for Missing(keys, why) in *missing {
        let _ = writeln!(table, "| {} | {why} |", names(keys));
    }
    if !missing_for.is_empty() {
        let _ = write!(table, "\n| keys | missing for | why |\n|---|---|---|\n");
        for MissingFor(actions, keys, why) in *missing_for {
            let _ = writeln!(table, "| {} | {} | {why} |", names(keys), names(actions));
        }
    }
}

/// One key in a condition that a request satisfies, and in one that it does not.
struct Probe {
    key: &'static str,
    operation: &'static str,
    /// What the arguments have beside those of every other test.
    more: Value,
    hit: Value,
    miss: Value,
    /// Whether a session of a role asks, and not a user.
    session: bool,
}

fn probe(key: &'static str, operation: &'static str, operator: &str, hit: &str, miss: &str) -> Probe {
    let condition = |value: &str| json!({operator: {key: value}});
    Probe { key, operation, more: json!({}), hit: condition(hit), miss: condition(miss), session: false }
}

impl Probe {
    fn with(self, more: Value) -> Self {
        Self { more, ..self }
    }

    /// Under another name of the same family.
    fn of(self, family: &'static str) -> Self {
        Self { key: family, ..self }
    }

    fn by_session(self) -> Self {
        Self { session: true, ..self }
    }
}

const DESCRIBE: &str = "kms/DescribeKey";
const AGENT: &str = "probe/1.0";
const REFERER: &str = "https://example.com/from";

fn of_aws() -> Vec<Probe> {
    let text = |key, operation, hit, miss| probe(key, operation, "StringEquals", hit, miss);
    let any = |key, operation, hit, miss| probe(key, operation, "ForAnyValue:StringEquals", hit, miss);
    let flag = |key, operation, hit, miss| probe(key, operation, "Bool", hit, miss);
    let name = |key, operation, hit, miss| probe(key, operation, "ArnEquals", hit, miss);
    let asker = "arn:aws:iam::000000000000:user/asker";
    let context = json!({"EncryptionContext": {"app": "pay"}});
    let tags = json!({"Tags": [{"TagKey": "a", "TagValue": "b"}]});
    vec![
        probe("aws:CurrentTime", DESCRIBE, "DateGreaterThan", "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"),
        probe("aws:EpochTime", DESCRIBE, "NumericGreaterThan", "1577836800", "32472144000"),
        flag("aws:MultiFactorAuthPresent", DESCRIBE, "false", "true").by_session(),
        text("aws:PrincipalAccount", DESCRIBE, "000000000000", "111122223333"),
        name("aws:PrincipalArn", DESCRIBE, asker, "arn:aws:iam::000000000000:user/ann"),
        name("aws:PrincipalArn", DESCRIBE, "arn:aws:iam::000000000000:role/rol", asker).by_session(),
        flag("aws:PrincipalIsAWSService", DESCRIBE, "false", "true"),
        text("aws:PrincipalTag/team", DESCRIBE, "red", "blue").of("aws:PrincipalTag/*"),
        text("aws:PrincipalType", DESCRIBE, "User", "AssumedRole"),
        text("aws:PrincipalType", DESCRIBE, "AssumedRole", "User").by_session(),
        text("aws:referer", DESCRIBE, REFERER, "https://example.com/"),
        text("aws:RequestedRegion", DESCRIBE, "us-east-1", "eu-central-1"),
        text("aws:ResourceAccount", DESCRIBE, "000000000000", "111122223333"),
        flag("aws:SecureTransport", DESCRIBE, "false", "true"),
        text("aws:SourceIdentity", DESCRIBE, "ann", "bob").by_session(),
        probe("aws:SourceIp", DESCRIBE, "IpAddress", "127.0.0.0/8", "10.0.0.0/8"),
        probe("aws:TokenIssueTime", DESCRIBE, "DateGreaterThan", "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z")
            .by_session(),
        probe("aws:UserAgent", DESCRIBE, "StringLike", "probe/*", "browser/*"),
        flag("aws:ViaAWSService", DESCRIBE, "false", "true"),
        probe("aws:userid", DESCRIBE, "StringLike", "AIDA*", "AROA*"),
        probe("aws:userid", DESCRIBE, "StringLike", "AROA*:session", "AROA*:other").by_session(),
        text("aws:username", DESCRIBE, "asker", "ann"),
        text("aws:ResourceTag/a", DESCRIBE, "b", "c").of("aws:ResourceTag/*"),
        text("aws:ResourceTag/team", "iam/GetUser", "blue", "red").of("aws:ResourceTag/*"),
        text("iam:ResourceTag/team", "iam/GetUser", "blue", "red").of("iam:ResourceTag/*"),
        text("aws:RequestTag/a", "kms/TagResource", "b", "c").of("aws:RequestTag/*"),
        text("aws:RequestTag/a", "kms/CreateKey", "b", "c").of("aws:RequestTag/*").with(tags.clone()),
        any("aws:TagKeys", "kms/CreateKey", "a", "z").with(tags),
        any("aws:TagKeys", "kms/UntagResource", "a", "z"),
        text("kms:CallerAccount", DESCRIBE, "000000000000", "111122223333"),
        text("kms:KeySpec", "kms/CreateKey", "SYMMETRIC_DEFAULT", "RSA_2048"),
        text("kms:KeySpec", DESCRIBE, "SYMMETRIC_DEFAULT", "RSA_2048"),
        text("kms:KeyUsage", DESCRIBE, "ENCRYPT_DECRYPT", "SIGN_VERIFY"),
        text("kms:KeyOrigin", DESCRIBE, "AWS_KMS", "EXTERNAL"),
        text("kms:CustomerMasterKeySpec", DESCRIBE, "SYMMETRIC_DEFAULT", "RSA_2048"),
        text("kms:CustomerMasterKeyUsage", DESCRIBE, "ENCRYPT_DECRYPT", "SIGN_VERIFY"),
        flag("kms:MultiRegion", DESCRIBE, "false", "true"),
        any("kms:ResourceAliases", DESCRIBE, "alias/known", "alias/other"),
        text("kms:RequestAlias", DESCRIBE, "alias/known", "alias/other").with(json!({"KeyId": "alias/known"})),
        text("kms:EncryptionAlgorithm", "kms/Encrypt", "SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_256"),
        text("kms:EncryptionContext:app", "kms/Encrypt", "pay", "other")
            .of("kms:EncryptionContext:*")
            .with(context.clone()),
        any("kms:EncryptionContextKeys", "kms/Encrypt", "app", "App").with(context),
        text("kms:KeySpec", "kms/GetPublicKey", "ECC_NIST_P256", "SYMMETRIC_DEFAULT"),
        text("kms:KeyUsage", "kms/GenerateMac", "GENERATE_VERIFY_MAC", "ENCRYPT_DECRYPT"),
        text("kms:SigningAlgorithm", "kms/Sign", "ECDSA_SHA_256", "ECDSA_SHA_384"),
        text("kms:SigningAlgorithm", "kms/Verify", "ECDSA_SHA_256", "ECDSA_SHA_384"),
        text("kms:MessageType", "kms/Sign", "RAW", "DIGEST"),
        text("kms:MacAlgorithm", "kms/GenerateMac", "HMAC_SHA_256", "HMAC_SHA_512"),
        text("kms:MacAlgorithm", "kms/VerifyMac", "HMAC_SHA_256", "HMAC_SHA_512"),
        text("kms:KeyAgreementAlgorithm", "kms/DeriveSharedSecret", "ECDH", "ECMQV"),
        text("kms:DataKeyPairSpec", "kms/GenerateDataKeyPair", "ECC_NIST_P256", "RSA_2048"),
        flag("kms:ReEncryptOnSameKey", "kms/ReEncrypt", "false", "true"),
        probe("kms:ScheduleKeyDeletionPendingWindowInDays", "kms/ScheduleKeyDeletion", "NumericEquals", "7", "30"),
        flag("kms:GrantIsForAWSResource", "kms/ListGrants", "false", "true"),
        any("kms:GrantOperations", "kms/CreateGrant", "Encrypt", "Decrypt"),
        name(
            "kms:GranteePrincipal",
            "kms/CreateGrant",
            "arn:aws:iam::000000000000:user/ann",
            "arn:aws:iam::000000000000:user/asker",
        ),
        text("kms:RetiringPrincipal", "kms/CreateGrant", asker, "arn:aws:iam::000000000000:user/ann")
            .with(json!({"RetiringPrincipal": asker})),
        text("kms:GrantConstraintType", "kms/CreateGrant", "EncryptionContextSubset", "EncryptionContextEquals"),
        text("kms:EncryptionContext:app", "kms/CreateGrant", "pay", "other").of("kms:EncryptionContext:*"),
        text("kms:WrappingAlgorithm", "kms/GetParametersForImport", "RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1"),
        text("kms:WrappingKeySpec", "kms/GetParametersForImport", "RSA_2048", "RSA_4096"),
        text("kms:ExpirationModel", "kms/ImportKeyMaterial", "KEY_MATERIAL_DOES_NOT_EXPIRE", "KEY_MATERIAL_EXPIRES"),
        probe("kms:ValidTo", "kms/ImportKeyMaterial", "NumericEquals", "4102444800", "4102444801")
            .with(json!({"ValidTo": 4_102_444_800_i64, "ExpirationModel": "KEY_MATERIAL_EXPIRES"})),
        probe("kms:RotationPeriodInDays", "kms/EnableKeyRotation", "NumericEquals", "90", "365"),
        flag("kms:BypassPolicyLockoutSafetyCheck", "kms/PutKeyPolicy", "true", "false")
            .with(json!({"BypassPolicyLockoutSafetyCheck": true})),
        flag("kms:BypassPolicyLockoutSafetyCheck", "kms/CreateKey", "true", "false")
            .with(json!({"BypassPolicyLockoutSafetyCheck": true})),
        name(
            "iam:PolicyARN",
            "iam/AttachUserPolicy",
            "arn:aws:iam::000000000000:policy/pol",
            "arn:aws:iam::aws:policy/AdministratorAccess",
        ),
        text("sts:ExternalId", "sts/AssumeRole", "ours", "theirs").with(json!({"ExternalId": "ours"})),
        text("sts:RoleSessionName", "sts/AssumeRole", "session", "other"),
        text("sts:SourceIdentity", "sts/AssumeRole", "ann", "bob").with(json!({"SourceIdentity": "ann"})),
    ]
}

fn of_alibaba() -> Vec<Probe> {
    let text = |key, operation, hit, miss| probe(key, operation, "StringEquals", hit, miss);
    let flag = |key, operation, hit, miss| probe(key, operation, "Bool", hit, miss);
    let any = |key, operation, hit, miss| probe(key, operation, "ForAnyValue:StringEquals", hit, miss);
    let asker = "acs:ram::1000000000000000:user/asker";
    let service = json!({"Version": "1", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs.aliyuncs.com"}}]});
    let served = json!({"NewAssumeRolePolicyDocument": service.to_string()});
    vec![
        probe("acs:SourceIp", DESCRIBE, "IpAddress", "127.0.0.0/8", "10.0.0.0/8"),
        flag("acs:SecureTransport", DESCRIBE, "false", "true"),
        probe("acs:CurrentTime", DESCRIBE, "DateGreaterThan", "2020-01-01T00:00:00+08:00", "2999-01-01T00:00:00+08:00"),
        flag("acs:MFAPresent", DESCRIBE, "false", "true"),
        text("acs:PrincipalARN", DESCRIBE, asker, "acs:ram::1000000000000000:user/ann"),
        text("acs:PrincipalARN", DESCRIBE, "acs:ram::1000000000000000:role/rol", asker).by_session(),
        text("acs:ResourceTag/a", DESCRIBE, "b", "c").of("acs:ResourceTag/*"),
        text("acs:RequestTag/a", "kms/TagResource", "b", "c").of("acs:RequestTag/*"),
        text("kms:tag/a", DESCRIBE, "b", "c").of("kms:tag/*"),
        text("kms:tag/a", "kms/Encrypt", "b", "c").of("kms:tag/*"),
        text("kms:EncryptionAlgorithm", "kms/Encrypt", "SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_256"),
        text("kms:EncryptionAlgorithm", "kms/AsymmetricEncrypt", "RSAES_OAEP_SHA_256", "SYMMETRIC_DEFAULT"),
        text("kms:EncryptionContext:app", "kms/Encrypt", "pay", "other")
            .of("kms:EncryptionContext:*")
            .with(json!({"EncryptionContext": "{\"app\":\"pay\"}"})),
        any("ram:TrustedPrincipalTypes", "ram/CreateRole", "RAM", "Service"),
        any("ram:TrustedPrincipalTypes", "ram/UpdateRole", "Service", "RAM").with(served.clone()),
        any("ram:ServiceNames", "ram/CreateRole", "ecs.aliyuncs.com", "oss.aliyuncs.com")
            .with(json!({"AssumeRolePolicyDocument": served["NewAssumeRolePolicyDocument"]})),
        any("ram:ServiceNames", "ram/UpdateRole", "ecs.aliyuncs.com", "oss.aliyuncs.com").with(served),
        text("sts:ExternalId", "sts/AssumeRole", "ours", "theirs").with(json!({"ExternalId": "ours"})),
    ]
}

fn probes(cloud: &Cloud) -> Vec<Probe> {
    if cloud.dialect.name == "aws" { of_aws() } else { of_alibaba() }
}

#[tokio::test]
async fn every_key_that_is_filled_decides() {
    for cloud in clouds() {
        let probed: BTreeSet<_> = probes(&cloud).iter().map(|probe| folded(probe.key)).collect();
        assert_eq!(probed, filled(cloud.dialect), "{}: a key is probed if it is filled", cloud.dialect.name);
        for probe in probes(&cloud) {
            for (condition, allowed) in [(&probe.hit, true), (&probe.miss, false)] {
                let (status, body) = put(&cloud, &probe, condition).await;
                assert_eq!(
                    !denied(&body),
                    allowed,
                    "{} of {}: {condition}: {status} {body}",
                    probe.key,
                    probe.operation
                );
            }
        }
    }
}

/// The answer under a policy that allows the operation under a condition.
async fn put(cloud: &Cloud, probe: &Probe, condition: &Value) -> (u16, String) {
    let (service, operation) = probe.operation.split_once('/').expect("a service and an operation");
    let service = cloud.dialect.services.iter().find(|known| known.name == service).expect("a service");
    let row = service.row(operation).expect("an operation");
    let policy = json!({"Version": cloud.version, "Statement": [
        {"Effect": "Allow", "Action": actions(row), "Resource": "*", "Condition": condition}]});
    let engine = match probe.session {
        false => cloud.engine(Some(policy)).await,
        true => cloud.engine_with(Some(cloud.policy(&[("Allow", vec!["sts:*"])])), Some(policy)).await,
    };
    let asker = match probe.session {
        false => Signer { id: "asker".to_owned(), secret: "secret".to_owned(), token: None },
        true => session(cloud, &engine).await,
    };
    let mut arguments = cloud.arguments(&engine, service, operation).await.expect("arguments");
    let more = probe.more.as_object().expect("an object").clone();
    arguments.as_object_mut().expect("an object").extend(more);
    let mut request = cloud.request_of(service, operation, &arguments, Some(&asker));
    request.head.headers.insert("user-agent", AGENT.parse().expect("a header"));
    request.head.headers.insert("referer", REFERER.parse().expect("a header"));
    ask(&engine, request).await
}

async fn session(cloud: &Cloud, engine: &Engine) -> Signer {
    let service = cloud.dialect.services.iter().find(|known| known.name == "sts").expect("a service");
    let mut arguments = cloud.arguments(engine, service, "AssumeRole").await.expect("arguments");
    if cloud.dialect.name == "aws" {
        arguments["SourceIdentity"] = json!("ann");
    }
    let request = cloud.request(service, "AssumeRole", &arguments, Some("asker"));
    let (status, body) = ask(engine, request).await;
    assert_eq!(status, 200, "{body}");
    Signer::of(&body)
}
