//! Attachments: AttachPolicyTo…, DetachPolicyFrom… and ListPoliciesFor… for users, groups and roles.

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Kind, Result};
use polykms_core::identity::Holder;
use polykms_core::identity::attachment::{self, Attached};
use polykms_core::list::{Listed, Paging};

use super::version::{heard_number, numbered};
use super::{ROOT, owned, policy, policy_name, policy_type};
use crate::message::ram::{
    AttachPolicyToGroupRequest, AttachPolicyToRoleRequest, AttachPolicyToUserRequest, AttachedPolicies, AttachedPolicy,
    DetachPolicyFromGroupRequest, DetachPolicyFromRoleRequest, DetachPolicyFromUserRequest,
    ListPoliciesForGroupRequest, ListPoliciesForGroupResponse, ListPoliciesForRoleRequest, ListPoliciesForRoleResponse,
    ListPoliciesForUserRequest, ListPoliciesForUserResponse,
};
use crate::wire::heard;

/// The three operations on the policies of one kind of holder, whose name has a parameter of its own.
macro_rules! holder {
    (
        $holder:ident $member:ident,
        $attach:ident $attach_request:ident,
        $detach:ident $detach_request:ident,
        $list:ident $list_request:ident $list_response:ident
    ) => {
        #[doc = concat!(stringify!($attach), ".")]
        pub(crate) struct $attach;

        impl Wire for $attach {
            type Op = attachment::Attach;
            type Ask<'a> = $attach_request<'a>;
            type Told<'a> = Nothing<'a>;

            fn op(ask: $attach_request<'_>) -> Result<attachment::Attach> {
                let $attach_request { policy_name, policy_type, $member } = ask;
                let holder = Holder::$holder(owned($member));
                Ok(attachment::Attach { holder, policy: policy(policy_name, policy_type), strict: true })
            }

            fn told((): &()) -> Result<Nothing<'_>> {
                Ok(Nothing::default())
            }

            fn ask(op: &attachment::Attach) -> Result<$attach_request<'_>> {
                let attachment::Attach { holder, policy, strict: _ } = op;
                let Holder::$holder(name) = holder else { return Err(another()) };
                Ok($attach_request {
                    policy_name: Some((&policy.name).into()),
                    policy_type: Some(policy_type(policy).into()),
                    $member: Some(name.into()),
                })
            }

            fn output(_: Nothing<'_>) -> Result<()> {
                Ok(())
            }
        }

        #[doc = concat!(stringify!($detach), ".")]
        pub(crate) struct $detach;

        impl Wire for $detach {
            type Op = attachment::Detach;
            type Ask<'a> = $detach_request<'a>;
            type Told<'a> = Nothing<'a>;

            fn op(ask: $detach_request<'_>) -> Result<attachment::Detach> {
                let $detach_request { policy_name, policy_type, $member } = ask;
                let holder = Holder::$holder(owned($member));
                Ok(attachment::Detach { holder, policy: policy(policy_name, policy_type) })
            }

            fn told((): &()) -> Result<Nothing<'_>> {
                Ok(Nothing::default())
            }

            fn ask(op: &attachment::Detach) -> Result<$detach_request<'_>> {
                let attachment::Detach { holder, policy } = op;
                let Holder::$holder(name) = holder else { return Err(another()) };
                Ok($detach_request {
                    policy_name: Some((&policy.name).into()),
                    policy_type: Some(policy_type(policy).into()),
                    $member: Some(name.into()),
                })
            }

            fn output(_: Nothing<'_>) -> Result<()> {
                Ok(())
            }
        }

        #[doc = concat!(stringify!($list), ".")]
        pub(crate) struct $list;

        impl Wire for $list {
            type Op = attachment::ListAttached;
            type Ask<'a> = $list_request<'a>;
            type Told<'a> = $list_response<'a>;

            fn op(ask: $list_request<'_>) -> Result<attachment::ListAttached> {
                let $list_request { $member } = ask;
                let holder = Holder::$holder(owned($member));
                Ok(attachment::ListAttached { holder, path_prefix: ROOT.to_owned(), paging: Paging::WHOLE })
            }

            fn told(output: &Listed<Attached>) -> Result<$list_response<'_>> {
                let policies = output.items.iter().map(told).collect();
                Ok($list_response { policies: Some(AttachedPolicies { policy: Some(policies) }) })
            }

            fn ask(op: &attachment::ListAttached) -> Result<$list_request<'_>> {
                // There are no paths, and lists are told as a whole.
                let attachment::ListAttached { holder, path_prefix: _, paging: _ } = op;
                let Holder::$holder(name) = holder else { return Err(another()) };
                Ok($list_request { $member: Some(name.into()) })
            }

            fn output(told: $list_response<'_>) -> Result<Listed<Attached>> {
                let $list_response { policies } = told;
                heard::whole(heard::had(policies)?.policy, heard)
            }
        }
    };
}

