//! Secrets have no text form.

use polykms_core::secret::Plaintext;

fn main() {
    println!("{}", Plaintext::new(vec![1]));
}
