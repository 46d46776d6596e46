//! Writes the messages of the dialects; to be run from the root of the workspace.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let files = match polykms_generate::generate(Path::new("dialects")) {
        Ok(files) => files,
        Err(why) => return failed(&why),
    };
    for (path, text) in files {
        if let Err(error) = std::fs::write(&path, text) {
            return failed(&format!("{}: {error}", path.display()));
        }
        println!("{}", path.display());
    }
    ExitCode::SUCCESS
}

fn failed(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}
