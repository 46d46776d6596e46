//! Secrets have no comparison that could end early.

use polykms_core::secret::Material;

fn main() {
    let _ = Material::new(vec![1]) == Material::new(vec![1]);
}
