//! GetParametersForImport, ImportKeyMaterial and DeleteKeyMaterial.
//!
//! Follows the KMS document "Import key material". Its RSAES_PKCS1_V1_5 is not built: a server that opens it tells apart
//! what is padded well, which is enough to open what others wrapped.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::key::{self, Lasting, MaterialOf, Prepared, Spec, Words, Wrapping};
use polykms_core::port::Time;

use super::key::spec_name;
use super::key_of;
use crate::message::kms::{
    DeleteKeyMaterialRequest, GetParametersForImportRequest, GetParametersForImportResponse, ImportKeyMaterialRequest,
};
use crate::resource::key_name;
use crate::wire::{heard, invalid};

const WRAPPINGS: Words<Wrapping> = Words::new(&[Wrapping::OaepSha1, Wrapping::OaepSha256], |wrapping| match wrapping {
    Wrapping::OaepSha1 => "RSAES_OAEP_SHA_1",
    Wrapping::OaepSha256 => "RSAES_OAEP_SHA_256",
    Wrapping::AesKeyWrapSha1 => "RSA_AES_KEY_WRAP_SHA_1",
    Wrapping::AesKeyWrapSha256 => "RSA_AES_KEY_WRAP_SHA_256",
});

const PAIRS: Words<Spec> = Words::new(&[Spec::Rsa2048], spec_name);

/// What a word of a request stands for, of what is built.
fn asked<T: Copy>(words: Words<T>, name: &'static str, said: Option<Cow<'_, str>>) -> Result<T> {
    let unbuilt = || Kind::Unsupported.because("this way to wrap is not built").naming(name);
    words.value(&said.unwrap_or_default()).ok_or_else(unbuilt)
}

/// The word for what is to be asked, where the vendor has it.
fn word<T: Copy + PartialEq>(words: Words<T>, value: T) -> Result<Option<Cow<'static, str>>> {
    match words.all.contains(&value) {
        true => Ok(Some(words.word(value).into())),
        false => Err(Kind::Unsupported.because("Alibaba Cloud takes material that OAEP wraps under RSA_2048")),
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
        Ok(key::PrepareImport {
            key: key_of("KeyId", key_id)?,
            wrapping: asked(WRAPPINGS, "WrappingAlgorithm", wrapping_algorithm)?,
            pair: asked(PAIRS, "WrappingKeySpec", wrapping_key_spec)?,
        })
    }

    fn told(output: &Prepared) -> Result<GetParametersForImportResponse<'_>> {
        let Prepared { arn: _, key_id, public, token, valid_until } = output;
        Ok(GetParametersForImportResponse {
            import_token: Some(token.into()),
            key_id: Some(key_id.into()),
            public_key: Some(public.into()),
            token_expire_time: Some(*valid_until),
        })
    }

    fn ask(op: &key::PrepareImport) -> Result<GetParametersForImportRequest<'_>> {
        let key::PrepareImport { key, wrapping, pair } = op;
        Ok(GetParametersForImportRequest {
            key_id: Some(key_name(key)?),
            wrapping_algorithm: word(WRAPPINGS, *wrapping)?,
            wrapping_key_spec: word(PAIRS, *pair)?,
        })
    }

    fn output(told: GetParametersForImportResponse<'_>) -> Result<Prepared> {
        let GetParametersForImportResponse { import_token, key_id, public_key, token_expire_time } = told;
        Ok(Prepared {
            arn: None,
            key_id: heard::text(key_id)?,
            public: heard::bytes(public_key)?,
            token: heard::bytes(import_token)?,
            valid_until: heard::had(token_expire_time)?,
        })
    }
}

const EXPIRE: &str = "KeyMaterialExpireUnix";

/// How long material is to be there, by the seconds at which it ends; none is never.
fn lasting(seconds: i64) -> Result<Lasting> {
    match seconds {
        0 => Ok(Lasting::ForEver),
        at => Time::from_second(at).map(Lasting::Until).map_err(|_| invalid(Flaw::Value, EXPIRE)),
    }
}

/// ImportKeyMaterial.
pub(crate) struct ImportKeyMaterial;

