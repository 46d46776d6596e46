//! EnableKeyRotation, DisableKeyRotation, GetKeyRotationStatus, RotateKeyOnDemand and ListKeyRotations.

use std::borrow::Cow;

use jiff::SignedDuration;
use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Kind, Result};
use polykms_core::key::rotation::{New, Wanted};
use polykms_core::key::{self, Imported, Lasting, Rotated, Rotating, Rotation, RotationOf, Standing, Turn};
use polykms_core::list::Listed;

use super::import::{heard_lasting, model_word};
use super::named_key;
use crate::message::kms::{
    DisableKeyRotationRequest, EnableKeyRotationRequest, GetKeyRotationStatusRequest, GetKeyRotationStatusResponse,
    ListKeyRotationsRequest, ListKeyRotationsResponse, RotateKeyOnDemandRequest, RotateKeyOnDemandResponse,
    RotationsListEntry,
};
use crate::resource::key_name;
use crate::wire::heard::{self, had};
use crate::wire::list;

const DAY: i64 = 24 * 60 * 60;

/// So many days.
fn days(number: i64) -> SignedDuration {
    SignedDuration::from_secs(number.saturating_mul(DAY))
}

/// How many days it is from one rotation to the next.
///
/// # Errors
/// [`Kind::Unsupported`] when these are no whole days.
pub(crate) fn in_days(every: SignedDuration) -> Result<i64> {
    match every == days(every.as_secs() / DAY) {
        true => Ok(every.as_secs() / DAY),
        false => Err(Kind::Unsupported.because("KMS counts from one rotation to the next in whole days")),
    }
}

/// EnableKeyRotation.
pub(crate) struct EnableKeyRotation;

impl Wire for EnableKeyRotation {
    type Op = key::SetRotation;
    type Ask<'a> = EnableKeyRotationRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: EnableKeyRotationRequest<'_>) -> Result<key::SetRotation> {
        let EnableKeyRotationRequest { key_id, rotation_period_in_days } = ask;
        let rotation = Wanted { on: true, every: rotation_period_in_days.map(days) };
        Ok(key::SetRotation { key: named_key(key_id)?, rotation })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::SetRotation) -> Result<EnableKeyRotationRequest<'_>> {
        let key::SetRotation { key, rotation: Wanted { on, every } } = op;
        if !on {
            return Err(Kind::Unsupported.because("rotation is switched off by another operation"));
        }
        let rotation_period_in_days = every.map(in_days).transpose()?;
        Ok(EnableKeyRotationRequest { key_id: Some(key_name(key)?), rotation_period_in_days })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// DisableKeyRotation.
pub(crate) struct DisableKeyRotation;

impl Wire for DisableKeyRotation {
    type Op = key::SetRotation;
    type Ask<'a> = DisableKeyRotationRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DisableKeyRotationRequest<'_>) -> Result<key::SetRotation> {
        let DisableKeyRotationRequest { key_id } = ask;
        Ok(key::SetRotation { key: named_key(key_id)?, rotation: Wanted::NEVER })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::SetRotation) -> Result<DisableKeyRotationRequest<'_>> {
        let key::SetRotation { key, rotation: Wanted { on, every: _ } } = op;
        if *on {
            return Err(Kind::Unsupported.because("rotation is switched on by another operation"));
        }
        Ok(DisableKeyRotationRequest { key_id: Some(key_name(key)?) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// GetKeyRotationStatus.
pub(crate) struct GetKeyRotationStatus;

impl Wire for GetKeyRotationStatus {
    type Op = key::DescribeRotation;
    type Ask<'a> = GetKeyRotationStatusRequest<'a>;
    type Told<'a> = GetKeyRotationStatusResponse<'a>;

    fn op(ask: GetKeyRotationStatusRequest<'_>) -> Result<key::DescribeRotation> {
        let GetKeyRotationStatusRequest { key_id } = ask;
        Ok(key::DescribeRotation { key: named_key(key_id)? })
    }

    fn told(output: &RotationOf) -> Result<GetKeyRotationStatusResponse<'_>> {
        let RotationOf { arn, rotation: Rotation { rotating, every, next } } = output;
        Ok(GetKeyRotationStatusResponse {
            key_rotation_enabled: Some(*rotating == Rotating::On),
            key_id: Some((&**arn).into()),
            rotation_period_in_days: every.map(in_days).transpose()?,
            next_rotation_date: *next,
        })
    }

    fn ask(op: &key::DescribeRotation) -> Result<GetKeyRotationStatusRequest<'_>> {
        let key::DescribeRotation { key } = op;
        Ok(GetKeyRotationStatusRequest { key_id: Some(key_name(key)?) })
    }

    fn output(told: GetKeyRotationStatusResponse<'_>) -> Result<RotationOf> {
        let GetKeyRotationStatusResponse { key_rotation_enabled, key_id, rotation_period_in_days, next_rotation_date } =
            told;
        let rotating = if had(key_rotation_enabled)? { Rotating::On } else { Rotating::Off };
        let rotation = Rotation { rotating, every: rotation_period_in_days.map(days), next: next_rotation_date };
        Ok(RotationOf { arn: (&*had(key_id)?).into(), rotation })
    }
}

