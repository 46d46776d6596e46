//! Cases: the fast path, the explanation and the reference agree.

use serde_json::Value;
use serde_json::value::RawValue;

use super::{Language, numbers};
use crate::generate::{self, Draw};
use crate::policy_cases;
use crate::reference::{self, Fault};

/// Judges the case that the numbers in `bytes` make.
///
/// # Errors
/// If the evaluator and the reference differ, or the evaluator and itself.
pub fn drawn(bytes: &[u8], languages: &[Language]) -> Result<(), String> {
    let mut source = numbers(bytes);
    let Some(language) = languages.get(usize::from(source() >> 32 & 1 == 1)) else { return Ok(()) };
    let case = generate::case(language.spec.name, &mut Draw::new(&mut source));
    judged(&case, languages, true, None)
}

/// Judges the case that is written in `bytes`.
///
/// # Errors
/// If the evaluator and the reference differ on a case whose policies could be stored, or the evaluator and itself.
pub fn written(bytes: &[u8], languages: &[Language]) -> Result<(), String> {
    match serde_json::from_slice(bytes) {
        Ok(case) => judged(&case, languages, false, None),
        Err(_) => Ok(()),
    }
}

/// Judges a case; if the reference is not known to `speak` for it, only if all its policies could be stored. A `fault` of
/// the reference has to be found.
///
/// # Errors
/// As [`written`].
pub fn judged(case: &Value, languages: &[Language], speaks: bool, fault: Option<Fault>) -> Result<(), String> {
    let dialect = case.get("dialect").and_then(Value::as_str).unwrap_or_default();
    let Some(language) = languages.iter().find(|language| language.spec.name == dialect) else { return Ok(()) };
    let Ok(raw) = RawValue::from_string(case.to_string()) else { return Ok(()) };
    let got = match policy_cases::verdict(&raw, language.spec, false) {
        Ok(got) => got,
        Err(message) if message == policy_cases::DISAGREEMENT => return Err(format!("{message}: {case}")),
        Err(_) => return Ok(()),
    };
    if !speaks && policy_cases::verdict(&raw, language.spec, true).is_err() {
        return Ok(());
    }
    let expected = reference::evaluate_with(case, fault).word();
    if got == expected { Ok(()) } else { Err(format!("evaluator {got}, reference {expected}: {case}")) }
}
