//! Policies: CreatePolicy, GetPolicy, UpdatePolicyDescription, ListPolicies, DeletePolicy and ListEntitiesForPolicy.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::Result;
use polykms_core::identity::managed_policy::{self, Described, Held, InForce, Scope};
use polykms_core::identity::{Holder, PolicyName};
use polykms_core::list::{Listed, Paging};

use super::version::{self, heard_number, numbered};
use super::{
    CUSTOM, ROOT, SYSTEM, asked_tags, document, heard_tags, owned, part, part_of, policy, policy_name, policy_type,
    tags, told_tags, whatever_tags,
};
use crate::message::ram::{
    CreatePolicyRequest, CreatePolicyResponse, CreatedPolicy, DeletePolicyRequest, FoundPolicy, GetPolicyRequest,
    GetPolicyResponse, GroupOfPolicy, GroupsOfPolicy, ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse,
    ListPoliciesRequest, ListPoliciesResponse, ListedPolicy, Policies, Policy, RoleOfPolicy, RolesOfPolicy,
    UpdatePolicyDescriptionRequest, UpdatePolicyDescriptionResponse, UpdatedPolicy, UserOfPolicy, UsersOfPolicy,
};
use crate::wire::heard;

/// The longest document of a policy, in bytes.
pub(super) const LONGEST_POLICY: usize = 6144;

const DOCUMENT: &str = "PolicyDocument";

/// CreatePolicy.
pub(crate) struct CreatePolicy;

impl Wire for CreatePolicy {
    type Op = managed_policy::CreatePolicy;
    type Ask<'a> = CreatePolicyRequest<'a>;
    type Told<'a> = CreatePolicyResponse<'a>;

    fn op(ask: CreatePolicyRequest<'_>) -> Result<managed_policy::CreatePolicy> {
        let CreatePolicyRequest { description, policy_document, policy_name, tag } = ask;
        Ok(managed_policy::CreatePolicy {
            name: owned(policy_name),
            path: ROOT.to_owned(),
            description: description.map(Cow::into_owned),
            document: document(DOCUMENT, policy_document, LONGEST_POLICY)?.unwrap_or_default(),
            tags: tags(tag)?,
        })
    }

    fn told(output: &Described) -> Result<CreatePolicyResponse<'_>> {
        Ok(CreatePolicyResponse { policy: Some(CreatedPolicy(told(output))) })
    }

    fn ask(op: &managed_policy::CreatePolicy) -> Result<CreatePolicyRequest<'_>> {
        // There are no paths.
        let managed_policy::CreatePolicy { name, path: _, description, document, tags } = op;
        Ok(CreatePolicyRequest {
            description: description.as_deref().map(Cow::from),
            policy_document: Some(document.into()),
            policy_name: Some(name.into()),
            tag: asked_tags(tags),
        })
    }

    fn output(told: CreatePolicyResponse<'_>) -> Result<Described> {
        let CreatePolicyResponse { policy } = told;
        heard(heard::had(policy)?.0)
    }
}

/// GetPolicy.
pub(crate) struct GetPolicy;

impl Wire for GetPolicy {
    type Op = managed_policy::DescribePolicy;
    type Ask<'a> = GetPolicyRequest<'a>;
    type Told<'a> = GetPolicyResponse<'a>;

    fn op(ask: GetPolicyRequest<'_>) -> Result<managed_policy::DescribePolicy> {
        let GetPolicyRequest { policy_name, policy_type } = ask;
        Ok(managed_policy::DescribePolicy { policy: policy(policy_name, policy_type) })
    }

    fn told(output: &InForce) -> Result<GetPolicyResponse<'_>> {
        let InForce { policy, version } = output;
        let document = version.as_ref().and_then(|version| version.document.as_ref());
        Ok(GetPolicyResponse {
            default_policy_version: version.as_ref().map(version::told),
            policy: Some(FoundPolicy(Policy { policy_document: document.map(Cow::from), ..told(policy) })),
        })
    }

    fn ask(op: &managed_policy::DescribePolicy) -> Result<GetPolicyRequest<'_>> {
        let managed_policy::DescribePolicy { policy } = op;
        let policy_type = Some(policy_type(policy).into());
        Ok(GetPolicyRequest { policy_name: Some((&policy.name).into()), policy_type })
    }

    fn output(told: GetPolicyResponse<'_>) -> Result<InForce> {
        let GetPolicyResponse { default_policy_version, policy } = told;
        let (FoundPolicy(policy), version) =
            (heard::had(policy)?, version::heard(heard::had(default_policy_version)?)?);
        if policy.policy_document.as_deref() != version.document.as_deref() {
            return Err(heard::unreadable("the policy has another document than its version in force"));
        }
        Ok(InForce { policy: heard(policy)?, version: Some(version) })
    }
}

