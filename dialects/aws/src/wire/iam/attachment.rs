//! Attachments of managed policies: Attach, Detach and ListAttached for users, groups and roles; ListEntitiesForPolicy.

use std::borrow::Cow;
use std::marker::PhantomData;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::Result;
use polykms_core::identity::Holder;
use polykms_core::identity::attachment as op;
use polykms_core::identity::managed_policy::{Held, HolderKind, ListHolders, Scope, Usage};
use polykms_core::list::Listed;

use super::inline::{OfGroup, OfRole, OfUser};
use super::{other_holder, owned, paging, policy, policy_arn};
use crate::message::iam::{
    self, AttachedPolicy, ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse, PolicyGroup, PolicyRole,
    PolicyUser,
};
use crate::resource;
use crate::wire::{heard, list};

/// Attaches a managed policy.
pub(crate) struct Attach<H>(PhantomData<H>);

/// Detaches a managed policy.
pub(crate) struct Detach<H>(PhantomData<H>);

/// Lists the managed policies attached to a user, group or role.
pub(crate) struct ListAttached<H>(PhantomData<H>);

/// The operations on the attachments of one kind of holder, whose messages differ in the member with its name.
macro_rules! attachments {
    ($of:ident, $kind:ident, $name:ident: $attach:ident, $detach:ident, $list:ident, $listed:ident) => {
        impl Wire for Attach<$of> {
            type Op = op::Attach;
            type Ask<'a> = iam::$attach<'a>;
            type Told<'a> = Nothing<'a>;

            fn op(ask: iam::$attach<'_>) -> Result<op::Attach> {
                let iam::$attach { $name, policy_arn } = ask;
                let (holder, policy) = (Holder::$kind(owned($name)), policy(policy_arn)?);
                Ok(op::Attach { holder, policy, strict: false })
            }

            fn told((): &()) -> Result<Nothing<'_>> {
                Ok(Nothing::default())
            }

            fn ask(op: &op::Attach) -> Result<iam::$attach<'_>> {
                let op::Attach { holder, policy, strict: _ } = op;
                let Holder::$kind(holder) = holder else { return Err(other_holder()) };
                Ok(iam::$attach { $name: Some(holder.into()), policy_arn: Some(policy_arn(policy)?) })
            }

            fn output(_: Nothing<'_>) -> Result<()> {
                Ok(())
            }
        }

        impl Wire for Detach<$of> {
            type Op = op::Detach;
            type Ask<'a> = iam::$detach<'a>;
            type Told<'a> = Nothing<'a>;

            fn op(ask: iam::$detach<'_>) -> Result<op::Detach> {
                let iam::$detach { $name, policy_arn } = ask;
                Ok(op::Detach { holder: Holder::$kind(owned($name)), policy: policy(policy_arn)? })
            }

            fn told((): &()) -> Result<Nothing<'_>> {
                Ok(Nothing::default())
            }

            fn ask(op: &op::Detach) -> Result<iam::$detach<'_>> {
                let op::Detach { holder, policy } = op;
                let Holder::$kind(holder) = holder else { return Err(other_holder()) };
                Ok(iam::$detach { $name: Some(holder.into()), policy_arn: Some(policy_arn(policy)?) })
            }

            fn output(_: Nothing<'_>) -> Result<()> {
                Ok(())
            }
        }

        impl Wire for ListAttached<$of> {
            type Op = op::ListAttached;
            type Ask<'a> = iam::$list<'a>;
            type Told<'a> = iam::$listed<'a>;

            fn op(ask: iam::$list<'_>) -> Result<op::ListAttached> {
                let iam::$list { $name, path_prefix, marker, max_items } = ask;
                let (path_prefix, paging) = (owned(path_prefix), paging(max_items, marker));
                Ok(op::ListAttached { holder: Holder::$kind(owned($name)), path_prefix, paging })
            }

            fn told(output: &Listed<op::Attached>) -> Result<iam::$listed<'_>> {
                let Listed { items, next, numbered: _ } = output;
                Ok(iam::$listed {
                    attached_policies: Some(items.iter().map(told).collect()),
                    is_truncated: Some(next.is_some()),
                    marker: next.as_deref().map(Into::into),
                })
            }

            fn ask(op: &op::ListAttached) -> Result<iam::$list<'_>> {
                let op::ListAttached { holder, path_prefix, paging } = op;
                let Holder::$kind(holder) = holder else { return Err(other_holder()) };
                let (max_items, marker) = list::part(paging)?;
                Ok(iam::$list { $name: Some(holder.into()), path_prefix: Some(path_prefix.into()), marker, max_items })
            }

            fn output(told: iam::$listed<'_>) -> Result<Listed<op::Attached>> {
                let iam::$listed { attached_policies, is_truncated, marker } = told;
                list::heard(attached_policies, is_truncated, marker, heard)
            }
        }
    };
}

attachments!(
    OfUser, User, user_name: AttachUserPolicyRequest, DetachUserPolicyRequest, ListAttachedUserPoliciesRequest,
    ListAttachedUserPoliciesResponse
);
attachments!(
    OfGroup, Group, group_name: AttachGroupPolicyRequest, DetachGroupPolicyRequest, ListAttachedGroupPoliciesRequest,
    ListAttachedGroupPoliciesResponse
);
attachments!(
    OfRole, Role, role_name: AttachRolePolicyRequest, DetachRolePolicyRequest, ListAttachedRolePoliciesRequest,
    ListAttachedRolePoliciesResponse
);

