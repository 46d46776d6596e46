//! The life of a key: UpdateKeyDescription, EnableKey, DisableKey, ScheduleKeyDeletion, CancelKeyDeletion and
//! SetDeletionProtection.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Flaw, Kind, Noun, Result};
use polykms_core::key::{self, Reference, Restored, Scheduled};

use super::key::LONGEST_DESCRIPTION;
use crate::resource;
use crate::rules::WINDOW_DAYS;
use crate::wire::{Arguments, done, invalid, missing};

pub(crate) struct UpdateKeyDescription;

impl Former for UpdateKeyDescription {
    type Op = key::UpdateDescription;

    fn decode(arguments: &Payload) -> Result<key::UpdateDescription> {
        let arguments = Arguments::of(arguments)?;
        let description = arguments.limited("Description", LONGEST_DESCRIPTION)?;
        Ok(key::UpdateDescription {
            key: arguments.key("KeyId")?,
            // An empty one is given too: it takes the old one away.
            description: description.ok_or_else(|| missing("Description"))?.to_owned(),
        })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct EnableKey;

impl Former for EnableKey {
    type Op = key::Enable;

    fn decode(arguments: &Payload) -> Result<key::Enable> {
        Ok(key::Enable { key: Arguments::of(arguments)?.key("KeyId")? })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct DisableKey;

impl Former for DisableKey {
    type Op = key::Disable;

    fn decode(arguments: &Payload) -> Result<key::Disable> {
        Ok(key::Disable { key: Arguments::of(arguments)?.key("KeyId")? })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct ScheduleKeyDeletion;

impl Former for ScheduleKeyDeletion {
    type Op = key::ScheduleDeletion;

    fn decode(arguments: &Payload) -> Result<key::ScheduleDeletion> {
        const WINDOW: &str = "PendingWindowInDays";
        let arguments = Arguments::of(arguments)?;
        let window_days = arguments.number(WINDOW, WINDOW_DAYS)?.ok_or_else(|| missing(WINDOW))?;
        Ok(key::ScheduleDeletion { key: arguments.key("KeyId")?, window_days })
    }

    fn encode(_: Scheduled) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct CancelKeyDeletion;

impl Former for CancelKeyDeletion {
    type Op = key::CancelDeletion;

    fn decode(arguments: &Payload) -> Result<key::CancelDeletion> {
        Ok(key::CancelDeletion { key: Arguments::of(arguments)?.key("KeyId")? })
    }

    fn encode(_: Restored) -> Result<Payload> {
        Ok(done())
    }
}

pub(crate) struct SetDeletionProtection;

/// The longest reason for a protection, in characters.
const LONGEST_REASON: usize = 1024;

impl Former for SetDeletionProtection {
    type Op = key::SetDeletionProtection;

    fn decode(arguments: &Payload) -> Result<key::SetDeletionProtection> {
        const ENABLE: &str = "EnableDeletionProtection";
        let arguments = Arguments::of(arguments)?;
        if arguments.text("KmsInstanceId").is_some() {
            return Err(Kind::NotFound(Noun::Instance).about("KmsInstanceId"));
        }
        let enable = arguments.flag(ENABLE)?.ok_or_else(|| missing(ENABLE))?;
        let reason = arguments.limited("DeletionProtectionDescription", LONGEST_REASON)?.unwrap_or_default();
        Ok(key::SetDeletionProtection { key: protected(arguments)?, protection: enable.then(|| reason.to_owned()) })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

/// The key, by its full name as older clients give it, or in any form.
fn protected(arguments: Arguments<'_>) -> Result<Reference> {
    const ARN: &str = "ProtectedResourceArn";
    match (arguments.text(ARN), arguments.text("KeyId")) {
        (None, _) => arguments.key("KeyId"),
        (Some(arn), None) => {
            let full = resource::key(arn).filter(|reference| reference.account.is_some());
            full.ok_or_else(|| invalid(Flaw::Format, ARN))
        }
        (Some(_), Some(_)) => Err(invalid(Flaw::Value, "KeyId")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::params;

    #[test]
    fn the_window_of_a_deletion_is_from_a_week_to_a_year() {
        let window =
            |days: &str| ScheduleKeyDeletion::decode(&params(&[("KeyId", "k"), ("PendingWindowInDays", days)]));
        assert_eq!([window("7").unwrap().window_days, window("366").unwrap().window_days], [7, 366]);
        for wrong in ["6", "367", "x", "-7", "7.0"] {
            assert_eq!(window(wrong).unwrap_err().kind(), Kind::Invalid(Flaw::Value), "{wrong}");
        }
        assert_eq!(window("").unwrap_err().kind(), Kind::Invalid(Flaw::Missing));
    }

    #[test]
    fn a_description_may_be_taken_away_but_must_be_given() {
        let decode = |pairs: &[(&str, &str)]| UpdateKeyDescription::decode(&params(pairs));
        assert_eq!(decode(&[("KeyId", "k"), ("Description", "")]).unwrap().description, "");
        assert_eq!(decode(&[("KeyId", "k")]).unwrap_err().subject(), Some("Description"));
    }

    #[test]
    fn protection_is_set_by_full_name_or_key() {
        let decode = |pairs: &[(&str, &str)]| SetDeletionProtection::decode(&params(pairs));
        let on = ("EnableDeletionProtection", "true");
        let why = ("DeletionProtectionDescription", "in use");
        let arn = ("ProtectedResourceArn", "acs:kms:r:1:key/k");
        let set = decode(&[on, why, arn]).unwrap();
        assert_eq!((set.key.account.as_deref(), set.protection.as_deref()), (Some("1"), Some("in use")));
        let off = decode(&[("EnableDeletionProtection", "False"), why, ("KeyId", "k")]).unwrap();
        assert_eq!((off.key, off.protection), (Reference::id("k"), None));
        assert!(decode(&[on]).is_err() && decode(&[arn]).is_err());
        assert!(decode(&[on, ("ProtectedResourceArn", "k")]).is_err());
        assert!(decode(&[on, arn, ("KeyId", "k")]).is_err());
    }
}
