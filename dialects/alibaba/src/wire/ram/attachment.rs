//! Attachments: AttachPolicyTo…, DetachPolicyFrom… and ListPoliciesFor… for users, groups and roles.

use std::marker::PhantomData;

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::Result;
use polykms_core::identity::Holder;
use polykms_core::identity::attachment::{self, Attached};
use polykms_core::list::{Listed, Paging};

use super::policy::{CUSTOM, SYSTEM};
use super::version::number;
use super::{PRINCIPAL, ROOT};
use crate::wire::{Arguments, date, done, listed, object, tree};

/// Which parameter names the holder of the policies.
pub(crate) trait Holding: 'static {
    fn holder(arguments: Arguments<'_>) -> Result<Holder>;
}

pub(crate) enum User {}

impl Holding for User {
    fn holder(arguments: Arguments<'_>) -> Result<Holder> {
        arguments.name("UserName", &PRINCIPAL).map(Holder::User)
    }
}

pub(crate) enum Group {}

impl Holding for Group {
    fn holder(arguments: Arguments<'_>) -> Result<Holder> {
        arguments.name("GroupName", &PRINCIPAL).map(Holder::Group)
    }
}

pub(crate) enum Role {}

impl Holding for Role {
    fn holder(arguments: Arguments<'_>) -> Result<Holder> {
        arguments.name("RoleName", &PRINCIPAL).map(Holder::Role)
    }
}

pub(crate) struct AttachPolicyTo<H>(PhantomData<H>);

impl<H: Holding> Former for AttachPolicyTo<H> {
    type Op = attachment::Attach;

    fn decode(arguments: &Payload) -> Result<attachment::Attach> {
        let arguments = Arguments::of(arguments)?;
        arguments.whole_account()?;
        Ok(attachment::Attach { holder: H::holder(arguments)?, policy: arguments.any_policy()?, strict: true })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct DetachPolicyFrom<H>(PhantomData<H>);

impl<H: Holding> Former for DetachPolicyFrom<H> {
    type Op = attachment::Detach;

    fn decode(arguments: &Payload) -> Result<attachment::Detach> {
        let arguments = Arguments::of(arguments)?;
        arguments.whole_account()?;
        Ok(attachment::Detach { holder: H::holder(arguments)?, policy: arguments.any_policy()? })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct ListPoliciesFor<H>(PhantomData<H>);

impl<H: Holding> Former for ListPoliciesFor<H> {
    type Op = attachment::ListAttached;

    fn decode(arguments: &Payload) -> Result<attachment::ListAttached> {
        let holder = H::holder(Arguments::of(arguments)?)?;
        Ok(attachment::ListAttached { holder, path_prefix: ROOT.to_owned(), paging: Paging::WHOLE })
    }

    fn encode(output: Listed<Attached>) -> Result<Payload> {
        let told = |Attached { policy, arn: _, description, default_version, at }| {
            object([
                ("PolicyName", policy.name.into()),
                ("PolicyType", (if policy.system { SYSTEM } else { CUSTOM }).into()),
                ("Description", description.into()),
                ("DefaultVersion", default_version.map(number).into()),
                ("AttachDate", at.map(date).into()),
            ])
        };
        Ok(tree([("Policies", listed("Policy", output.items.into_iter().map(told)))]))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Kind;

    use super::*;
    use crate::wire::tests::params;

    #[test]
    fn every_holder_has_its_own_parameter() {
        let pairs =
            [("UserName", "u"), ("GroupName", "g"), ("RoleName", "r"), ("PolicyName", "P"), ("PolicyType", "System")];
        let payload = params(&pairs);
        assert_eq!(AttachPolicyTo::<User>::decode(&payload).unwrap().holder, Holder::User("u".into()));
        assert_eq!(DetachPolicyFrom::<Group>::decode(&payload).unwrap().holder, Holder::Group("g".into()));
        assert_eq!(ListPoliciesFor::<Role>::decode(&payload).unwrap().holder, Holder::Role("r".into()));
    }

    #[test]
    fn a_resource_group_is_never_ignored() {
        let pairs = [("UserName", "u"), ("PolicyName", "P"), ("PolicyType", "System"), ("ResourceGroupId", "rg-1")];
        assert_eq!(AttachPolicyTo::<User>::decode(&params(&pairs)).unwrap_err().kind(), Kind::Unsupported);
        assert_eq!(DetachPolicyFrom::<User>::decode(&params(&pairs)).unwrap_err().kind(), Kind::Unsupported);
    }
}
