//! Messages: the generated ones are what models and overlays say.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::Path;

#[test]
fn generated_messages_are_what_models_and_overlays_say() {
    let dialects = Path::new(env!("CARGO_MANIFEST_DIR")).join("dialects");
    for (path, text) in polykms_generate::generate(&dialects).expect("models and overlays that fit together") {
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "{} is not what would be generated: run `just generate`", path.display());
    }
}
