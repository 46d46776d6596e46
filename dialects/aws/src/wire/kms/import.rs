//! GetParametersForImport, ImportKeyMaterial and DeleteImportedKeyMaterial.
//!
//! Follows "Importing key material for AWS KMS keys" of the KMS Developer Guide.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::error::Result;
use polykms_core::key::{self, Intent, Lasting, MaterialOf, Prepared, Reference, Spec, Wrapping};
use polykms_core::port::Time;

use super::life::known;
use super::words::{asked, spec_word, wrapping_word};
use super::{named_key, unsupported};
use crate::message::kms::{
    DeleteImportedKeyMaterialRequest, DeleteImportedKeyMaterialResponse, GetParametersForImportRequest,
    GetParametersForImportResponse, ImportKeyMaterialRequest, ImportKeyMaterialResponse,
};
use crate::protocol::refused;
use crate::resource::{self, key_name};
use crate::wire::heard::{self, had};

/// The pairs that material is wrapped under.
pub(crate) const PAIRS: [Spec; 3] = [Spec::Rsa2048, Spec::Rsa3072, Spec::Rsa4096];

const INTENTS: [Intent; 2] = [Intent::New, Intent::Again];

/// Which material is meant.
fn intent_word(intent: Intent) -> &'static str {
    match intent {
        Intent::New => "NEW_KEY_MATERIAL",
        Intent::Again => "EXISTING_KEY_MATERIAL",
    }
}

const EXPIRES: &str = "KEY_MATERIAL_EXPIRES";
const DOES_NOT_EXPIRE: &str = "KEY_MATERIAL_DOES_NOT_EXPIRE";

/// Whether material expires.
pub(crate) fn model_word(lasting: Lasting) -> &'static str {
    match lasting {
        Lasting::ForEver => DOES_NOT_EXPIRE,
        Lasting::Until(_) => EXPIRES,
    }
}

/// How long material is there that an answer tells about.
pub(super) fn heard_lasting(model: Option<Cow<'_, str>>, valid_to: Option<Time>) -> Result<Option<Lasting>> {
    match (model.as_deref(), valid_to) {
        (None, None) => Ok(None),
        (Some(EXPIRES), Some(at)) => Ok(Some(Lasting::Until(at))),
        (Some(DOES_NOT_EXPIRE), None) => Ok(Some(Lasting::ForEver)),
        (_, _) => Err(heard::unreadable("the answer has an end of material that does not fit its model")),
    }
}

/// How long imported material is to be there.
fn lasting(model: Option<Cow<'_, str>>, valid_to: Option<Time>) -> Result<Lasting> {
    match (model.as_deref(), valid_to) {
        (Some(DOES_NOT_EXPIRE), None) => Ok(Lasting::ForEver),
        (Some(DOES_NOT_EXPIRE), Some(_)) => {
            Err(refused("A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE"))
        }
        (_, Some(at)) => Ok(Lasting::Until(at)),
        (_, None) => Err(refused("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES")),
    }
}

/// GetParametersForImport.
pub(crate) struct GetParametersForImport;

impl Wire for GetParametersForImport {
    type Op = key::PrepareImport;
    type Ask<'a> = GetParametersForImportRequest<'a>;
    type Told<'a> = GetParametersForImportResponse<'a>;

    fn op(ask: GetParametersForImportRequest<'_>) -> Result<key::PrepareImport> {
        let GetParametersForImportRequest { key_id, wrapping_algorithm, wrapping_key_spec } = ask;
        if wrapping_algorithm.as_deref() == Some("RSAES_PKCS1_V1_5") {
            return Err(unsupported("WrappingAlgorithm RSAES_PKCS1_V1_5 is no longer supported."));
        }
        Ok(key::PrepareImport {
            key: named_key(key_id)?,
            wrapping: asked(&Wrapping::ALL, wrapping_word, "WrappingAlgorithm", wrapping_algorithm)?,
            pair: asked(&PAIRS, spec_word, "WrappingKeySpec", wrapping_key_spec)?,
        })
    }

