//! Policies: CreatePolicy, GetPolicy, UpdatePolicyDescription, ListPolicies, DeletePolicy and ListEntitiesForPolicy.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Flaw, Result};
use polykms_core::identity::managed_policy::{self, Held, Managed, Scope, versions};
use polykms_core::identity::{Holder, ManagedPolicy, SystemPolicy};
use polykms_core::list::Listed;
use serde_json::Value;

use super::version::{self, number};
use super::{LONGEST_DESCRIPTION, LONGEST_POLICY, POLICY, ROOT, part_of};
use crate::resource;
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

    fn encode(output: ManagedPolicy) -> Result<Payload> {
        Ok(tree([("Policy", custom(&output, &[]))]))
    }
}

pub(crate) struct GetPolicy;

impl Former for GetPolicy {
    type Op = managed_policy::DescribePolicy;

    fn decode(arguments: &Payload) -> Result<managed_policy::DescribePolicy> {
        Ok(managed_policy::DescribePolicy { policy: Arguments::of(arguments)?.any_policy()? })
    }

    fn encode(output: Managed) -> Result<Payload> {
        let mut policy = told(&output, &[Extra::Attachments, Extra::Updated]);
        let Some(default) = versions(&output).into_iter().find(|version| version.default) else {
            return Ok(tree([("Policy", policy)]));
        };
        if let Some(fields) = policy.as_object_mut() {
            fields.insert("PolicyDocument".to_owned(), default.document.as_str().into());
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

    fn encode(output: ManagedPolicy) -> Result<Payload> {
        Ok(tree([("Policy", custom(&output, &[Extra::Updated]))]))
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
        Ok(managed_policy::ListPolicies { scope, attached_only: false, paging, path_prefix: ROOT.to_owned() })
    }

    fn encode(output: Listed<Managed>) -> Result<Payload> {
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
        Ok(managed_policy::ListHolders { policy: Arguments::of(arguments)?.any_policy()? })
    }

    fn encode(output: Vec<Held>) -> Result<Payload> {
        let (mut users, mut groups, mut roles) = (Vec::new(), Vec::new(), Vec::new());
        for Held { holder, account, id, path: _, display_name, comments, at } in output {
            let attached = ("AttachDate", date(at).into());
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
                    ("Arn", resource::told(&account, &["role/", &name].concat()).into()),
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

fn told(policy: &Managed, extras: &[Extra]) -> Value {
    match policy {
        Managed::Custom(policy) => custom(policy, extras),
        Managed::System(SystemPolicy { path: _, name, description, version, document: _ }) => object([
            ("PolicyName", (*name).into()),
            ("PolicyType", SYSTEM.into()),
            ("Description", (*description).into()),
            ("DefaultVersion", number(*version).into()),
        ]),
    }
}

fn custom(policy: &ManagedPolicy, extras: &[Extra]) -> Value {
    let ManagedPolicy {
        id: _,
        account: _,
        name,
        path: _,
        description,
        created_at,
        updated_at,
        versions: _,
        default_version,
        next_version: _,
        tags,
        attached_to,
    } = policy;
    let mut told = object([
        ("PolicyName", name.as_str().into()),
        ("PolicyType", CUSTOM.into()),
        ("Description", description.as_str().into()),
        ("DefaultVersion", number(*default_version).into()),
        ("CreateDate", date(*created_at).into()),
    ]);
    if let Some(fields) = told.as_object_mut() {
        for extra in extras {
            let (name, value) = match extra {
                Extra::Attachments => ("AttachmentCount", attached_to.len().into()),
                Extra::Updated => ("UpdateDate", date(*updated_at).into()),
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
