//! Managed policies and their versions: CreatePolicy, GetPolicy, ListPolicies, DeletePolicy, CreatePolicyVersion,
//! GetPolicyVersion, ListPolicyVersions, SetDefaultPolicyVersion, DeletePolicyVersion.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::Result;
use polykms_core::identity::ManagedPolicy;
use polykms_core::identity::managed_policy as op;
use polykms_core::list::Listed;
use serde_json::{Value, json};

use super::{
    ARN, DOCUMENT, Fields, NAME_128, NOTHING, POLICY_DESCRIPTION, POLICY_PATH, Shape, date, document, list, policy,
    read, tags, within, words,
};
use crate::resource;
use crate::wire::query::Arguments;

/// Characters that a managed policy may have.
const MOST: usize = 6144;

const VERSION_ID: Shape = Shape {
    min: 0,
    max: usize::MAX,
    pattern: r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?",
    fits: |text| {
        let Some(rest) = text.strip_prefix('v') else { return false };
        let (number, tail) = rest.split_once('.').unwrap_or((rest, ""));
        let digits = number.bytes().all(|byte| byte.is_ascii_digit()) && !matches!(number.as_bytes(), [] | [b'0', ..]);
        digits && tail.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    },
};

/// The number of a version; one that never exists for a number that was never given.
fn number(fields: &mut Fields<'_>) -> u32 {
    let text = fields.required("VersionId", &VERSION_ID);
    text.strip_prefix('v').and_then(|number| number.parse().ok()).unwrap_or(u32::MAX)
}

/// A policy as lists tell it.
fn tree(managed: &op::Managed) -> Value {
    match managed {
        op::Managed::Custom(policy) => custom(policy),
        // AWS tells when its policies were made; that is not known here.
        op::Managed::System(policy) => json!({
            "PolicyName": policy.name,
            "PolicyId": system_id(policy.name),
            "Arn": resource::policy_arn("aws", policy.path, policy.name),
            "Path": policy.path,
            "DefaultVersionId": format!("v{}", policy.version),
            "PermissionsBoundaryUsageCount": 0,
            "IsAttachable": true,
        }),
    }
}

fn custom(policy: &ManagedPolicy) -> Value {
    json!({
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": resource::policy_arn(&policy.account, &policy.path, &policy.name),
        "Path": policy.path,
        "DefaultVersionId": format!("v{}", policy.default_version),
        "AttachmentCount": policy.attached_to.len(),
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": true,
        "CreateDate": date(policy.created_at),
        "UpdateDate": date(policy.updated_at),
    })
}

/// A stable identifier for a policy of AWS, in the form of one.
fn system_id(name: &str) -> String {
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| char::from(byte.to_ascii_uppercase()));
    "ANPA".chars().chain(letters.chain(std::iter::repeat('A')).take(17)).collect()
}

/// A policy with what only its own description tells.
fn whole(managed: &op::Managed) -> Value {
    let (description, own_tags) = match managed {
        op::Managed::Custom(policy) => (words(&policy.description), tags(&policy.tags)),
        op::Managed::System(policy) => (words(policy.description), Value::Null),
    };
    let mut tree = tree(managed);
    if let Some(members) = tree.as_object_mut() {
        members.insert("Description".to_owned(), description);
        members.insert("Tags".to_owned(), own_tags);
    }
    tree
}

/// Makes a managed policy.
pub(crate) struct CreatePolicy;

impl Former for CreatePolicy {
    type Op = op::CreatePolicy;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let name = fields.required("PolicyName", &NAME_128);
            let path = fields.optional("Path", &POLICY_PATH).unwrap_or_else(|| "/".to_owned());
            let description = fields.optional("Description", &POLICY_DESCRIPTION).unwrap_or_default();
            let document = fields.required("PolicyDocument", &DOCUMENT);
            let tags = fields.tags()?;
            Ok(op::CreatePolicy { name, path, description, document: within("PolicySize", MOST, document)?, tags })
        })
    }

    fn encode(policy: ManagedPolicy) -> Result<Payload> {
        let mut tree = custom(&policy);
        if let Some(members) = tree.as_object_mut() {
            members.insert("Tags".to_owned(), tags(&policy.tags));
        }
        Ok(Payload::Tree(json!({ "Policy": tree })))
    }
}

/// Tells about a managed policy.
pub(crate) struct GetPolicy;

impl Former for GetPolicy {
    type Op = op::DescribePolicy;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| Ok(op::DescribePolicy { policy: policy(&fields.required("PolicyArn", &ARN))? }))
    }

    fn encode(managed: op::Managed) -> Result<Payload> {
        Ok(Payload::Tree(json!({ "Policy": whole(&managed) })))
    }
}

/// Lists managed policies.
pub(crate) struct ListPolicies;