holder! {
    User user_name,
    AttachPolicyToUser AttachPolicyToUserRequest,
    DetachPolicyFromUser DetachPolicyFromUserRequest,
    ListPoliciesForUser ListPoliciesForUserRequest ListPoliciesForUserResponse
}

holder! {
    Group group_name,
    AttachPolicyToGroup AttachPolicyToGroupRequest,
    DetachPolicyFromGroup DetachPolicyFromGroupRequest,
    ListPoliciesForGroup ListPoliciesForGroupRequest ListPoliciesForGroupResponse
}

holder! {
    Role role_name,
    AttachPolicyToRole AttachPolicyToRoleRequest,
    DetachPolicyFromRole DetachPolicyFromRoleRequest,
    ListPoliciesForRole ListPoliciesForRoleRequest ListPoliciesForRoleResponse
}

/// The refusal to ask about a holder of another kind.
fn another() -> polykms_core::error::Error {
    Kind::Unsupported.because("another operation of Alibaba Cloud is for holders of this kind")
}

fn told(attached: &Attached) -> AttachedPolicy<'_> {
    let Attached { policy, arn: _, description, default_version, at } = attached;
    AttachedPolicy {
        attach_date: *at,
        default_version: default_version.map(|version| numbered(version).into()),
        description: description.as_deref().map(Into::into),
        policy_name: Some((&policy.name).into()),
        policy_type: Some(policy_type(policy).into()),
    }
}

/// The policy of an answer, which does not tell its full name.
fn heard(attached: AttachedPolicy<'_>) -> Result<Attached> {
    let AttachedPolicy { attach_date, default_version, description, policy_name: name, policy_type } = attached;
    Ok(Attached {
        policy: policy_name(heard::text(name)?, &heard::had(policy_type)?),
        arn: None,
        description: Some(heard::text(description)?),
        default_version: Some(heard_number(default_version)?),
        at: Some(heard::had(attach_date)?),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::decoded;

    #[test]
    fn every_holder_has_its_own_parameter() {
        let pairs =
            [("UserName", "u"), ("GroupName", "g"), ("RoleName", "r"), ("PolicyName", "P"), ("PolicyType", "System")];
        assert_eq!(decoded::<AttachPolicyToUser>(&pairs).unwrap().holder, Holder::User("u".into()));
        assert_eq!(decoded::<DetachPolicyFromGroup>(&pairs).unwrap().holder, Holder::Group("g".into()));
        assert_eq!(decoded::<ListPoliciesForRole>(&pairs).unwrap().holder, Holder::Role("r".into()));
    }

    #[test]
    fn a_resource_group_is_never_ignored() {
        let pairs = [("UserName", "u"), ("PolicyName", "P"), ("PolicyType", "System"), ("ResourceGroupId", "rg-1")];
        assert_eq!(decoded::<AttachPolicyToUser>(&pairs).unwrap_err().kind(), Kind::Unsupported);
        assert_eq!(decoded::<DetachPolicyFromUser>(&pairs).unwrap_err().kind(), Kind::Unsupported);
    }
}
