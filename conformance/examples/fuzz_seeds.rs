//! Writes the public cases, their documents and some patterns as first inputs of the fuzz targets, into the given folder.

use std::error::Error;
use std::path::Path;

use polykms_conformance::policy_cases::PUBLIC;
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("the folder is missing")?;
    let folder = Path::new(&folder);
    let file: Value = serde_json::from_str(PUBLIC)?;
    let mut documents = Vec::new();
    for (index, case) in file.get("cases").and_then(Value::as_array).into_iter().flatten().enumerate() {
        write(folder, "cases", index, case.to_string().as_bytes())?;
        gather(case, &mut documents);
    }
    documents.sort_unstable();
    documents.dedup();
    for (index, document) in documents.iter().enumerate() {
        write(folder, "documents", index, document.as_bytes())?;
    }
    // What is matched, how, the text, the value of the variable, and patterns.
    let names =
        "arn:aws:kms:r:1:key/a:b\nkey/a\narn:aws:kms:*:1:key/*\narn:aws:*:1:key/a:b\narn:*\n*\n${aws:username}*";
    let actions = "kms:Decrypt\n\nKMS:de?rypt\nkms:*\n*\nkms:Encrypt\nkms:*t*";
    for what in 0..7_u8 {
        for how in 0..16_u8 {
            let lines = if what == 0 { actions } else { names };
            let bytes: Vec<u8> = [what, how].into_iter().chain(lines.bytes()).collect();
            write(folder, "patterns", usize::from(what) * 16 + usize::from(how), &bytes)?;
        }
    }
    for index in 0..64_u8 {
        let bytes: Vec<u8> =
            (0..64).map(|at: u8| index.wrapping_mul(37).wrapping_add(at.wrapping_mul(index))).collect();
        write(folder, "draws", index.into(), &bytes)?;
    }
    Ok(())
}

fn write(folder: &Path, target: &str, index: usize, bytes: &[u8]) -> std::io::Result<()> {
    let folder = folder.join(target);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(format!("seed-{index:03}")), bytes)
}

/// The texts of all policy documents of a case.
fn gather(value: &Value, documents: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| gather(item, documents)),
        Value::Object(members) => {
            for (name, value) in members {
                if name == "document" {
                    documents.push(value.to_string());
                } else {
                    gather(value, documents);
                }
            }
        }
        _ => {}
    }
}