    fn told(output: &Prepared) -> Result<GetParametersForImportResponse<'_>> {
        let Prepared { arn, key_id: _, public, token, valid_until } = output;
        Ok(GetParametersForImportResponse {
            key_id: arn.as_deref().map(Cow::from),
            import_token: Some(token.into()),
            public_key: Some(public.into()),
            parameters_valid_to: Some(*valid_until),
        })
    }

    fn ask(op: &key::PrepareImport) -> Result<GetParametersForImportRequest<'_>> {
        let key::PrepareImport { key, wrapping, pair } = op;
        Ok(GetParametersForImportRequest {
            key_id: Some(key_name(key)?),
            wrapping_algorithm: Some(wrapping_word(*wrapping).into()),
            wrapping_key_spec: Some(spec_word(*pair).into()),
        })
    }

    fn output(told: GetParametersForImportResponse<'_>) -> Result<Prepared> {
        let GetParametersForImportResponse { key_id, import_token, public_key, parameters_valid_to } = told;
        let arn = had(key_id)?;
        Ok(Prepared {
            key_id: id_of(&arn)?,
            arn: Some((&*arn).into()),
            public: heard::bytes(public_key)?,
            token: heard::bytes(import_token)?,
            valid_until: had(parameters_valid_to)?,
        })
    }
}

/// The identifier in the ARN of a key.
fn id_of(arn: &str) -> Result<String> {
    match resource::key(arn)? {
        Reference { by: key::By::Id(id), .. } => Ok(id),
        _ => Err(heard::unreadable("the answer names no key")),
    }
}

/// ImportKeyMaterial.
pub(crate) struct ImportKeyMaterial;

impl Wire for ImportKeyMaterial {
    type Op = key::ImportMaterial;
    type Ask<'a> = ImportKeyMaterialRequest<'a>;
    type Told<'a> = ImportKeyMaterialResponse<'a>;

    fn op(ask: ImportKeyMaterialRequest<'_>) -> Result<key::ImportMaterial> {
        let ImportKeyMaterialRequest {
            key_id,
            import_token,
            encrypted_key_material,
            valid_to,
            expiration_model,
            import_type,
            key_material_description,
            key_material_id,
        } = ask;
        let intent = import_type.map(|word| heard::one_of(&INTENTS, intent_word, Some(word))).transpose()?;
        if intent == Some(Intent::New) && key_material_id.is_some() {
            return Err(refused("KeyMaterialId must not be set if the ImportType is NEW_KEY_MATERIAL"));
        }
        Ok(key::ImportMaterial {
            key: named_key(key_id)?,
            token: import_token.unwrap_or_default().into_bytes(),
            wrapped: encrypted_key_material.unwrap_or_default().into_bytes(),
            lasting: lasting(expiration_model, valid_to)?,
            intent,
            material: key_material_id.map(Cow::into_owned),
            description: key_material_description.map(Cow::into_owned),
        })
    }

    fn told(output: &Option<MaterialOf>) -> Result<ImportKeyMaterialResponse<'_>> {
        let MaterialOf { arn, material } = known(output)?;
        Ok(ImportKeyMaterialResponse {
            key_id: Some((&**arn).into()),
            key_material_id: material.as_deref().map(Cow::from),
        })
    }

    fn ask(op: &key::ImportMaterial) -> Result<ImportKeyMaterialRequest<'_>> {
        let key::ImportMaterial { key, token, wrapped, lasting, intent, material, description } = op;
        Ok(ImportKeyMaterialRequest {
            key_id: Some(key_name(key)?),
            import_token: Some(token.into()),
            encrypted_key_material: Some(wrapped.into()),
            valid_to: lasting.end(),
            expiration_model: Some(model_word(*lasting).into()),
            import_type: intent.map(|intent| intent_word(intent).into()),
            key_material_description: description.as_deref().map(Cow::from),
            key_material_id: material.as_deref().map(Cow::from),
        })
    }

    fn output(told: ImportKeyMaterialResponse<'_>) -> Result<Option<MaterialOf>> {
        let ImportKeyMaterialResponse { key_id, key_material_id } = told;
        Ok(Some(MaterialOf { arn: (&*had(key_id)?).into(), material: key_material_id.map(Cow::into_owned) }))
    }
}

/// DeleteImportedKeyMaterial.
pub(crate) struct DeleteImportedKeyMaterial;

impl Wire for DeleteImportedKeyMaterial {
    type Op = key::DeleteMaterial;
    type Ask<'a> = DeleteImportedKeyMaterialRequest<'a>;
    type Told<'a> = DeleteImportedKeyMaterialResponse<'a>;

