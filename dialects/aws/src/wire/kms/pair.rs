//! GetPublicKey, DeriveSharedSecret, GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext.

use polykms_core::dialect::Wire;
use polykms_core::error::Result;
use polykms_core::key::{
    self, Agreement, DataKeyPair, Encrypted, Origin, PublicKey, SealedDataKeyPair, SharedSecret, Spec, Usage,
};
use polykms_core::secret::Plaintext;

use super::words::{Algorithms, SPECS, agreement_word, asked, origin_word, spec_word, usage_word};
use super::{any_key, context, key_arn, material, no_version, pairs, token_texts, tokens};
use crate::message::kms::{
    DeriveSharedSecretRequest, DeriveSharedSecretResponse, GenerateDataKeyPairRequest, GenerateDataKeyPairResponse,
    GenerateDataKeyPairWithoutPlaintextRequest, GenerateDataKeyPairWithoutPlaintextResponse, GetPublicKeyRequest,
    GetPublicKeyResponse,
};
use crate::resource::key_name;
use crate::wire::heard;

/// GetPublicKey.
pub(crate) struct GetPublicKey;

impl Wire for GetPublicKey {
    type Op = key::GetPublicKey;
    type Ask<'a> = GetPublicKeyRequest<'a>;
    type Told<'a> = GetPublicKeyResponse<'a>;

    fn op(ask: GetPublicKeyRequest<'_>) -> Result<key::GetPublicKey> {
        let GetPublicKeyRequest { key_id, grant_tokens } = ask;
        Ok(key::GetPublicKey { key: any_key(key_id)?, version: None, dry_run: false, tokens: tokens(grant_tokens) })
    }

    fn told(output: &PublicKey) -> Result<GetPublicKeyResponse<'_>> {
        let PublicKey { by, public, kind } = output;
        let algorithms = kind.map(|(spec, usage)| Algorithms::of(spec, usage)).unwrap_or_default();
        let Algorithms { encryption, signing, authentication: _, agreement } = algorithms;
        Ok(GetPublicKeyResponse {
            key_id: key_arn(by),
            public_key: Some(public.into()),
            customer_master_key_spec: kind.map(|(spec, _)| spec_word(spec).into()),
            key_spec: kind.map(|(spec, _)| spec_word(spec).into()),
            key_usage: kind.map(|(_, usage)| usage_word(usage).into()),
            encryption_algorithms: encryption,
            signing_algorithms: signing,
            key_agreement_algorithms: agreement,
        })
    }

    fn ask(op: &key::GetPublicKey) -> Result<GetPublicKeyRequest<'_>> {
        let key::GetPublicKey { key, version, dry_run, tokens } = op;
        no_version(version)?;
        match dry_run {
            true => Err(polykms_core::error::Kind::Unsupported.because("AWS tells public keys without dry runs")),
            false => Ok(GetPublicKeyRequest { key_id: Some(key_name(key)?), grant_tokens: token_texts(tokens) }),
        }
    }

    fn output(told: GetPublicKeyResponse<'_>) -> Result<PublicKey> {
        let GetPublicKeyResponse {
            key_id,
            public_key,
            customer_master_key_spec,
            key_spec,
            key_usage,
            encryption_algorithms,
            signing_algorithms,
            key_agreement_algorithms,
        } = told;
        heard::agrees(customer_master_key_spec, heard::had(key_spec.as_deref())?)?;
        let spec = heard::one_of(&SPECS, spec_word, key_spec)?;
        let usage = heard::one_of(&Usage::ALL, usage_word, key_usage)?;
        let Algorithms { encryption, signing, authentication: _, agreement } = Algorithms::of(spec, usage);
        for (told, known) in
            [(encryption_algorithms, encryption), (signing_algorithms, signing), (key_agreement_algorithms, agreement)]
        {
            heard::agrees(told, known.unwrap_or_default())?;
        }
        Ok(PublicKey { by: heard::made(key_id, None)?, public: heard::bytes(public_key)?, kind: Some((spec, usage)) })
    }
}

