//! GenerateMac and VerifyMac.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::error::Result;
use polykms_core::key::{self, Authentication, Code, VerifiedMac};
use polykms_core::secret::Plaintext;

use super::words::{asked, authentication_word};
use super::{any_key, key_arn, token_texts, tokens};
use crate::message::kms::{GenerateMacRequest, GenerateMacResponse, VerifyMacRequest, VerifyMacResponse};
use crate::resource::key_name;
use crate::wire::heard;

fn algorithm(word: Option<Cow<'_, str>>) -> Result<Authentication> {
    asked(&Authentication::ALL, authentication_word, "MacAlgorithm", word)
}

fn algorithm_heard(word: Option<Cow<'_, str>>) -> Result<Authentication> {
    heard::one_of(&Authentication::ALL, authentication_word, word)
}

/// GenerateMac.
pub(crate) struct GenerateMac;

impl Wire for GenerateMac {
    type Op = key::GenerateMac;
    type Ask<'a> = GenerateMacRequest<'a>;
    type Told<'a> = GenerateMacResponse<'a>;

    fn op(ask: GenerateMacRequest<'_>) -> Result<key::GenerateMac> {
        let GenerateMacRequest { message, key_id, mac_algorithm, grant_tokens, dry_run } = ask;
        Ok(key::GenerateMac {
            key: any_key(key_id)?,
            algorithm: algorithm(mac_algorithm)?,
            message: Plaintext::new(message.unwrap_or_default().into_bytes()),
            dry_run: dry_run.unwrap_or_default(),
            tokens: tokens(grant_tokens),
        })
    }

    fn told(output: &Code) -> Result<GenerateMacResponse<'_>> {
        let Code { by, algorithm, code } = output;
        Ok(GenerateMacResponse {
            mac: Some(code.into()),
            mac_algorithm: Some(authentication_word(*algorithm).into()),
            key_id: key_arn(by),
        })
    }

    fn ask(op: &key::GenerateMac) -> Result<GenerateMacRequest<'_>> {
        let key::GenerateMac { key, algorithm, message, dry_run, tokens } = op;
        Ok(GenerateMacRequest {
            message: Some(message.expose().into()),
            key_id: Some(key_name(key)?),
            mac_algorithm: Some(authentication_word(*algorithm).into()),
            grant_tokens: token_texts(tokens),
            dry_run: Some(*dry_run),
        })
    }

    fn output(told: GenerateMacResponse<'_>) -> Result<Code> {
        let GenerateMacResponse { mac, mac_algorithm, key_id } = told;
        Ok(Code {
            by: heard::made(key_id, None)?,
            algorithm: algorithm_heard(mac_algorithm)?,
            code: heard::bytes(mac)?,
        })
    }
}

/// VerifyMac.
pub(crate) struct VerifyMac;

impl Wire for VerifyMac {
    type Op = key::VerifyMac;
    type Ask<'a> = VerifyMacRequest<'a>;
    type Told<'a> = VerifyMacResponse<'a>;

    fn op(ask: VerifyMacRequest<'_>) -> Result<key::VerifyMac> {
        let VerifyMacRequest { message, key_id, mac_algorithm, mac, grant_tokens, dry_run } = ask;
        Ok(key::VerifyMac {
            key: any_key(key_id)?,
            algorithm: algorithm(mac_algorithm)?,
            message: Plaintext::new(message.unwrap_or_default().into_bytes()),
            code: mac.unwrap_or_default().into_bytes(),
            dry_run: dry_run.unwrap_or_default(),
            tokens: tokens(grant_tokens),
        })
    }

    fn told(output: &VerifiedMac) -> Result<VerifyMacResponse<'_>> {
        let VerifiedMac { by, algorithm, fits } = output;
        Ok(VerifyMacResponse {
            key_id: key_arn(by),
            mac_valid: Some(*fits),
            mac_algorithm: Some(authentication_word(*algorithm).into()),
        })
    }

    fn ask(op: &key::VerifyMac) -> Result<VerifyMacRequest<'_>> {
        let key::VerifyMac { key, algorithm, message, code, dry_run, tokens } = op;
        Ok(VerifyMacRequest {
            message: Some(message.expose().into()),
            key_id: Some(key_name(key)?),
            mac_algorithm: Some(authentication_word(*algorithm).into()),
            mac: Some(code.into()),
            grant_tokens: token_texts(tokens),
            dry_run: Some(*dry_run),
        })
    }

    fn output(told: VerifyMacResponse<'_>) -> Result<VerifiedMac> {
        let VerifyMacResponse { key_id, mac_valid, mac_algorithm } = told;
        Ok(VerifiedMac {
            by: heard::made(key_id, None)?,
            algorithm: algorithm_heard(mac_algorithm)?,
            fits: heard::had(mac_valid)?,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::{Flaw, Kind};

    use super::*;
    use crate::wire::kms::tests::{ARN, ID, decoded, made, refused, text_of};

    fn body(algorithm: &str, more: &str) -> String {
        format!(r#"{{"KeyId":"{ID}","Message":"aGk=","MacAlgorithm":"{algorithm}"{more}}}"#)
    }

    #[test]
    fn a_message_and_its_code_are_read() {
        let op = decoded::<VerifyMac>(&body("HMAC_SHA_224", r#","Mac":"AAE=","DryRun":true"#)).unwrap();
        assert_eq!((op.algorithm, op.code, op.dry_run), (Authentication::HmacSha224, vec![0, 1], true));
        assert_eq!(op.message.expose(), b"hi");
        assert!(!decoded::<GenerateMac>(&body("HMAC_SHA_512", "")).unwrap().dry_run);
    }

    #[test]
    fn an_unknown_algorithm_is_refused_in_the_recorded_words() {
        let words = "1 validation error detected: Value 'INVALID' at 'macAlgorithm' failed to satisfy constraint: Member \
                     must satisfy enum value set: [HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512]";
        let invalid = (Kind::Invalid(Flaw::Value), words.to_owned());
        assert_eq!(refused::<GenerateMac>(&body("INVALID", "")), invalid);
        assert_eq!(refused::<VerifyMac>(&body("INVALID", r#","Mac":"AAE=""#)), invalid);
    }

    #[test]
    fn outputs_name_the_key_by_its_arn() {
        let algorithm = Authentication::HmacSha256;
        assert_eq!(
            text_of::<GenerateMac>(Code { by: made(), algorithm, code: vec![0, 1] }),
            format!(r#"{{"Mac":"AAE=","MacAlgorithm":"HMAC_SHA_256","KeyId":"{ARN}"}}"#)
        );
        assert_eq!(
            text_of::<VerifyMac>(VerifiedMac { by: made(), algorithm, fits: true }),
            format!(r#"{{"KeyId":"{ARN}","MacValid":true,"MacAlgorithm":"HMAC_SHA_256"}}"#)
        );
    }
}
