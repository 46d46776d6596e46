//! The life of a key: UpdateKeyDescription, EnableKey, DisableKey, ScheduleKeyDeletion, CancelKeyDeletion and
//! SetDeletionProtection.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Flaw, Kind, Noun, Result};
use polykms_core::key::{self, Reference, Restored, Scheduled};

use super::key_of;
use crate::message::kms::{
    CancelKeyDeletionRequest, DisableKeyRequest, EnableKeyRequest, ScheduleKeyDeletionRequest,
    SetDeletionProtectionRequest, UpdateKeyDescriptionRequest,
};
use crate::resource::{self, key_name};
use crate::wire::{invalid, missing};

/// UpdateKeyDescription.
pub(crate) struct UpdateKeyDescription;

impl Wire for UpdateKeyDescription {
    type Op = key::UpdateDescription;
    type Ask<'a> = UpdateKeyDescriptionRequest<'a>;
    type Told<'a> = Nothing<'a>;

    /// An empty description is given too: it takes the old one away.
    fn op(ask: UpdateKeyDescriptionRequest<'_>) -> Result<key::UpdateDescription> {
        let UpdateKeyDescriptionRequest { description, key_id } = ask;
        let description = description.unwrap_or_default().into_owned();
        Ok(key::UpdateDescription { key: key_of("KeyId", key_id)?, description })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::UpdateDescription) -> Result<UpdateKeyDescriptionRequest<'_>> {
        let key::UpdateDescription { key, description } = op;
        Ok(UpdateKeyDescriptionRequest { description: Some(description.into()), key_id: Some(key_name(key)?) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// EnableKey.
pub(crate) struct EnableKey;

impl Wire for EnableKey {
    type Op = key::Enable;
    type Ask<'a> = EnableKeyRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: EnableKeyRequest<'_>) -> Result<key::Enable> {
        let EnableKeyRequest { key_id } = ask;
        Ok(key::Enable { key: key_of("KeyId", key_id)? })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::Enable) -> Result<EnableKeyRequest<'_>> {
        let key::Enable { key } = op;
        Ok(EnableKeyRequest { key_id: Some(key_name(key)?) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// DisableKey.
pub(crate) struct DisableKey;

impl Wire for DisableKey {
    type Op = key::Disable;
    type Ask<'a> = DisableKeyRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DisableKeyRequest<'_>) -> Result<key::Disable> {
        let DisableKeyRequest { key_id } = ask;
        Ok(key::Disable { key: key_of("KeyId", key_id)? })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::Disable) -> Result<DisableKeyRequest<'_>> {
        let key::Disable { key } = op;
        Ok(DisableKeyRequest { key_id: Some(key_name(key)?) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// ScheduleKeyDeletion.
pub(crate) struct ScheduleKeyDeletion;

impl Wire for ScheduleKeyDeletion {
    type Op = key::ScheduleDeletion;
    type Ask<'a> = ScheduleKeyDeletionRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: ScheduleKeyDeletionRequest<'_>) -> Result<key::ScheduleDeletion> {
        const WINDOW: &str = "PendingWindowInDays";
        let ScheduleKeyDeletionRequest { key_id, pending_window_in_days } = ask;
        let window_days = pending_window_in_days.ok_or_else(|| missing(WINDOW))?;
        let window_days = u32::try_from(window_days).map_err(|_| invalid(Flaw::Value, WINDOW))?;
        Ok(key::ScheduleDeletion { key: key_of("KeyId", key_id)?, window_days })
    }

    fn told(_: &Option<Scheduled>) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::ScheduleDeletion) -> Result<ScheduleKeyDeletionRequest<'_>> {
        let key::ScheduleDeletion { key, window_days } = op;
        let pending_window_in_days = Some(i64::from(*window_days));
        Ok(ScheduleKeyDeletionRequest { key_id: Some(key_name(key)?), pending_window_in_days })
    }

    /// The vendor does not say when it will be.
    fn output(_: Nothing<'_>) -> Result<Option<Scheduled>> {
        Ok(None)
    }
}

/// CancelKeyDeletion.
pub(crate) struct CancelKeyDeletion;

impl Wire for CancelKeyDeletion {
    type Op = key::CancelDeletion;
    type Ask<'a> = CancelKeyDeletionRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: CancelKeyDeletionRequest<'_>) -> Result<key::CancelDeletion> {
        let CancelKeyDeletionRequest { key_id } = ask;
        Ok(key::CancelDeletion { key: key_of("KeyId", key_id)? })
    }

    fn told(_: &Option<Restored>) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::CancelDeletion) -> Result<CancelKeyDeletionRequest<'_>> {
        let key::CancelDeletion { key } = op;
        Ok(CancelKeyDeletionRequest { key_id: Some(key_name(key)?) })
    }

    /// The vendor does not repeat the key.
    fn output(_: Nothing<'_>) -> Result<Option<Restored>> {
        Ok(None)
    }
}

/// SetDeletionProtection.
pub(crate) struct SetDeletionProtection;

impl Wire for SetDeletionProtection {
    type Op = key::SetDeletionProtection;
    type Ask<'a> = SetDeletionProtectionRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: SetDeletionProtectionRequest<'_>) -> Result<key::SetDeletionProtection> {
        let SetDeletionProtectionRequest {
            deletion_protection_description,
            enable_deletion_protection,
            key_id,
            kms_instance_id,
            protected_resource_arn,
        } = ask;
        if kms_instance_id.is_some() {
            return Err(Kind::NotFound(Noun::Instance).about("KmsInstanceId"));
        }
        Ok(key::SetDeletionProtection {
            key: protected(protected_resource_arn, key_id)?,
            on: enable_deletion_protection.unwrap_or_default(),
            reason: deletion_protection_description.map(Cow::into_owned),
        })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::SetDeletionProtection) -> Result<SetDeletionProtectionRequest<'_>> {
        let key::SetDeletionProtection { key, on, reason } = op;
        Ok(SetDeletionProtectionRequest {
            deletion_protection_description: reason.as_deref().map(Cow::from),
            enable_deletion_protection: Some(*on),
            key_id: Some(key_name(key)?),
            kms_instance_id: None,
            protected_resource_arn: None,
        })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// The key, by its full name as older clients give it, or in any form.
fn protected(arn: Option<Cow<'_, str>>, key_id: Option<Cow<'_, str>>) -> Result<Reference> {
    const ARN: &str = "ProtectedResourceArn";
    match (arn, key_id) {
        (None, None) => Err(missing("KeyId")),
        (None, key_id) => key_of("KeyId", key_id),
        (Some(arn), None) => {
            let full = resource::key(&arn).filter(|reference| reference.account.is_some());
            full.ok_or_else(|| invalid(Flaw::Format, ARN))
        }
        (Some(_), Some(_)) => Err(invalid(Flaw::Value, "KeyId")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::decoded;

    #[test]
    fn the_window_of_a_deletion_is_from_a_week_to_a_year() {
        let window = |days: &str| decoded::<ScheduleKeyDeletion>(&[("KeyId", "k"), ("PendingWindowInDays", days)]);
        assert_eq!([window("7").unwrap().window_days, window("366").unwrap().window_days], [7, 366]);
        for wrong in ["6", "367", "x", "-7", "7.0"] {
            assert_eq!(window(wrong).unwrap_err().kind(), Kind::Invalid(Flaw::Value), "{wrong}");
        }
        assert_eq!(window("").unwrap_err().kind(), Kind::Invalid(Flaw::Missing));
    }

    #[test]
    fn a_description_may_be_taken_away_but_must_be_given() {
        let decode = |pairs: &[(&str, &str)]| decoded::<UpdateKeyDescription>(pairs);
        assert_eq!(decode(&[("KeyId", "k"), ("Description", "")]).unwrap().description, "");
        assert_eq!(decode(&[("KeyId", "k")]).unwrap_err().subject(), Some("Description"));
    }

    #[test]
    fn protection_is_set_by_full_name_or_key() {
        let decode = |pairs: &[(&str, &str)]| decoded::<SetDeletionProtection>(pairs);
        let on = ("EnableDeletionProtection", "true");
        let why = ("DeletionProtectionDescription", "in use");
        let arn = ("ProtectedResourceArn", "acs:kms:r:1:key/k");
        let set = decode(&[on, why, arn]).unwrap();
        assert_eq!((set.key.account.as_deref(), set.on, set.reason.as_deref()), (Some("1"), true, Some("in use")));
        let off = decode(&[("EnableDeletionProtection", "False"), why, ("KeyId", "k")]).unwrap();
        assert_eq!((off.key, off.on), (Reference::id("k"), false));
        assert!(decode(&[on]).is_err() && decode(&[arn]).is_err());
        assert!(decode(&[on, ("ProtectedResourceArn", "k")]).is_err());
        assert!(decode(&[on, arn, ("KeyId", "k")]).is_err());
    }
}
