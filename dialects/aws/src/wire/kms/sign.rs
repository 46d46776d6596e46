//! Sign and Verify.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Blob;
use polykms_core::error::Result;
use polykms_core::key::{self, MessageForm, Signature, Signed, Signing, Verified};
use polykms_core::secret::Plaintext;

use super::words::{asked, form_word, signing_word};
use super::{any_key, key_arn, no_version, token_texts, tokens};
use crate::message::kms::{SignRequest, SignResponse, VerifyRequest, VerifyResponse};
use crate::resource::key_name;
use crate::wire::heard;

/// What is signed, and how.
fn signed(message: Option<Blob<'_>>, form: Option<Cow<'_, str>>, algorithm: Option<Cow<'_, str>>) -> Result<Signed> {
    Ok(Signed {
        algorithm: asked(&Signing::ALL, signing_word, "SigningAlgorithm", algorithm)?,
        form: asked(&MessageForm::ALL, form_word, "MessageType", form)?,
        message: Plaintext::new(message.unwrap_or_default().into_bytes()),
    })
}

/// The algorithm that an answer tells.
fn algorithm(word: Option<Cow<'_, str>>) -> Result<Option<Signing>> {
    word.map(|word| heard::one_of(&Signing::ALL, signing_word, Some(word))).transpose()
}

/// Sign.
pub(crate) struct Sign;

impl Wire for Sign {
    type Op = key::Sign;
    type Ask<'a> = SignRequest<'a>;
    type Told<'a> = SignResponse<'a>;

    fn op(ask: SignRequest<'_>) -> Result<key::Sign> {
        let SignRequest { key_id, message, message_type, grant_tokens, signing_algorithm, dry_run } = ask;
        Ok(key::Sign {
            key: any_key(key_id)?,
            version: None,
            signed: signed(message, message_type, signing_algorithm)?,
            dry_run: dry_run.unwrap_or_default(),
            tokens: tokens(grant_tokens),
        })
    }

    fn told(output: &Signature) -> Result<SignResponse<'_>> {
        let Signature { by, algorithm, signature } = output;
        Ok(SignResponse {
            key_id: key_arn(by),
            signature: Some(signature.into()),
            signing_algorithm: algorithm.map(|algorithm| signing_word(algorithm).into()),
        })
    }

    fn ask(op: &key::Sign) -> Result<SignRequest<'_>> {
        let key::Sign { key, version, signed: Signed { algorithm, form, message }, dry_run, tokens } = op;
        no_version(version)?;
        Ok(SignRequest {
            key_id: Some(key_name(key)?),
            message: Some(message.expose().into()),
            message_type: Some(form_word(*form).into()),
            grant_tokens: token_texts(tokens),
            signing_algorithm: Some(signing_word(*algorithm).into()),
            dry_run: Some(*dry_run),
        })
    }

    fn output(told: SignResponse<'_>) -> Result<Signature> {
        let SignResponse { key_id, signature, signing_algorithm } = told;
        Ok(Signature {
            by: heard::made(key_id, None)?,
            algorithm: algorithm(signing_algorithm)?,
            signature: heard::bytes(signature)?,
        })
    }
}

/// Verify.
pub(crate) struct Verify;

impl Wire for Verify {
    type Op = key::Verify;
    type Ask<'a> = VerifyRequest<'a>;
    type Told<'a> = VerifyResponse<'a>;

    fn op(ask: VerifyRequest<'_>) -> Result<key::Verify> {
        let VerifyRequest { key_id, message, message_type, signature, signing_algorithm, grant_tokens, dry_run } = ask;
        Ok(key::Verify {
            key: any_key(key_id)?,
            version: None,
            signed: signed(message, message_type, signing_algorithm)?,
            signature: signature.unwrap_or_default().into_bytes(),
            dry_run: dry_run.unwrap_or_default(),
            tokens: tokens(grant_tokens),
        })
    }

