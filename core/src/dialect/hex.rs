//! Hashes as texts: thirty-two bytes in lower-case hexadecimal digits.

/// The digits of a hash, where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hex([u8; 64]);

impl Hex {
    /// The digits of these bytes.
    pub fn of(bytes: [u8; 32]) -> Self {
        let mut digits = [0; 64];
        let _ = base16ct::lower::encode(&bytes, &mut digits); // there is room for exactly that
        Self(digits)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The bytes that a text has as its digits, if it is of this form.
    pub fn read(text: &str) -> Option<[u8; 32]> {
        let mut bytes = [0; 32];
        let read = base16ct::lower::decode(text, &mut bytes).ok()?.len();
        (read == bytes.len()).then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_digits() {
        for from in (0..=255_u8).step_by(32) {
            let bytes = std::array::from_fn(|at| from + u8::try_from(at).unwrap_or_default());
            let digits = Hex::of(bytes);
            assert_eq!(digits.as_str(), bytes.map(|byte| format!("{byte:02x}")).concat());
            assert_eq!(Hex::read(digits.as_str()), Some(bytes));
        }
    }

    #[test]
    fn other_forms_are_none() {
        let right = "0f".repeat(32);
        let signed = right.replacen('0', "+", 1);
        for other in [right.to_uppercase(), right[2..].to_owned(), right.clone() + "00", signed, "é".repeat(32)] {
            assert_eq!(Hex::read(&other), None, "{other}");
        }
    }
}