/// DeriveSharedSecret.
pub(crate) struct DeriveSharedSecret;

impl Wire for DeriveSharedSecret {
    type Op = key::DeriveSharedSecret;
    type Ask<'a> = DeriveSharedSecretRequest<'a>;
    type Told<'a> = DeriveSharedSecretResponse<'a>;

    fn op(ask: DeriveSharedSecretRequest<'_>) -> Result<key::DeriveSharedSecret> {
        let DeriveSharedSecretRequest { key_id, key_agreement_algorithm, public_key, grant_tokens, dry_run } = ask;
        Ok(key::DeriveSharedSecret {
            key: any_key(key_id)?,
            algorithm: asked(&Agreement::ALL, agreement_word, "KeyAgreementAlgorithm", key_agreement_algorithm)?,
            public: public_key.unwrap_or_default().into_bytes(),
            dry_run: dry_run.unwrap_or_default(),
            tokens: tokens(grant_tokens),
        })
    }

    fn told(output: &SharedSecret) -> Result<DeriveSharedSecretResponse<'_>> {
        let SharedSecret { by, algorithm, origin, secret } = output;
        Ok(DeriveSharedSecretResponse {
            key_id: key_arn(by),
            shared_secret: Some(secret.expose().into()),
            key_agreement_algorithm: Some(agreement_word(*algorithm).into()),
            key_origin: Some(origin_word(*origin).into()),
        })
    }

    fn ask(op: &key::DeriveSharedSecret) -> Result<DeriveSharedSecretRequest<'_>> {
        let key::DeriveSharedSecret { key, algorithm, public, dry_run, tokens } = op;
        Ok(DeriveSharedSecretRequest {
            key_id: Some(key_name(key)?),
            key_agreement_algorithm: Some(agreement_word(*algorithm).into()),
            public_key: Some(public.into()),
            grant_tokens: token_texts(tokens),
            dry_run: Some(*dry_run),
        })
    }

    fn output(told: DeriveSharedSecretResponse<'_>) -> Result<SharedSecret> {
        let DeriveSharedSecretResponse { key_id, shared_secret, key_agreement_algorithm, key_origin } = told;
        Ok(SharedSecret {
            by: heard::made(key_id, None)?,
            algorithm: heard::one_of(&Agreement::ALL, agreement_word, key_agreement_algorithm)?,
            origin: heard::one_of(&Origin::ALL, origin_word, key_origin)?,
            secret: Plaintext::new(heard::bytes(shared_secret)?),
        })
    }
}

/// The kinds of pairs that are given out.
fn pair_spec(word: Option<std::borrow::Cow<'_, str>>) -> Result<Spec> {
    let pairs: Vec<Spec> = SPECS.into_iter().filter(|spec| spec.is_pair()).collect();
    asked(&pairs, spec_word, "KeyPairSpec", word)
}

/// GenerateDataKeyPair.
pub(crate) struct GenerateDataKeyPair;

impl Wire for GenerateDataKeyPair {
    type Op = key::GenerateDataKeyPair;
    type Ask<'a> = GenerateDataKeyPairRequest<'a>;
    type Told<'a> = GenerateDataKeyPairResponse<'a>;

    fn op(ask: GenerateDataKeyPairRequest<'_>) -> Result<key::GenerateDataKeyPair> {
        let GenerateDataKeyPairRequest { encryption_context, key_id, key_pair_spec, grant_tokens, dry_run } = ask;
        Ok(key::GenerateDataKeyPair {
            key: any_key(key_id)?,
            spec: pair_spec(key_pair_spec)?,
            context: context(encryption_context)?,
            dry_run: dry_run.unwrap_or_default(),
            tokens: tokens(grant_tokens),
        })
    }

