//! Policies: CreatePolicy, GetPolicy, UpdatePolicyDescription, ListPolicies, DeletePolicy and ListEntitiesForPolicy.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Flaw, Result};
use polykms_core::identity::Holder;
use polykms_core::identity::managed_policy::{self, Described, Held, InForce, Scope};
use polykms_core::list::{Listed, Paging};
use serde_json::Value;

use super::version::{self, number};
use super::{LONGEST_DESCRIPTION, LONGEST_POLICY, POLICY, ROOT, part_of};
use crate::wire::{Arguments, date, done, invalid, listed, missing, object, tree};

pub(super) const CUSTOM: &str = "Custom";
pub(super) const SYSTEM: &str = "System";

pub(crate) struct CreatePolicy;

impl Former for CreatePolicy {
    type Op = managed_policy::CreatePolicy;

    fn decode(arguments: &Payload) -> Result<managed_policy::CreatePolicy> {
        let arguments = Arguments::of(arguments)?;
        Ok(managed_policy::CreatePolicy {
            name: arguments.name("PolicyName", &POLICY)?,
            path: ROOT.to_owned(),
            description: arguments.words("Description", LONGEST_DESCRIPTION)?.unwrap_or_default(),
            document: arguments.policy_document()?,
            tags: arguments.tag()?,
        })
    }

    fn encode(output: Described) -> Result<Payload> {
        Ok(tree([("Policy", told(&output, &[]))]))
    }
}

pub(crate) struct GetPolicy;

impl Former for GetPolicy {
    type Op = managed_policy::DescribePolicy;

    fn decode(arguments: &Payload) -> Result<managed_policy::DescribePolicy> {
        Ok(managed_policy::DescribePolicy { policy: Arguments::of(arguments)?.any_policy()? })
    }

    fn encode(output: InForce) -> Result<Payload> {
        let InForce { policy, version } = output;
        let mut policy = told(&policy, &[Extra::Attachments, Extra::Updated]);
        let Some(default) = version else {
            return Ok(tree([("Policy", policy)]));
        };
        if let Some(fields) = policy.as_object_mut() {
            fields.insert("PolicyDocument".to_owned(), default.document.as_deref().into());
        }
        Ok(tree([("Policy", policy), ("DefaultPolicyVersion", version::told(default))]))
    }
}

pub(crate) struct UpdatePolicyDescription;

impl Former for UpdatePolicyDescription {
    type Op = managed_policy::UpdatePolicy;

    fn decode(arguments: &Payload) -> Result<managed_policy::UpdatePolicy> {
        let arguments = Arguments::of(arguments)?;
        let description = arguments.words("NewDescription", LONGEST_DESCRIPTION)?;
        let description = description.ok_or_else(|| missing("NewDescription"))?;
        Ok(managed_policy::UpdatePolicy { policy: arguments.custom_policy()?, description })
    }

    fn encode(output: Described) -> Result<Payload> {
        Ok(tree([("Policy", told(&output, &[Extra::Updated]))]))
    }
}

pub(crate) struct ListPolicies;

impl Former for ListPolicies {
    type Op = managed_policy::ListPolicies;

    fn decode(arguments: &Payload) -> Result<managed_policy::ListPolicies> {
        let arguments = Arguments::of(arguments)?;
        arguments.whatever_tags("lists of policies by tag are not built")?;
        let scope = match arguments.text("PolicyType") {
            None => Scope::All,
            Some(CUSTOM) => Scope::Custom,
            Some(SYSTEM) => Scope::System,
            Some(_) => return Err(invalid(Flaw::Value, "PolicyType")),
        };
        let paging = arguments.part()?.into();
        let path_prefix = ROOT.to_owned();
        Ok(managed_policy::ListPolicies { scope, attached_only: false, usage: None, paging, path_prefix })
    }

    fn encode(output: Listed<Described>) -> Result<Payload> {
        let Listed { items, next, total: _ } = output;
        let extras = [Extra::Attachments, Extra::Updated, Extra::Tags];
        let policies = listed("Policy", items.iter().map(|policy| told(policy, &extras)));
        Ok(Payload::Tree(part_of("Policies", policies, next)))
    }
}

pub(crate) struct DeletePolicy;

impl Former for DeletePolicy {
    type Op = managed_policy::DeletePolicy;

