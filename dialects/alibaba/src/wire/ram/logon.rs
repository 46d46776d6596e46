//! What users log on to a console with: GetLoginProfile, DeleteLoginProfile, GetUserMFAInfo and UnbindMFADevice. There is no
//! console, so that nobody has it, and who asks for it, as Terraform does before it removes a user, learns that.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::Result;
use polykms_core::identity::logon as op;

use super::owned;
use crate::message::ram::{
    DeleteLoginProfileRequest, GetLoginProfileRequest, GetLoginProfileResponse, GetUserMFAInfoRequest,
    GetUserMFAInfoResponse, UnbindMFADeviceRequest, UnbindMFADeviceResponse,
};

/// Operations that have nothing to tell.
macro_rules! on_nothing {
    ($($(#[$meta:meta])* $wire:ident $op:ident $ask:ident $told:ident;)*) => {$(
        $(#[$meta])*
        pub(crate) struct $wire;

        impl Wire for $wire {
            type Op = op::$op;
            type Ask<'a> = $ask<'a>;
            type Told<'a> = $told<'a>;

            fn op(ask: $ask<'_>) -> Result<op::$op> {
                let $ask { user_name } = ask;
                Ok(op::$op { name: owned(user_name) })
            }

            fn told((): &()) -> Result<$told<'_>> {
                Ok($told::default())
            }

            fn ask(op: &op::$op) -> Result<$ask<'_>> {
                let op::$op { name } = op;
                Ok($ask { user_name: Some(Cow::from(name)) })
            }

            fn output(_: $told<'_>) -> Result<()> {
                Ok(())
            }
        }
    )*};
}
on_nothing! {
    /// GetLoginProfile.
    GetLoginProfile DescribeLogon GetLoginProfileRequest GetLoginProfileResponse;
    /// DeleteLoginProfile.
    DeleteLoginProfile RemoveLogon DeleteLoginProfileRequest Nothing;
    /// GetUserMFAInfo.
    GetUserMFAInfo DescribeFactor GetUserMFAInfoRequest GetUserMFAInfoResponse;
    /// UnbindMFADevice.
    UnbindMFADevice RemoveFactor UnbindMFADeviceRequest UnbindMFADeviceResponse;
}