impl Former for ListPolicies {
    type Op = op::ListPolicies;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let scope = match fields.choice("Scope", &["All", "AWS", "Local"]) {
                Some("AWS") => op::Scope::System,
                Some("Local") => op::Scope::Custom,
                _ => op::Scope::All,
            };
            fields.choice("PolicyUsageFilter", &["PermissionsPolicy", "PermissionsBoundary"]);
            let path_prefix = fields.optional("PathPrefix", &POLICY_PATH).unwrap_or_else(|| "/".to_owned());
            let paging = list::paging(fields)?;
            Ok(op::ListPolicies { scope, attached_only: fields.flag("OnlyAttached")?, paging, path_prefix })
        })
    }

    fn encode(listed: Listed<op::Managed>) -> Result<Payload> {
        Ok(list::answer("Policies", listed, tree))
    }

    fn echo(arguments: &Payload, answer: Payload) -> Result<Payload> {
        match Arguments::of(arguments)?.text("PolicyUsageFilter") {
            // No policy is used as a boundary here.
            Some("PermissionsBoundary") => Ok(Payload::Tree(json!({ "Policies": [], "IsTruncated": false }))),
            _ => Ok(answer),
        }
    }
}

/// Removes a managed policy.
pub(crate) struct DeletePolicy;

impl Former for DeletePolicy {
    type Op = op::DeletePolicy;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            Ok(op::DeletePolicy { policy: policy(&fields.required("PolicyArn", &ARN))?, with_versions: false })
        })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// A version of a policy; its document only where it was asked for.
fn version(version: &op::NumberedVersion, text: Value) -> Value {
    json!({
        "VersionId": format!("v{}", version.number),
        "IsDefaultVersion": version.default,
        "CreateDate": version.created_at.map(date),
        "Document": text,
    })
}

/// Adds a version to a managed policy.
pub(crate) struct CreatePolicyVersion;

impl Former for CreatePolicyVersion {
    type Op = op::CreateVersion;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let arn = fields.required("PolicyArn", &ARN);
            let document = fields.required("PolicyDocument", &DOCUMENT);
            let set_default = fields.flag("SetAsDefault")?;
            let policy = policy(&arn)?;
            let document = within("PolicySize", MOST, document)?;
            Ok(op::CreateVersion { policy, document, set_default, rotate: false })
        })
    }

    fn encode(made: op::NumberedVersion) -> Result<Payload> {
        Ok(Payload::Tree(json!({ "PolicyVersion": version(&made, Value::Null) })))
    }
}

/// Tells about a version of a managed policy.
pub(crate) struct GetPolicyVersion;

impl Former for GetPolicyVersion {
    type Op = op::DescribeVersion;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let (arn, number) = (fields.required("PolicyArn", &ARN), number(fields));
            Ok(op::DescribeVersion { policy: policy(&arn)?, number })
        })
    }

    fn encode(found: op::NumberedVersion) -> Result<Payload> {
        let text = document(&found.document);
        Ok(Payload::Tree(json!({ "PolicyVersion": version(&found, text) })))
    }
}

/// Lists the versions of a managed policy.
pub(crate) struct ListPolicyVersions;

impl Former for ListPolicyVersions {
    type Op = op::ListVersions;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            list::paging(fields)?;
            Ok(op::ListVersions { policy: policy(&fields.required("PolicyArn", &ARN))? })
        })
    }

    fn encode(versions: Vec<op::NumberedVersion>) -> Result<Payload> {
        let versions: Vec<Value> = versions.iter().map(|one| version(one, Value::Null)).collect();
        Ok(Payload::Tree(json!({ "Versions": versions })))
    }

    fn echo(arguments: &Payload, answer: Payload) -> Result<Payload> {
        list::cut(arguments, answer, &["Versions"])
    }
}

/// Puts a version of a managed policy in force.
pub(crate) struct SetDefaultPolicyVersion;

impl Former for SetDefaultPolicyVersion {
    type Op = op::SetDefaultVersion;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let (arn, number) = (fields.required("PolicyArn", &ARN), number(fields));
            Ok(op::SetDefaultVersion { policy: policy(&arn)?, number })
        })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// Removes a version of a managed policy.
pub(crate) struct DeletePolicyVersion;

impl Former for DeletePolicyVersion {
    type Op = op::DeleteVersion;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let (arn, number) = (fields.required("PolicyArn", &ARN), number(fields));
            Ok(op::DeleteVersion { policy: policy(&arn)?, number })
        })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_its_identifier() {
        let read_number = |text: &str| {
            let arguments = Payload::Params(vec![("VersionId".to_owned(), text.to_owned())]);
            read(&arguments, |fields| Ok(number(fields)))
        };
        assert_eq!(read_number("v1").unwrap(), 1);
        assert_eq!(read_number("v42").unwrap(), 42);
        // Never given, and so never found.
        assert_eq!(read_number("v99999999999").unwrap(), u32::MAX);
        assert_eq!(read_number("v1.a-b").unwrap(), u32::MAX);
        for text in ["", "v", "1", "v0", "v01", "V1", "v1.a_", "v1 "] {
            assert!(read_number(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_policy_of_aws_has_an_identifier_in_the_form_of_one() {
        assert_eq!(system_id("AdministratorAccess"), "ANPAADMINISTRATORACCE");
        assert_eq!(system_id("A-b"), format!("ANPAAB{}", "A".repeat(15)));
    }

    #[test]
    fn no_policy_is_used_as_a_boundary() {
        let arguments = Payload::Params(vec![("PolicyUsageFilter".to_owned(), "PermissionsBoundary".to_owned())]);
        let whole = Payload::Tree(json!({ "Policies": [{}], "IsTruncated": true, "Marker": "m" }));
        let Payload::Tree(tree) = ListPolicies::echo(&arguments, whole).unwrap() else { panic!("no tree") };
        assert_eq!(tree, json!({ "Policies": [], "IsTruncated": false }));
    }
}