/// UpdatePolicyDescription.
pub(crate) struct UpdatePolicyDescription;

impl Wire for UpdatePolicyDescription {
    type Op = managed_policy::UpdatePolicy;
    type Ask<'a> = UpdatePolicyDescriptionRequest<'a>;
    type Told<'a> = UpdatePolicyDescriptionResponse<'a>;

    fn op(ask: UpdatePolicyDescriptionRequest<'_>) -> Result<managed_policy::UpdatePolicy> {
        let UpdatePolicyDescriptionRequest { new_description, policy_name } = ask;
        Ok(managed_policy::UpdatePolicy { policy: custom(policy_name), description: owned(new_description) })
    }

    fn told(output: &Described) -> Result<UpdatePolicyDescriptionResponse<'_>> {
        Ok(UpdatePolicyDescriptionResponse { policy: Some(UpdatedPolicy(told(output))) })
    }

    fn ask(op: &managed_policy::UpdatePolicy) -> Result<UpdatePolicyDescriptionRequest<'_>> {
        let managed_policy::UpdatePolicy { policy, description } = op;
        Ok(UpdatePolicyDescriptionRequest {
            new_description: Some(description.into()),
            policy_name: Some((&policy.name).into()),
        })
    }

    fn output(told: UpdatePolicyDescriptionResponse<'_>) -> Result<Described> {
        let UpdatePolicyDescriptionResponse { policy } = told;
        heard(heard::had(policy)?.0)
    }
}

/// ListPolicies.
pub(crate) struct ListPolicies;

impl Wire for ListPolicies {
    type Op = managed_policy::ListPolicies;
    type Ask<'a> = ListPoliciesRequest<'a>;
    type Told<'a> = ListPoliciesResponse<'a>;

    fn op(ask: ListPoliciesRequest<'_>) -> Result<managed_policy::ListPolicies> {
        let ListPoliciesRequest { marker, max_items, policy_type, tag } = ask;
        whatever_tags(tag, "lists of policies by tag are not built")?;
        let scope = match policy_type.as_deref() {
            Some(CUSTOM) => Scope::Custom,
            Some(_) => Scope::System,
            None => Scope::All,
        };
        let (paging, path_prefix) = (part(marker, max_items), ROOT.to_owned());
        Ok(managed_policy::ListPolicies { scope, attached_only: false, usage: None, paging, path_prefix })
    }

    fn told(output: &Listed<Described>) -> Result<ListPoliciesResponse<'_>> {
        let Listed { items, next, numbered: _ } = output;
        Ok(ListPoliciesResponse {
            is_truncated: Some(next.is_some()),
            marker: next.as_ref().map(Cow::from),
            policies: Some(Policies { policy: Some(items.iter().map(|policy| ListedPolicy(told(policy))).collect()) }),
        })
    }

    fn ask(op: &managed_policy::ListPolicies) -> Result<ListPoliciesRequest<'_>> {
        // Nothing but the type chooses among them.
        let managed_policy::ListPolicies { scope, attached_only: _, usage: _, paging, path_prefix: _ } = op;
        let (marker, max_items) = part_of(paging)?;
        let policy_type = match scope {
            Scope::All => None,
            Scope::Custom => Some(CUSTOM.into()),
            Scope::System => Some(SYSTEM.into()),
        };
        Ok(ListPoliciesRequest { marker, max_items, policy_type, tag: None })
    }

    fn output(told: ListPoliciesResponse<'_>) -> Result<Listed<Described>> {
        let ListPoliciesResponse { is_truncated, marker, policies } = told;
        heard::part(heard::had(policies)?.policy, is_truncated, marker, |ListedPolicy(policy)| heard(policy))
    }
}

/// DeletePolicy.
pub(crate) struct DeletePolicy;