    fn told(output: &Verified) -> Result<VerifyResponse<'_>> {
        let Verified { by, algorithm, fits } = output;
        Ok(VerifyResponse {
            key_id: key_arn(by),
            signature_valid: Some(*fits),
            signing_algorithm: algorithm.map(|algorithm| signing_word(algorithm).into()),
        })
    }

    fn ask(op: &key::Verify) -> Result<VerifyRequest<'_>> {
        let key::Verify { key, version, signed: Signed { algorithm, form, message }, signature, dry_run, tokens } = op;
        no_version(version)?;
        Ok(VerifyRequest {
            key_id: Some(key_name(key)?),
            message: Some(message.expose().into()),
            message_type: Some(form_word(*form).into()),
            signature: Some(signature.into()),
            signing_algorithm: Some(signing_word(*algorithm).into()),
            grant_tokens: token_texts(tokens),
            dry_run: Some(*dry_run),
        })
    }

    fn output(told: VerifyResponse<'_>) -> Result<Verified> {
        let VerifyResponse { key_id, signature_valid, signing_algorithm } = told;
        Ok(Verified {
            by: heard::made(key_id, None)?,
            algorithm: algorithm(signing_algorithm)?,
            fits: heard::had(signature_valid)?,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use polykms_core::error::{Flaw, Kind};
    use polykms_core::key::Reference;

    use super::*;
    use crate::wire::kms::tests::{ARN, ID, decoded, made, refused, text_of};

    const INVALID: Kind = Kind::Invalid(Flaw::Value);

    fn sign(more: &str) -> String {
        format!(r#"{{"KeyId":"alias/a","SigningAlgorithm":"ECDSA_SHA_256"{more}}}"#)
    }

    #[test]
    fn a_message_is_given_whole_where_nothing_is_said() {
        let op = decoded::<Sign>(&sign(r#","Message":"aGk=""#)).unwrap();
        assert_eq!((op.key, op.version, op.dry_run), (Reference::alias("alias/a"), None, false));
        assert_eq!((op.signed.algorithm, op.signed.form), (Signing::EcdsaSha256, MessageForm::Whole));
        assert_eq!(op.signed.message.expose(), b"hi");
        let op =
            decoded::<Verify>(&sign(r#","Message":"aGk=","MessageType":"DIGEST","Signature":"AAE=","DryRun":true"#));
        let op = op.unwrap();
        assert_eq!((op.signed.form, op.signature, op.dry_run), (MessageForm::Digest, vec![0, 1], true));
    }

    #[test]
    fn messages_and_signatures_are_bounded() {
        let text = |bytes: usize| STANDARD.encode(vec![0; bytes]);
        let start = "1 validation error detected: Value at";
        for (bytes, bound) in [(4097, "less than or equal to 4096"), (0, "greater than or equal to 1")] {
            let words = format!("{start} 'message' failed to satisfy constraint: Member must have length {bound}");
            assert_eq!(refused::<Sign>(&sign(&format!(r#","Message":"{}""#, text(bytes)))), (INVALID, words));
        }
        assert!(decoded::<Sign>(&sign(&format!(r#","Message":"{}""#, text(4096)))).is_ok());
        let verify = |bytes| sign(&format!(r#","Message":"aGk=","Signature":"{}""#, text(bytes)));
        assert!(decoded::<Verify>(&verify(6144)).is_ok());
        for bytes in [0, 6145] {
            assert!(refused::<Verify>(&verify(bytes)).1.starts_with(&format!("{start} 'signature' failed")), "{bytes}");
        }
    }

    #[test]
    fn what_aws_does_not_have_and_what_is_not_built_are_told_apart() {
        let with = |algorithm: &str, form: &str| {
            format!(r#"{{"KeyId":"{ID}","Message":"aGk=","SigningAlgorithm":"{algorithm}","MessageType":"{form}"}}"#)
        };
        assert!(refused::<Sign>(&with("ROT13", "RAW")).1.contains("Value 'ROT13' at 'signingAlgorithm'"));
        assert!(refused::<Sign>(&with("ECDSA_SHA_256", "HASH")).1.contains("Value 'HASH' at 'messageType'"));
        for (algorithm, form) in [("SM2DSA", "RAW"), ("ML_DSA_SHAKE_256", "RAW"), ("ECDSA_SHA_256", "EXTERNAL_MU")] {
            assert_eq!(refused::<Sign>(&with(algorithm, form)).0, Kind::Unsupported, "{algorithm} {form}");
        }
        let granted = decoded::<Sign>(&sign(r#","Message":"aGk=","GrantTokens":["t"]"#)).unwrap();
        assert_eq!(granted.tokens.0, ["t"]);
    }

    #[test]
    fn outputs_name_the_key_by_its_arn() {
        let algorithm = Some(Signing::RsaPssSha384);
        let signature = Signature { by: made(), algorithm, signature: vec![0, 1] };
        assert_eq!(
            text_of::<Sign>(signature),
            format!(r#"{{"KeyId":"{ARN}","Signature":"AAE=","SigningAlgorithm":"RSASSA_PSS_SHA_384"}}"#)
        );
        assert_eq!(
            text_of::<Verify>(Verified { by: made(), algorithm, fits: true }),
            format!(r#"{{"KeyId":"{ARN}","SignatureValid":true,"SigningAlgorithm":"RSASSA_PSS_SHA_384"}}"#)
        );
    }
}
