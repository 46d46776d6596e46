//! Inline policies: Put, Get, Delete and List for users, groups and roles.

use std::marker::PhantomData;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::Result;
use polykms_core::identity::Holder;
use polykms_core::identity::inline as op;
use polykms_core::list::Listed;

use super::{document, heard_document, other_holder, owned, paging};
use crate::message::iam;
use crate::wire::{heard, list};

/// Users.
pub(crate) struct OfUser;
/// Groups.
pub(crate) struct OfGroup;
/// Roles.
pub(crate) struct OfRole;

/// Writes an inline policy.
pub(crate) struct Put<H>(PhantomData<H>);

/// Reads an inline policy.
pub(crate) struct Get<H>(PhantomData<H>);

/// Removes an inline policy.
pub(crate) struct Delete<H>(PhantomData<H>);

/// Lists the names of inline policies.
pub(crate) struct List<H>(PhantomData<H>);

/// The operations on the inline policies of one kind of holder, whose messages differ in the member with its name.
macro_rules! inline_policies {
    ($of:ident, $kind:ident, $name:ident: $put:ident, $get:ident, $got:ident, $delete:ident, $list:ident, $listed:ident) => {
        impl Wire for Put<$of> {
            type Op = op::PutInline;
            type Ask<'a> = iam::$put<'a>;
            type Told<'a> = Nothing<'a>;

            fn op(ask: iam::$put<'_>) -> Result<op::PutInline> {
                let iam::$put { $name, policy_name, policy_document } = ask;
                let (holder, name) = (Holder::$kind(owned($name)), owned(policy_name));
                Ok(op::PutInline { holder, name, document: owned(policy_document) })
            }

            fn told((): &()) -> Result<Nothing<'_>> {
                Ok(Nothing::default())
            }

            fn ask(op: &op::PutInline) -> Result<iam::$put<'_>> {
                let op::PutInline { holder, name, document } = op;
                let Holder::$kind(holder) = holder else { return Err(other_holder()) };
                Ok(iam::$put {
                    $name: Some(holder.into()),
                    policy_name: Some(name.into()),
                    policy_document: Some(document.into()),
                })
            }

            fn output(_: Nothing<'_>) -> Result<()> {
                Ok(())
            }
        }

        impl Wire for Get<$of> {
            type Op = op::ReadInline;
            type Ask<'a> = iam::$get<'a>;
            type Told<'a> = iam::$got<'a>;

            fn op(ask: iam::$get<'_>) -> Result<op::ReadInline> {
                let iam::$get { $name, policy_name } = ask;
                Ok(op::ReadInline { holder: Holder::$kind(owned($name)), name: owned(policy_name) })
            }

            fn told(output: &op::InlinePolicy) -> Result<iam::$got<'_>> {
                let op::InlinePolicy { holder, name, document: text } = output;
                Ok(iam::$got {
                    $name: Some(holder.name().into()),
                    policy_document: Some(document(text)),
                    policy_name: Some(name.into()),
                })
            }

            fn ask(op: &op::ReadInline) -> Result<iam::$get<'_>> {
                let op::ReadInline { holder, name } = op;
                let Holder::$kind(holder) = holder else { return Err(other_holder()) };
                Ok(iam::$get { $name: Some(holder.into()), policy_name: Some(name.into()) })
            }

            fn output(told: iam::$got<'_>) -> Result<op::InlinePolicy> {
                let iam::$got { $name, policy_document, policy_name } = told;
                let (holder, name) = (Holder::$kind(heard::text($name)?), heard::text(policy_name)?);
                Ok(op::InlinePolicy { holder, name, document: heard_document(&heard::had(policy_document)?)? })
            }
        }

        impl Wire for Delete<$of> {
            type Op = op::DeleteInline;
            type Ask<'a> = iam::$delete<'a>;
            type Told<'a> = Nothing<'a>;

            fn op(ask: iam::$delete<'_>) -> Result<op::DeleteInline> {
                let iam::$delete { $name, policy_name } = ask;
                Ok(op::DeleteInline { holder: Holder::$kind(owned($name)), name: owned(policy_name) })
            }

            fn told((): &()) -> Result<Nothing<'_>> {
                Ok(Nothing::default())
            }

            fn ask(op: &op::DeleteInline) -> Result<iam::$delete<'_>> {
                let op::DeleteInline { holder, name } = op;
                let Holder::$kind(holder) = holder else { return Err(other_holder()) };
                Ok(iam::$delete { $name: Some(holder.into()), policy_name: Some(name.into()) })
            }

            fn output(_: Nothing<'_>) -> Result<()> {
                Ok(())
            }
        }

        impl Wire for List<$of> {
            type Op = op::ListInline;
            type Ask<'a> = iam::$list<'a>;
            type Told<'a> = iam::$listed<'a>;

            fn op(ask: iam::$list<'_>) -> Result<op::ListInline> {
                let iam::$list { $name, marker, max_items } = ask;
                Ok(op::ListInline { holder: Holder::$kind(owned($name)), paging: paging(max_items, marker) })
            }

            fn told(output: &Listed<String>) -> Result<iam::$listed<'_>> {
                let Listed { items, next, numbered: _ } = output;
                Ok(iam::$listed {
                    is_truncated: Some(next.is_some()),
                    marker: next.as_deref().map(Into::into),
                    policy_names: Some(items.iter().map(Into::into).collect()),
                })
            }

            fn ask(op: &op::ListInline) -> Result<iam::$list<'_>> {
                let op::ListInline { holder, paging } = op;
                let Holder::$kind(holder) = holder else { return Err(other_holder()) };
                let (max_items, marker) = list::part(paging)?;
                Ok(iam::$list { $name: Some(holder.into()), marker, max_items })
            }

            fn output(told: iam::$listed<'_>) -> Result<Listed<String>> {
                let iam::$listed { is_truncated, marker, policy_names } = told;
                list::heard(policy_names, is_truncated, marker, |name| Ok(name.into_owned()))
            }
        }
    };
}

inline_policies!(
    OfUser, User, user_name: PutUserPolicyRequest, GetUserPolicyRequest, GetUserPolicyResponse, DeleteUserPolicyRequest,
    ListUserPoliciesRequest, ListUserPoliciesResponse
);
inline_policies!(
    OfGroup, Group, group_name: PutGroupPolicyRequest, GetGroupPolicyRequest, GetGroupPolicyResponse,
    DeleteGroupPolicyRequest, ListGroupPoliciesRequest, ListGroupPoliciesResponse
);
inline_policies!(
    OfRole, Role, role_name: PutRolePolicyRequest, GetRolePolicyRequest, GetRolePolicyResponse, DeleteRolePolicyRequest,
    ListRolePoliciesRequest, ListRolePoliciesResponse
);