impl Wire for DeletePolicy {
    type Op = managed_policy::DeletePolicy;
    type Ask<'a> = DeletePolicyRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DeletePolicyRequest<'_>) -> Result<managed_policy::DeletePolicy> {
        let DeletePolicyRequest { cascading_delete, policy_name } = ask;
        let with_versions = cascading_delete.unwrap_or_default();
        Ok(managed_policy::DeletePolicy { policy: custom(policy_name), with_versions })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &managed_policy::DeletePolicy) -> Result<DeletePolicyRequest<'_>> {
        let managed_policy::DeletePolicy { policy, with_versions } = op;
        let cascading_delete = Some(*with_versions);
        Ok(DeletePolicyRequest { cascading_delete, policy_name: Some((&policy.name).into()) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// ListEntitiesForPolicy.
pub(crate) struct ListEntitiesForPolicy;

impl Wire for ListEntitiesForPolicy {
    type Op = managed_policy::ListHolders;
    type Ask<'a> = ListEntitiesForPolicyRequest<'a>;
    type Told<'a> = ListEntitiesForPolicyResponse<'a>;

    fn op(ask: ListEntitiesForPolicyRequest<'_>) -> Result<managed_policy::ListHolders> {
        let ListEntitiesForPolicyRequest { policy_name, policy_type } = ask;
        let (path_prefix, paging) = (ROOT.to_owned(), Paging::WHOLE);
        let policy = policy(policy_name, policy_type);
        Ok(managed_policy::ListHolders { policy, kind: None, usage: None, path_prefix, paging })
    }

    fn told(output: &Listed<Held>) -> Result<ListEntitiesForPolicyResponse<'_>> {
        let (mut users, mut groups, mut roles) = (Vec::new(), Vec::new(), Vec::new());
        for held in &output.items {
            match &held.holder {
                Holder::User(name) => users.push(told_user(name, held)),
                Holder::Group(name) => groups.push(told_group(name, held)),
                Holder::Role(name) => roles.push(told_role(name, held)),
            }
        }
        Ok(ListEntitiesForPolicyResponse {
            groups: Some(GroupsOfPolicy { group: Some(groups) }),
            roles: Some(RolesOfPolicy { role: Some(roles) }),
            users: Some(UsersOfPolicy { user: Some(users) }),
        })
    }

    fn ask(op: &managed_policy::ListHolders) -> Result<ListEntitiesForPolicyRequest<'_>> {
        // Holders of all kinds are told, as a whole.
        let managed_policy::ListHolders { policy, kind: _, usage: _, path_prefix: _, paging: _ } = op;
        let policy_type = Some(policy_type(policy).into());
        Ok(ListEntitiesForPolicyRequest { policy_name: Some((&policy.name).into()), policy_type })
    }

    fn output(told: ListEntitiesForPolicyResponse<'_>) -> Result<Listed<Held>> {
        let ListEntitiesForPolicyResponse { groups, roles, users } = told;
        let groups = heard::had(heard::had(groups)?.group)?.into_iter().map(heard_group);
        let roles = heard::had(heard::had(roles)?.role)?.into_iter().map(heard_role);
        let users = heard::had(heard::had(users)?.user)?.into_iter().map(heard_user);
        let items = users.chain(groups).chain(roles).collect::<Result<_>>()?;
        Ok(Listed { items, next: None, numbered: None })
    }
}

/// A policy of the account.
pub(super) fn custom(name: Option<Cow<'_, str>>) -> PolicyName {
    PolicyName::custom(ROOT, owned(name))
}

fn told_user<'a>(name: &'a str, held: &'a Held) -> UserOfPolicy<'a> {
    let Held { holder: _, arn: _, id, path: _, display_name, comments: _, at } = held;
    UserOfPolicy {
        attach_date: *at,
        display_name: display_name.as_deref().map(Cow::from),
        user_id: id.as_deref().map(Cow::from),
        user_name: Some(name.into()),
    }
}

fn told_group<'a>(name: &'a str, held: &'a Held) -> GroupOfPolicy<'a> {
    let Held { holder: _, arn: _, id: _, path: _, display_name: _, comments, at } = held;
    GroupOfPolicy { attach_date: *at, comments: comments.as_deref().map(Cow::from), group_name: Some(name.into()) }
}

fn told_role<'a>(name: &'a str, held: &'a Held) -> RoleOfPolicy<'a> {
    let Held { holder: _, arn, id, path: _, display_name: _, comments, at } = held;
    RoleOfPolicy {
        arn: arn.as_deref().map(Cow::from),
        attach_date: *at,
        description: comments.as_deref().map(Cow::from),
        role_id: id.as_deref().map(Cow::from),
        role_name: Some(name.into()),
    }
}