/// RotateKeyOnDemand.
pub(crate) struct RotateKeyOnDemand;

impl Wire for RotateKeyOnDemand {
    type Op = key::Rotate;
    type Ask<'a> = RotateKeyOnDemandRequest<'a>;
    type Told<'a> = RotateKeyOnDemandResponse<'a>;

    fn op(ask: RotateKeyOnDemandRequest<'_>) -> Result<key::Rotate> {
        let RotateKeyOnDemandRequest { key_id } = ask;
        Ok(key::Rotate { key: named_key(key_id)? })
    }

    fn told(output: &New) -> Result<RotateKeyOnDemandResponse<'_>> {
        let New { arn, version: _ } = output;
        Ok(RotateKeyOnDemandResponse { key_id: arn.as_deref().map(Cow::from) })
    }

    fn ask(op: &key::Rotate) -> Result<RotateKeyOnDemandRequest<'_>> {
        let key::Rotate { key } = op;
        Ok(RotateKeyOnDemandRequest { key_id: Some(key_name(key)?) })
    }

    fn output(told: RotateKeyOnDemandResponse<'_>) -> Result<New> {
        let RotateKeyOnDemandResponse { key_id } = told;
        Ok(New { arn: Some((&*had(key_id)?).into()), version: None })
    }
}

/// ListKeyRotations.
pub(crate) struct ListKeyRotations;

/// What is listed: the material from the beginning too, or rotations alone.
const ALL: &str = "ALL_KEY_MATERIAL";
const ROTATIONS: &str = "ROTATIONS_ONLY";

const KINDS: [Rotated; 2] = [Rotated::ByItself, Rotated::OnDemand];

fn kind_word(rotated: Rotated) -> &'static str {
    match rotated {
        Rotated::ByItself => "AUTOMATIC",
        Rotated::OnDemand => "ON_DEMAND",
    }
}

const STANDINGS: [Standing; 3] = [Standing::Current, Standing::Former, Standing::Pending];

/// Whether the material encrypts.
fn state_word(standing: Standing) -> &'static str {
    match standing {
        Standing::Current => "CURRENT",
        Standing::Former => "NON_CURRENT",
        Standing::Pending => "PENDING_ROTATION",
    }
}

/// Whether imported material is there.
fn import_word(is_there: bool) -> &'static str {
    if is_there { "IMPORTED" } else { "PENDING_IMPORT" }
}

impl Wire for ListKeyRotations {
    type Op = key::ListRotations;
    type Ask<'a> = ListKeyRotationsRequest<'a>;
    type Told<'a> = ListKeyRotationsResponse<'a>;

    fn op(ask: ListKeyRotationsRequest<'_>) -> Result<key::ListRotations> {
        let ListKeyRotationsRequest { key_id, include_key_material, limit, marker } = ask;
        let with_first = include_key_material.as_deref() == Some(ALL);
        Ok(key::ListRotations { key: named_key(key_id)?, with_first, paging: list::paging(limit, marker, 1000) })
    }

    fn told(output: &Listed<Turn>) -> Result<ListKeyRotationsResponse<'_>> {
        let Listed { items, next, .. } = output;
        Ok(ListKeyRotationsResponse {
            rotations: Some(items.iter().map(entry).collect()),
            next_marker: next.as_deref().map(Cow::from),
            truncated: Some(next.is_some()),
        })
    }

    fn ask(op: &key::ListRotations) -> Result<ListKeyRotationsRequest<'_>> {
        let key::ListRotations { key, with_first, paging } = op;
        let (limit, marker) = list::part(paging)?;
        let include_key_material = Some(if *with_first { ALL } else { ROTATIONS }.into());
        Ok(ListKeyRotationsRequest { key_id: Some(key_name(key)?), include_key_material, limit, marker })
    }

    fn output(told: ListKeyRotationsResponse<'_>) -> Result<Listed<Turn>> {
        let ListKeyRotationsResponse { rotations, next_marker, truncated } = told;
        list::heard(rotations, truncated, next_marker, turn)
    }
}

fn entry(turn: &Turn) -> RotationsListEntry<'_> {
    let Turn { arn, material, standing, imported, at, rotated } = turn;
    let lasting = imported.as_ref().and_then(|imported| imported.lasting);
    RotationsListEntry {
        key_material_description: imported.as_ref().and_then(|imported| Some(imported.description.as_ref()?.into())),
        import_state: imported.as_ref().map(|_| import_word(lasting.is_some()).into()),
        expiration_model: lasting.map(|lasting| model_word(lasting).into()),
        valid_to: lasting.and_then(Lasting::end),
        key_id: Some(arn.into()),
        key_material_id: material.as_deref().map(Cow::from),
        key_material_state: Some(state_word(*standing).into()),
        rotation_date: *at,
        rotation_type: rotated.map(|rotated| kind_word(rotated).into()),
    }
}