fn told(attached: &op::Attached) -> AttachedPolicy<'_> {
    let op::Attached { policy, arn, description: _, default_version: _, at: _ } = attached;
    AttachedPolicy { policy_arn: arn.as_deref().map(Into::into), policy_name: Some((&policy.name).into()) }
}

/// The attachment that an answer tells.
fn heard(attached: AttachedPolicy<'_>) -> Result<op::Attached> {
    let AttachedPolicy { policy_arn, policy_name } = attached;
    let (arn, name) = (heard::text(policy_arn)?, heard::text(policy_name)?);
    let policy = resource::managed_policy(&arn).filter(|policy| policy.name == name);
    let policy = policy.ok_or_else(|| heard::unreadable("the answer names no policy"))?;
    Ok(op::Attached { policy, arn: Some(arn), description: None, default_version: None, at: None })
}

const PERMISSIONS: &str = "PermissionsPolicy";
const BOUNDARY: &str = "PermissionsBoundary";

/// What a policy is to be used for.
pub(super) fn usage(filter: Option<Cow<'_, str>>) -> Option<Usage> {
    filter.map(|filter| if filter == BOUNDARY { Usage::Boundary } else { Usage::Permissions })
}

/// The use of a policy as requests have it.
pub(super) fn usage_filter(usage: Usage) -> &'static str {
    match usage {
        Usage::Permissions => PERMISSIONS,
        Usage::Boundary => BOUNDARY,
    }
}

/// The kinds of holders as requests have them.
const KINDS: [(HolderKind, &str); 5] = [
    (HolderKind::User, "User"),
    (HolderKind::Role, "Role"),
    (HolderKind::Group, "Group"),
    (HolderKind::Policy(Scope::Custom), "LocalManagedPolicy"),
    (HolderKind::Policy(Scope::System), "AWSManagedPolicy"),
];

/// Lists who a managed policy is attached to.
pub(crate) struct ListEntitiesForPolicy;

impl Wire for ListEntitiesForPolicy {
    type Op = ListHolders;
    type Ask<'a> = ListEntitiesForPolicyRequest<'a>;
    type Told<'a> = ListEntitiesForPolicyResponse<'a>;

    fn op(ask: ListEntitiesForPolicyRequest<'_>) -> Result<ListHolders> {
        let ListEntitiesForPolicyRequest {
            policy_arn,
            entity_filter,
            path_prefix,
            policy_usage_filter,
            marker,
            max_items,
        } = ask;
        let known = entity_filter.and_then(|filter| KINDS.into_iter().find(|(_, word)| *word == filter));
        Ok(ListHolders {
            policy: policy(policy_arn)?,
            kind: known.map(|(kind, _)| kind),
            usage: usage(policy_usage_filter),
            path_prefix: owned(path_prefix),
            paging: paging(max_items, marker),
        })
    }

    fn told(output: &Listed<Held>) -> Result<ListEntitiesForPolicyResponse<'_>> {
        let Listed { items, next, numbered: _ } = output;
        let (mut groups, mut users, mut roles) = (Vec::new(), Vec::new(), Vec::new());
        for Held { holder, arn: _, id, path: _, display_name: _, comments: _, at: _ } in items {
            let id = id.as_deref().map(Into::into);
            match holder {
                Holder::Group(name) => groups.push(PolicyGroup { group_id: id, group_name: Some(name.into()) }),
                Holder::User(name) => users.push(PolicyUser { user_id: id, user_name: Some(name.into()) }),
                Holder::Role(name) => roles.push(PolicyRole { role_id: id, role_name: Some(name.into()) }),
            }
        }
        Ok(ListEntitiesForPolicyResponse {
            is_truncated: Some(next.is_some()),
            marker: next.as_deref().map(Into::into),
            policy_groups: Some(groups),
            policy_roles: Some(roles),
            policy_users: Some(users),
        })
    }

    fn ask(op: &ListHolders) -> Result<ListEntitiesForPolicyRequest<'_>> {
        let ListHolders { policy, kind, usage, path_prefix, paging } = op;
        let (max_items, marker) = list::part(paging)?;
        let filter = kind.and_then(|kind| KINDS.into_iter().find(|(known, _)| *known == kind));
        Ok(ListEntitiesForPolicyRequest {
            policy_arn: Some(policy_arn(policy)?),
            entity_filter: filter.map(|(_, word)| word.into()),
            path_prefix: Some(path_prefix.into()),
            policy_usage_filter: usage.map(|usage| usage_filter(usage).into()),
            marker,
            max_items,
        })
    }

    fn output(told: ListEntitiesForPolicyResponse<'_>) -> Result<Listed<Held>> {
        let ListEntitiesForPolicyResponse { is_truncated, marker, policy_groups, policy_roles, policy_users } = told;
        let groups = heard::had(policy_groups)?.into_iter();
        let users = heard::had(policy_users)?.into_iter();
        let roles = heard::had(policy_roles)?.into_iter();
        let of = |kind: fn(String) -> Holder, id, name| by_name(kind(heard::text(name)?), heard::text(id)?);
        let everybody = groups
            .map(|PolicyGroup { group_id, group_name }| of(Holder::Group, group_id, group_name))
            .chain(users.map(|PolicyUser { user_id, user_name }| of(Holder::User, user_id, user_name)))
            .chain(roles.map(|PolicyRole { role_id, role_name }| of(Holder::Role, role_id, role_name)));
        list::heard(Some(everybody.collect()), is_truncated, marker, |holder| holder)
    }
}

/// A holder of whom no more than identifier and name is told.
fn by_name(holder: Holder, id: String) -> Result<Held> {
    Ok(Held { holder, arn: None, id: Some(id), path: None, display_name: None, comments: None, at: None })
}
