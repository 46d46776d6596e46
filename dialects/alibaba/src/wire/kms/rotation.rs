//! Rotation of keys: CreateKeyVersion and UpdateRotationPolicy, and how often a key rotates.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use jiff::SignedDuration;
use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Flaw, Result};
use polykms_core::key::rotation::{New, Wanted};
use polykms_core::key::{self, Rotating, Words};

use super::{key_of, version};
use crate::message::kms::{CreateKeyVersionRequest, CreateKeyVersionResponse, UpdateRotationPolicyRequest};
use crate::resource::key_name;
use crate::wire::{heard, invalid, missing};

const INTERVAL: &str = "RotationInterval";
const DAY: i64 = 24 * 60 * 60;

/// From one rotation to the next, in seconds, of a key that is made.
pub(super) const OF_NEW: RangeInclusive<i64> = 7 * DAY..=365 * DAY;
/// The same of a key that is there.
const OF_KEPT: RangeInclusive<i64> = 7 * DAY..=730 * DAY;

/// Whether a key rotates by itself.
pub(super) const ROTATING: Words<Rotating> =
    Words::new(&[Rotating::On, Rotating::Off, Rotating::Suspended], |rotating| match rotating {
        Rotating::On => "Enabled",
        Rotating::Off => "Disabled",
        Rotating::Suspended => "Suspended",
    });

/// Whether a key is to rotate by itself, and how often. How often has to be said where it is to.
pub(super) fn wanted(on: bool, interval: Option<Cow<'_, str>>, allowed: &RangeInclusive<i64>) -> Result<Wanted> {
    let seconds = |text: Cow<'_, str>| {
        let seconds = seconds(&text).filter(|seconds| allowed.contains(seconds));
        seconds.map(SignedDuration::from_secs).ok_or_else(|| invalid(Flaw::Value, INTERVAL))
    };
    match interval.map(seconds).transpose()? {
        None if on => Err(missing(INTERVAL)),
        every => Ok(Wanted { on, every }),
    }
}

/// A number with its unit: `7d`, `168h`, `10080m`, `604800s`.
fn seconds(text: &str) -> Option<i64> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "d" => DAY,
        "h" => 60 * 60,
        "m" => 60,
        "s" => 1,
        _ => return None,
    };
    let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse::<i64>().ok().filter(|_| is_number)?.checked_mul(unit)
}

/// So long, in the unit that answers have.
pub(super) fn interval(every: SignedDuration) -> Cow<'static, str> {
    format!("{}s", every.as_secs()).into()
}

/// The same, as an answer tells it.
pub(super) fn heard_interval(text: &str) -> Result<SignedDuration> {
    let unreadable = || heard::unreadable("the answer has no interval where one is due");
    seconds(text).map(SignedDuration::from_secs).ok_or_else(unreadable)
}

/// UpdateRotationPolicy.
pub(crate) struct UpdateRotationPolicy;

impl Wire for UpdateRotationPolicy {
    type Op = key::SetRotation;
    type Ask<'a> = UpdateRotationPolicyRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: UpdateRotationPolicyRequest<'_>) -> Result<key::SetRotation> {
        let UpdateRotationPolicyRequest { enable_automatic_rotation, key_id, rotation_interval } = ask;
        let rotation = wanted(enable_automatic_rotation.unwrap_or_default(), rotation_interval, &OF_KEPT)?;
        Ok(key::SetRotation { key: key_of("KeyId", key_id)?, rotation })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::SetRotation) -> Result<UpdateRotationPolicyRequest<'_>> {
        let key::SetRotation { key, rotation: Wanted { on, every } } = op;
        Ok(UpdateRotationPolicyRequest {
            enable_automatic_rotation: Some(*on),
            key_id: Some(key_name(key)?),
            rotation_interval: every.map(interval),
        })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// CreateKeyVersion.
pub(crate) struct CreateKeyVersion;

impl Wire for CreateKeyVersion {
    type Op = key::Rotate;
    type Ask<'a> = CreateKeyVersionRequest<'a>;
    type Told<'a> = CreateKeyVersionResponse<'a>;

    fn op(ask: CreateKeyVersionRequest<'_>) -> Result<key::Rotate> {
        let CreateKeyVersionRequest { key_id } = ask;
        Ok(key::Rotate { key: key_of("KeyId", key_id)? })
    }

    fn told(output: &New) -> Result<CreateKeyVersionResponse<'_>> {
        let New { arn: _, version: made } = output;
        Ok(CreateKeyVersionResponse { key_version: made.as_ref().map(version::told) })
    }

    fn ask(op: &key::Rotate) -> Result<CreateKeyVersionRequest<'_>> {
        let key::Rotate { key } = op;
        Ok(CreateKeyVersionRequest { key_id: Some(key_name(key)?) })
    }

    fn output(told: CreateKeyVersionResponse<'_>) -> Result<New> {
        let CreateKeyVersionResponse { key_version } = told;
        Ok(New { arn: None, version: Some(version::heard(heard::had(key_version)?)?) })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Kind;

    use super::*;
    use crate::wire::kms::key::CreateKey;
    use crate::wire::tests::decoded;

    fn update(on: &str, interval: &str) -> Result<key::SetRotation> {
        let pairs = [("KeyId", "k"), ("EnableAutomaticRotation", on), ("RotationInterval", interval)];
        decoded::<UpdateRotationPolicy>(&pairs)
    }

    #[test]
    fn an_interval_is_a_number_with_a_unit() {
        let every = |text: &str| update("true", text).unwrap().rotation.every.unwrap();
        for text in ["7d", "168h", "10080m", "604800s"] {
            assert_eq!(interval(every(text)), "604800s");
        }
        for wrong in
            ["7", "d", "7D", "+7d", "-7d", "7.5d", "7 d", "7w", "99999999999999999999d", "9223372036854775807d"]
        {
            let error = update("true", wrong).unwrap_err();
            assert_eq!((error.kind(), error.subject()), (Kind::Invalid(Flaw::Value), Some(INTERVAL)), "{wrong}");
        }
    }

    #[test]
    fn a_key_rotates_after_7_to_730_days_and_a_new_one_after_365_at_most() {
        let create = |text: &str| decoded::<CreateKey>(&[("EnableAutomaticRotation", "true"), (INTERVAL, text)]);
        for (text, kept, new) in [
            ("604799s", false, false),
            ("7d", true, true),
            ("365d", true, true),
            ("31536001s", true, false),
            ("730d", true, false),
            ("63072001s", false, false),
        ] {
            assert_eq!((update("true", text).is_ok(), create(text).is_ok()), (kept, new), "{text}");
        }
    }

    #[test]
    fn how_often_has_to_be_said_where_a_key_is_to_rotate() {
        assert_eq!(update("true", "").unwrap_err().kind(), Kind::Invalid(Flaw::Missing));
        assert_eq!(update("false", "").unwrap().rotation, Wanted::NEVER);
        assert!(!update("false", "30d").unwrap().rotation.on);
        assert!(update("false", "30").is_err() && update("", "30d").is_err());
    }
}
