//! Generates the messages of the dialects: from the vendors' models, and from an overlay for each service that says what
//! the models do not.
//!
//! `cargo run -p polykms-generate` writes them; a test of the workspace wants no difference.
//!
//! # Invariants
//! - A member that may hold a secret is marked as sensitive, or waived with a reason; else nothing is generated.
//! - Whatever the overlay says is used; an entry that meets no member is an error.

mod alibaba;
mod aws;
mod model;
mod overlay;
mod render;

use std::path::{Path, PathBuf};

pub use model::{Field, Form, Service, Shape};
use overlay::Overlay;

/// A dialect whose messages are generated.
struct Dialect {
    folder: &'static str,
    read: fn(&str, &str) -> Result<Service, String>,
}

const DIALECTS: [Dialect; 2] =
    [Dialect { folder: "aws", read: aws::read }, Dialect { folder: "alibaba", read: alibaba::read }];

/// Every generated file with its text; `dialects` is the folder of the dialects.
///
/// # Errors
/// What is wrong with a model or an overlay, in words.
pub fn generate(dialects: &Path) -> Result<Vec<(PathBuf, String)>, String> {
    let mut files = Vec::new();
    for Dialect { folder, read } in DIALECTS {
        let folder = dialects.join(folder);
        for name in overlays(&folder.join("vendor/messages"))? {
            let model = read(&name, &text(&folder.join(format!("vendor/{name}.json")))?)?;
            let overlay = Overlay::read(&text(&folder.join(format!("vendor/messages/{name}.json")))?)?;
            let rendered = overlay.apply(model).and_then(|service| render::render(&service, &overlay));
            let rendered = rendered.map_err(|why| format!("{}: {name}: {why}", folder.display()))?;
            files.push((folder.join(format!("src/message/{name}.rs")), rendered));
        }
    }
    Ok(files)
}

/// The services that have an overlay, by name.
fn overlays(folder: &Path) -> Result<Vec<String>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        names.extend(path.file_stem().and_then(|name| name.to_str()).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

fn text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