fn turn(entry: RotationsListEntry<'_>) -> Result<Turn> {
    let RotationsListEntry {
        key_id,
        key_material_id,
        key_material_description,
        import_state,
        key_material_state,
        expiration_model,
        valid_to,
        rotation_date,
        rotation_type,
    } = entry;
    let is_there = import_state.map(|told| heard::one_of(&[true, false], import_word, Some(told))).transpose()?;
    let lasting = heard_lasting(expiration_model, valid_to)?;
    if is_there.unwrap_or_default() != lasting.is_some() {
        return Err(heard::unreadable("the answer tells of material and of none"));
    }
    let description = key_material_description.map(Cow::into_owned);
    Ok(Turn {
        arn: heard::text(key_id)?,
        material: Some(heard::text(key_material_id)?),
        standing: heard::one_of(&STANDINGS, state_word, key_material_state)?,
        imported: is_there.map(|_| Imported { lasting, description }),
        at: rotation_date,
        rotated: rotation_type.map(|told| heard::one_of(&KINDS, kind_word, Some(told))).transpose()?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Flaw;

    use super::*;
    use crate::wire::kms::material_id;
    use crate::wire::kms::tests::{ARN, ID, VERSION, decoded, refused, text_of};

    #[test]
    fn a_period_is_of_90_to_2560_days_and_365_by_default() {
        let asked = |period: &str| format!(r#"{{"KeyId":"{ID}"{period}}}"#);
        let every = |period: &str| decoded::<EnableKeyRotation>(&asked(period)).unwrap().rotation.every;
        assert_eq!(every(""), Some(days(365)));
        for (period, number) in [(r#","RotationPeriodInDays":90"#, 90), (r#","RotationPeriodInDays":2560"#, 2560)] {
            assert_eq!(every(period), Some(days(number)));
        }
        for (wrong, bound) in [("89", "greater than or equal to 90"), ("2561", "less than or equal to 2560")] {
            let (kind, words) = refused::<EnableKeyRotation>(&asked(&format!(r#","RotationPeriodInDays":{wrong}"#)));
            let told = format!(
                "1 validation error detected: Value '{wrong}' at 'rotationPeriodInDays' failed to satisfy constraint: Member \
                 must have value {bound}"
            );
            assert_eq!((kind, words), (Kind::Invalid(Flaw::Value), told));
        }
        assert_eq!(in_days(SignedDuration::from_hours(25)).unwrap_err().kind(), Kind::Unsupported);
    }

    #[test]
    fn rotation_takes_no_alias() {
        let body = r#"{"KeyId":"alias/a"}"#;
        for refused in [
            refused::<EnableKeyRotation>(body),
            refused::<DisableKeyRotation>(body),
            refused::<GetKeyRotationStatus>(body),
            refused::<RotateKeyOnDemand>(body),
            refused::<ListKeyRotations>(body),
        ] {
            assert_eq!(refused.1, "Invalid keyId 'alias/a'");
        }
    }

    #[test]
    fn a_key_that_does_not_rotate_tells_no_more_than_that() {
        let told = |rotation| text_of::<GetKeyRotationStatus>(RotationOf { arn: ARN.into(), rotation });
        let off = Rotation { rotating: Rotating::Off, every: None, next: None };
        assert_eq!(told(off), format!(r#"{{"KeyRotationEnabled":false,"KeyId":"{ARN}"}}"#));
        let next = "2024-02-01T00:00:00Z".parse().unwrap();
        let on = Rotation { rotating: Rotating::On, every: Some(days(90)), next: Some(next) };
        let text = format!(
            r#"{{"KeyRotationEnabled":true,"KeyId":"{ARN}","RotationPeriodInDays":90,"NextRotationDate":1706745600.0}}"#
        );
        assert_eq!(told(on), text);
    }

    #[test]
    fn the_first_material_has_neither_a_date_nor_a_type() {
        let at = "2024-02-01T00:00:00Z".parse().unwrap();
        let material = material_id(ID, VERSION);
        let turn = |standing, rotated: Option<Rotated>| Turn {
            arn: ARN.to_owned(),
            material: Some(material.clone()),
            standing,
            imported: None,
            at: rotated.map(|_| at),
            rotated,
        };
        let items = vec![turn(Standing::Former, None), turn(Standing::Current, Some(Rotated::OnDemand))];
        let text = text_of::<ListKeyRotations>(Listed { items, next: None, numbered: None });
        let expected = format!(
            r#"{{"Rotations":[{{"KeyId":"{ARN}","KeyMaterialId":"{material}","KeyMaterialState":"NON_CURRENT"}},{{"KeyId":"{ARN}","KeyMaterialId":"{material}","KeyMaterialState":"CURRENT","RotationDate":1706745600.0,"RotationType":"ON_DEMAND"}}],"Truncated":false}}"#
        );
        assert_eq!(text, expected);
        let list = |more: &str| decoded::<ListKeyRotations>(&format!(r#"{{"KeyId":"{ID}"{more}}}"#)).unwrap();
        assert!(!list("").with_first && list(r#","IncludeKeyMaterial":"ALL_KEY_MATERIAL""#).with_first);
    }
}