    fn told(output: &DataKeyPair) -> Result<GenerateDataKeyPairResponse<'_>> {
        let DataKeyPair { private, sealed: SealedDataKeyPair { spec, public, encrypted } } = output;
        let Encrypted { by, algorithm: _, blob } = encrypted;
        Ok(GenerateDataKeyPairResponse {
            private_key_ciphertext_blob: Some(blob.into()),
            private_key_plaintext: Some(private.expose().into()),
            public_key: Some(public.into()),
            key_id: key_arn(by),
            key_pair_spec: Some(spec_word(*spec).into()),
            key_material_id: material(by),
        })
    }

    fn ask(op: &key::GenerateDataKeyPair) -> Result<GenerateDataKeyPairRequest<'_>> {
        let key::GenerateDataKeyPair { key, spec, context, dry_run, tokens } = op;
        Ok(GenerateDataKeyPairRequest {
            encryption_context: pairs(context),
            key_id: Some(key_name(key)?),
            key_pair_spec: Some(spec_word(*spec).into()),
            grant_tokens: token_texts(tokens),
            dry_run: Some(*dry_run),
        })
    }

    fn output(told: GenerateDataKeyPairResponse<'_>) -> Result<DataKeyPair> {
        let GenerateDataKeyPairResponse {
            private_key_ciphertext_blob,
            private_key_plaintext,
            public_key,
            key_id,
            key_pair_spec,
            key_material_id,
        } = told;
        let by = heard::made(key_id, key_material_id)?;
        let encrypted = Encrypted { by, algorithm: None, blob: heard::bytes(private_key_ciphertext_blob)? };
        Ok(DataKeyPair {
            private: Plaintext::new(heard::bytes(private_key_plaintext)?),
            sealed: SealedDataKeyPair {
                spec: heard::one_of(&SPECS, spec_word, key_pair_spec)?,
                public: heard::bytes(public_key)?,
                encrypted,
            },
        })
    }
}

/// GenerateDataKeyPairWithoutPlaintext.
pub(crate) struct GenerateDataKeyPairWithoutPlaintext;

impl Wire for GenerateDataKeyPairWithoutPlaintext {
    type Op = key::GenerateDataKeyPairWithoutPlaintext;
    type Ask<'a> = GenerateDataKeyPairWithoutPlaintextRequest<'a>;
    type Told<'a> = GenerateDataKeyPairWithoutPlaintextResponse<'a>;

    fn op(ask: GenerateDataKeyPairWithoutPlaintextRequest<'_>) -> Result<key::GenerateDataKeyPairWithoutPlaintext> {
        let GenerateDataKeyPairWithoutPlaintextRequest {
            encryption_context,
            key_id,
            key_pair_spec,
            grant_tokens,
            dry_run,
        } = ask;
        Ok(key::GenerateDataKeyPairWithoutPlaintext(key::GenerateDataKeyPair {
            key: any_key(key_id)?,
            spec: pair_spec(key_pair_spec)?,
            context: context(encryption_context)?,
            dry_run: dry_run.unwrap_or_default(),
            tokens: tokens(grant_tokens),
        }))
    }