    fn decode(arguments: &Payload) -> Result<managed_policy::DeletePolicy> {
        let arguments = Arguments::of(arguments)?;
        let with_versions = arguments.flag("CascadingDelete")?.unwrap_or(false);
        Ok(managed_policy::DeletePolicy { policy: arguments.custom_policy()?, with_versions })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct ListEntitiesForPolicy;

impl Former for ListEntitiesForPolicy {
    type Op = managed_policy::ListHolders;

    fn decode(arguments: &Payload) -> Result<managed_policy::ListHolders> {
        let policy = Arguments::of(arguments)?.any_policy()?;
        let (path_prefix, paging) = (ROOT.to_owned(), Paging::WHOLE);
        Ok(managed_policy::ListHolders { policy, kind: None, usage: None, path_prefix, paging })
    }

    fn encode(output: Listed<Held>) -> Result<Payload> {
        let (mut users, mut groups, mut roles) = (Vec::new(), Vec::new(), Vec::new());
        for Held { holder, arn, id, path: _, display_name, comments, at } in output.items {
            let attached = ("AttachDate", at.map(date).into());
            match holder {
                Holder::User(name) => users.push(object([
                    ("UserId", id.into()),
                    ("UserName", name.into()),
                    ("DisplayName", display_name.into()),
                    attached,
                ])),
                Holder::Group(name) => {
                    groups.push(object([("GroupName", name.into()), ("Comments", comments.into()), attached]));
                }
                Holder::Role(name) => roles.push(object([
                    ("RoleId", id.into()),
                    ("Arn", arn.into()),
                    ("RoleName", name.into()),
                    ("Description", comments.into()),
                    attached,
                ])),
            }
        }
        Ok(tree([
            ("Users", listed("User", users.into_iter())),
            ("Groups", listed("Group", groups.into_iter())),
            ("Roles", listed("Role", roles.into_iter())),
        ]))
    }
}

impl Arguments<'_> {
    /// The document of a policy, which must be given.
    pub(super) fn policy_document(self) -> Result<String> {
        self.document("PolicyDocument", LONGEST_POLICY)?.ok_or_else(|| missing("PolicyDocument"))
    }
}

/// What only some answers tell of a policy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extra {
    /// How often it is attached; not known of the vendor's policies.
    Attachments,
    /// When it was changed last.
    Updated,
    /// Its tags.
    Tags,
}

fn told(described: &Described, extras: &[Extra]) -> Value {
    let Described { policy, arn: _, id: _, description, default_version, attachments, created_at, updated_at, tags } =
        described;
    let mut told = object([
        ("PolicyName", policy.name.as_str().into()),
        ("PolicyType", (if policy.system { SYSTEM } else { CUSTOM }).into()),
        ("Description", description.as_str().into()),
        ("DefaultVersion", number(*default_version).into()),
    ]);
    // The vendor's policies were not made here, and have no more.
    if let (Some(fields), Some(created_at)) = (told.as_object_mut(), created_at) {
        fields.insert("CreateDate".to_owned(), date(*created_at).into());
        for extra in extras {
            let (name, value) = match extra {
                Extra::Attachments => ("AttachmentCount", (*attachments).into()),
                Extra::Updated => ("UpdateDate", updated_at.map(date).into()),
                Extra::Tags => ("Tags", super::told_tags(tags)),
            };
            fields.insert(name.to_owned(), value);
        }
    }
    told
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Kind;

    use super::*;
    use crate::wire::tests::params;

    #[test]
    fn a_policy_is_named_with_its_type() {
        let policy = |name: &str, of: &str| GetPolicy::decode(&params(&[("PolicyName", name), ("PolicyType", of)]));
        assert!(policy("P", "System").unwrap().policy.system && !policy("P", "Custom").unwrap().policy.system);
        for (name, of, about) in
            [("P", "", "PolicyType"), ("P", "custom", "PolicyType"), ("a_b", "Custom", "PolicyName")]
        {
            assert_eq!(policy(name, of).unwrap_err().subject(), Some(about));
        }
    }

    #[test]
    fn a_document_has_a_largest_size() {
        let create =
            |size: usize| CreatePolicy::decode(&params(&[("PolicyName", "P"), ("PolicyDocument", &"x".repeat(size))]));
        assert!(create(6144).is_ok());
        assert_eq!(create(6145).unwrap_err().kind(), Kind::Invalid(Flaw::Length));
        assert_eq!(create(0).unwrap_err().kind(), Kind::Invalid(Flaw::Missing));
    }

    #[test]
    fn a_list_by_tag_is_refused() {
        assert!(ListPolicies::decode(&params(&[("Tag", "[]")])).is_ok());
        for pairs in [&[("Tag", r#"[{"Key":"a"}]"#)][..], &[("Tag.1.Key", "a")]] {
            assert_eq!(ListPolicies::decode(&params(pairs)).unwrap_err().kind(), Kind::Unsupported);
        }
    }
}