/// A holder of which no more is known than what it is.
fn held(holder: Holder) -> Held {
    let (arn, id, path, display_name, comments, at) = Default::default();
    Held { holder, arn, id, path, display_name, comments, at }
}

fn heard_user(user: UserOfPolicy<'_>) -> Result<Held> {
    let UserOfPolicy { attach_date: at, display_name, user_id, user_name } = user;
    let (id, display_name) = (Some(heard::text(user_id)?), Some(heard::text(display_name)?));
    let at = Some(heard::had(at)?);
    Ok(Held { id, display_name, at, ..held(Holder::User(heard::text(user_name)?)) })
}

fn heard_group(group: GroupOfPolicy<'_>) -> Result<Held> {
    let GroupOfPolicy { attach_date: at, comments, group_name } = group;
    let (comments, at) = (Some(heard::text(comments)?), Some(heard::had(at)?));
    Ok(Held { comments, at, ..held(Holder::Group(heard::text(group_name)?)) })
}

fn heard_role(role: RoleOfPolicy<'_>) -> Result<Held> {
    let RoleOfPolicy { arn, attach_date: at, description, role_id, role_name } = role;
    let (id, arn) = (Some(heard::text(role_id)?), Some(heard::text(arn)?));
    let (comments, at) = (Some(heard::text(description)?), Some(heard::had(at)?));
    Ok(Held { id, arn, comments, at, ..held(Holder::Role(heard::text(role_name)?)) })
}

/// All that answers tell of a policy, each of them a part, but for its document. The vendor's policies were not made here,
/// and have neither dates nor tags.
fn told(described: &Described) -> Policy<'_> {
    let Described { policy, arn: _, id: _, description, default_version, attachments, created_at, updated_at, tags } =
        described;
    Policy {
        attachment_count: attachments.and_then(|count| i64::try_from(count).ok()),
        create_date: *created_at,
        default_version: Some(numbered(*default_version).into()),
        description: description.as_deref().map(Cow::from),
        policy_document: None,
        policy_name: Some((&policy.name).into()),
        policy_type: Some(policy_type(policy).into()),
        tags: tags.as_ref().map(told_tags),
        update_date: *updated_at,
    }
}

/// The policy of an answer, which does not tell its full name.
fn heard(policy: Policy<'_>) -> Result<Described> {
    let Policy {
        attachment_count,
        create_date,
        default_version,
        description,
        policy_document: _,
        policy_name: name,
        policy_type,
        tags,
        update_date,
    } = policy;
    Ok(Described {
        policy: policy_name(heard::text(name)?, &heard::had(policy_type)?),
        arn: None,
        id: None,
        description: Some(heard::text(description)?),
        default_version: heard_number(default_version)?,
        attachments: attachment_count.map(count).transpose()?,
        created_at: create_date,
        updated_at: update_date,
        tags: tags.map(heard_tags).transpose()?,
    })
}

fn count(number: i64) -> Result<usize> {
    usize::try_from(number).map_err(|_| heard::unreadable("there is less than nothing"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::{Flaw, Kind};

    use super::*;
    use crate::wire::tests::decoded;

    #[test]
    fn a_policy_is_named_with_its_type() {
        let policy = |name: &str, of: &str| decoded::<GetPolicy>(&[("PolicyName", name), ("PolicyType", of)]);
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
            |size: usize| decoded::<CreatePolicy>(&[("PolicyName", "P"), ("PolicyDocument", &"x".repeat(size))]);
        assert!(create(6144).is_ok());
        assert_eq!(create(6145).unwrap_err().kind(), Kind::Invalid(Flaw::Length));
        assert_eq!(create(0).unwrap_err().kind(), Kind::Invalid(Flaw::Missing));
    }

    #[test]
    fn a_list_by_tag_is_refused() {
        assert!(decoded::<ListPolicies>(&[("Tag", "[]")]).is_ok());
        for pairs in [&[("Tag", r#"[{"Key":"a"}]"#)][..], &[("Tag.1.Key", "a")]] {
            assert_eq!(decoded::<ListPolicies>(pairs).unwrap_err().kind(), Kind::Unsupported);
        }
    }
}