    fn op(ask: DeleteImportedKeyMaterialRequest<'_>) -> Result<key::DeleteMaterial> {
        let DeleteImportedKeyMaterialRequest { key_id, key_material_id } = ask;
        Ok(key::DeleteMaterial { key: named_key(key_id)?, material: key_material_id.map(Cow::into_owned) })
    }

    fn told(output: &Option<MaterialOf>) -> Result<DeleteImportedKeyMaterialResponse<'_>> {
        let MaterialOf { arn, material } = known(output)?;
        Ok(DeleteImportedKeyMaterialResponse {
            key_id: Some((&**arn).into()),
            key_material_id: material.as_deref().map(Cow::from),
        })
    }

    fn ask(op: &key::DeleteMaterial) -> Result<DeleteImportedKeyMaterialRequest<'_>> {
        let key::DeleteMaterial { key, material } = op;
        Ok(DeleteImportedKeyMaterialRequest {
            key_id: Some(key_name(key)?),
            key_material_id: material.as_deref().map(Cow::from),
        })
    }

    fn output(told: DeleteImportedKeyMaterialResponse<'_>) -> Result<Option<MaterialOf>> {
        let DeleteImportedKeyMaterialResponse { key_id, key_material_id } = told;
        Ok(Some(MaterialOf { arn: (&*had(key_id)?).into(), material: key_material_id.map(Cow::into_owned) }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::{Flaw, Kind};

    use super::*;
    use crate::wire::kms::tests::{ARN, ID, decoded, refused, text_of};

    fn asks(algorithm: &str, spec: &str) -> String {
        format!(r#"{{"KeyId":"{ID}","WrappingAlgorithm":"{algorithm}","WrappingKeySpec":"{spec}"}}"#)
    }

    #[test]
    fn every_way_to_wrap_that_is_built_is_taken() {
        for wrapping in Wrapping::ALL {
            for pair in PAIRS {
                let op = decoded::<GetParametersForImport>(&asks(wrapping_word(wrapping), spec_word(pair))).unwrap();
                assert_eq!((op.wrapping, op.pair), (wrapping, pair));
            }
        }
        for (algorithm, spec) in
            [("RSAES_PKCS1_V1_5", "RSA_2048"), ("SM2PKE", "RSA_2048"), ("RSAES_OAEP_SHA_256", "SM2")]
        {
            assert_eq!(refused::<GetParametersForImport>(&asks(algorithm, spec)).0, Kind::Unsupported);
        }
    }

    fn imports(rest: &str) -> String {
        format!(r#"{{"KeyId":"{ID}","ImportToken":"AAE=","EncryptedKeyMaterial":"AgM="{rest}}}"#)
    }

    #[test]
    fn an_end_is_told_where_there_is_to_be_one_alone() {
        let at = "2024-02-01T00:00:00Z".parse().unwrap();
        for (rest, lasting) in [
            (r#","ValidTo":1706745600"#, Lasting::Until(at)),
            (r#","ValidTo":1706745600,"ExpirationModel":"KEY_MATERIAL_EXPIRES""#, Lasting::Until(at)),
            (r#","ExpirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE""#, Lasting::ForEver),
        ] {
            assert_eq!(decoded::<ImportKeyMaterial>(&imports(rest)).unwrap().lasting, lasting);
        }
        let words = "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES".to_owned();
        assert_eq!(refused::<ImportKeyMaterial>(&imports("")), (Kind::Invalid(Flaw::Value), words));
        let both = imports(r#","ValidTo":1706745600,"ExpirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE""#);
        assert_eq!(refused::<ImportKeyMaterial>(&both).0, Kind::Invalid(Flaw::Value));
        let new =
            format!(r#","ValidTo":1706745600,"ImportType":"NEW_KEY_MATERIAL","KeyMaterialId":"{}""#, "a".repeat(64));
        assert_eq!(refused::<ImportKeyMaterial>(&imports(&new)).0, Kind::Invalid(Flaw::Value));
    }

    #[test]
    fn material_without_a_name_is_told_without_one() {
        let told = |material: Option<String>| MaterialOf { arn: ARN.into(), material };
        assert_eq!(text_of::<ImportKeyMaterial>(Some(told(None))), format!(r#"{{"KeyId":"{ARN}"}}"#));
        let name = "a".repeat(64);
        assert_eq!(
            text_of::<DeleteImportedKeyMaterial>(Some(told(Some(name.clone())))),
            format!(r#"{{"KeyId":"{ARN}","KeyMaterialId":"{name}"}}"#)
        );
    }
}