    fn told(output: &SealedDataKeyPair) -> Result<GenerateDataKeyPairWithoutPlaintextResponse<'_>> {
        let SealedDataKeyPair { spec, public, encrypted: Encrypted { by, algorithm: _, blob } } = output;
        Ok(GenerateDataKeyPairWithoutPlaintextResponse {
            private_key_ciphertext_blob: Some(blob.into()),
            public_key: Some(public.into()),
            key_id: key_arn(by),
            key_pair_spec: Some(spec_word(*spec).into()),
            key_material_id: material(by),
        })
    }

    fn ask(op: &key::GenerateDataKeyPairWithoutPlaintext) -> Result<GenerateDataKeyPairWithoutPlaintextRequest<'_>> {
        let key::GenerateDataKeyPairWithoutPlaintext(key::GenerateDataKeyPair { key, spec, context, dry_run, tokens }) =
            op;
        Ok(GenerateDataKeyPairWithoutPlaintextRequest {
            encryption_context: pairs(context),
            key_id: Some(key_name(key)?),
            key_pair_spec: Some(spec_word(*spec).into()),
            grant_tokens: token_texts(tokens),
            dry_run: Some(*dry_run),
        })
    }

    fn output(told: GenerateDataKeyPairWithoutPlaintextResponse<'_>) -> Result<SealedDataKeyPair> {
        let GenerateDataKeyPairWithoutPlaintextResponse {
            private_key_ciphertext_blob,
            public_key,
            key_id,
            key_pair_spec,
            key_material_id,
        } = told;
        let by = heard::made(key_id, key_material_id)?;
        Ok(SealedDataKeyPair {
            spec: heard::one_of(&SPECS, spec_word, key_pair_spec)?,
            public: heard::bytes(public_key)?,
            encrypted: Encrypted { by, algorithm: None, blob: heard::bytes(private_key_ciphertext_blob)? },
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::kms::tests::{ARN, ID, decoded, made, refused, text_of};
    use polykms_core::error::{Flaw, Kind};

    #[test]
    fn a_public_key_is_told_with_what_it_is_for() {
        for (spec, usage, words) in [
            (
                Spec::Rsa2048,
                Usage::EncryptDecrypt,
                r#""CustomerMasterKeySpec":"RSA_2048","KeySpec":"RSA_2048","KeyUsage":"ENCRYPT_DECRYPT","EncryptionAlgorithms":["RSAES_OAEP_SHA_1","RSAES_OAEP_SHA_256"]"#,
            ),
            (
                Spec::EccP384,
                Usage::SignVerify,
                r#""CustomerMasterKeySpec":"ECC_NIST_P384","KeySpec":"ECC_NIST_P384","KeyUsage":"SIGN_VERIFY","SigningAlgorithms":["ECDSA_SHA_384"]"#,
            ),
            (
                Spec::EccP521,
                Usage::KeyAgreement,
                r#""CustomerMasterKeySpec":"ECC_NIST_P521","KeySpec":"ECC_NIST_P521","KeyUsage":"KEY_AGREEMENT","KeyAgreementAlgorithms":["ECDH"]"#,
            ),
        ] {
            let output = PublicKey { by: made(), public: vec![0, 1], kind: Some((spec, usage)) };
            let text = format!(r#"{{"KeyId":"{ARN}","PublicKey":"AAE=",{words}}}"#);
            assert_eq!(text_of::<GetPublicKey>(output), text);
        }
    }

    #[test]
    fn only_the_one_way_to_agree_is_taken() {
        let body =
            |algorithm: &str| format!(r#"{{"KeyId":"{ID}","KeyAgreementAlgorithm":"{algorithm}","PublicKey":"AAE="}}"#);
        assert_eq!(decoded::<DeriveSharedSecret>(&body("ECDH")).unwrap().public, [0, 1]);
        let words = "1 validation error detected: Value 'INVALID' at 'keyAgreementAlgorithm' failed to satisfy constraint: \
                     Member must satisfy enum value set: [ECDH]";
        assert_eq!(refused::<DeriveSharedSecret>(&body("INVALID")), (Kind::Invalid(Flaw::Value), words.to_owned()));
    }

    #[test]
    fn a_secret_is_told_with_its_origin() {
        let secret = Plaintext::new(vec![0, 1]);
        let output = SharedSecret { by: made(), algorithm: Agreement::Ecdh, origin: Origin::Generated, secret };
        let text = format!(
            r#"{{"KeyId":"{ARN}","SharedSecret":"AAE=","KeyAgreementAlgorithm":"ECDH","KeyOrigin":"AWS_KMS"}}"#
        );
        assert_eq!(text_of::<DeriveSharedSecret>(output), text);
    }
}