impl Wire for ImportKeyMaterial {
    type Op = key::ImportMaterial;
    type Ask<'a> = ImportKeyMaterialRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: ImportKeyMaterialRequest<'_>) -> Result<key::ImportMaterial> {
        let ImportKeyMaterialRequest { encrypted_key_material, import_token, key_id, key_material_expire_unix } = ask;
        Ok(key::ImportMaterial {
            key: key_of("KeyId", key_id)?,
            token: import_token.unwrap_or_default().into_bytes(),
            wrapped: encrypted_key_material.unwrap_or_default().into_bytes(),
            lasting: lasting(key_material_expire_unix.unwrap_or_default())?,
            intent: None,
            material: None,
            description: None,
        })
    }

    fn told(_: &Option<MaterialOf>) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::ImportMaterial) -> Result<ImportKeyMaterialRequest<'_>> {
        let key::ImportMaterial { key, token, wrapped, lasting, intent, material, description } = op;
        if intent.is_some() || material.is_some() || description.is_some() {
            return Err(Kind::Unsupported.because("Alibaba Cloud does not tell the material of a key apart"));
        }
        let end = match lasting.end() {
            None => 0,
            Some(at) if at.subsec_nanosecond() == 0 && at.as_second() > 0 => at.as_second(),
            Some(_) => return Err(Kind::Unsupported.because("Alibaba Cloud ends material at whole seconds")),
        };
        Ok(ImportKeyMaterialRequest {
            encrypted_key_material: Some(wrapped.into()),
            import_token: Some(token.into()),
            key_id: Some(key_name(key)?),
            key_material_expire_unix: Some(end),
        })
    }

    fn output(_: Nothing<'_>) -> Result<Option<MaterialOf>> {
        Ok(None)
    }
}

/// DeleteKeyMaterial.
pub(crate) struct DeleteKeyMaterial;

impl Wire for DeleteKeyMaterial {
    type Op = key::DeleteMaterial;
    type Ask<'a> = DeleteKeyMaterialRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: DeleteKeyMaterialRequest<'_>) -> Result<key::DeleteMaterial> {
        let DeleteKeyMaterialRequest { key_id } = ask;
        Ok(key::DeleteMaterial { key: key_of("KeyId", key_id)?, material: None })
    }

    fn told(_: &Option<MaterialOf>) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::DeleteMaterial) -> Result<DeleteKeyMaterialRequest<'_>> {
        let key::DeleteMaterial { key, material } = op;
        match material {
            Some(_) => Err(Kind::Unsupported.because("Alibaba Cloud does not tell the material of a key apart")),
            None => Ok(DeleteKeyMaterialRequest { key_id: Some(key_name(key)?) }),
        }
    }

    fn output(_: Nothing<'_>) -> Result<Option<MaterialOf>> {
        Ok(None)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::tests::{decoded, shown};

    #[test]
    fn only_oaep_under_a_pair_of_2048_bits_is_built() {
        let ask = |algorithm, spec| {
            let pairs = [("KeyId", "k"), ("WrappingAlgorithm", algorithm), ("WrappingKeySpec", spec)];
            decoded::<GetParametersForImport>(&pairs)
        };
        assert_eq!(ask("RSAES_OAEP_SHA_1", "RSA_2048").unwrap().wrapping, Wrapping::OaepSha1);
        assert_eq!(ask("RSAES_OAEP_SHA_256", "RSA_2048").unwrap().wrapping, Wrapping::OaepSha256);
        for (algorithm, spec, name) in [
            ("RSAES_PKCS1_V1_5", "RSA_2048", "WrappingAlgorithm"),
            ("SM2PKE", "EC_SM2", "WrappingAlgorithm"),
            ("RSAES_OAEP_SHA_1", "EC_SM2", "WrappingKeySpec"),
        ] {
            let refused = ask(algorithm, spec).unwrap_err();
            assert_eq!((refused.kind(), refused.subject()), (Kind::Unsupported, Some(name)));
        }
        assert!(matches!(ask("RSAES", "RSA_2048").unwrap_err().kind(), Kind::Invalid(_)));
    }

    #[test]
    fn no_second_is_no_end() {
        let fixed = [("KeyId", "k"), ("ImportToken", "AAE="), ("EncryptedKeyMaterial", "AgM=")];
        let ask = |end| decoded::<ImportKeyMaterial>(&[&fixed[..], &[(EXPIRE, end)]].concat());
        let op = ask("0").unwrap();
        assert_eq!((op.lasting, op.token, op.wrapped), (Lasting::ForEver, vec![0, 1], vec![2, 3]));
        assert_eq!(ask("1767225600").unwrap().lasting, Lasting::Until("2026-01-01T00:00:00Z".parse().unwrap()));
        for wrong in ["-1", "x", "253402300800"] {
            assert_eq!(ask(wrong).unwrap_err().subject(), Some(EXPIRE), "{wrong}");
        }
    }

    #[test]
    fn what_is_needed_for_an_import_is_told() {
        let valid_until = "2026-01-02T03:04:05Z".parse().unwrap();
        let prepared = Prepared { arn: None, key_id: "k".into(), public: vec![0, 1], token: vec![2, 3], valid_until };
        assert_eq!(
            shown::<GetParametersForImport>(prepared),
            serde_json::json!({
                "KeyId": "k", "PublicKey": "AAE=", "ImportToken": "AgM=", "TokenExpireTime": "2026-01-02T03:04:05Z"
            })
        );
    }
}
