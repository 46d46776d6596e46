//! A browser of the distribution, headless.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where it is, if there is one.
pub(crate) fn chromium() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name))).find(|file| file.is_file())
}

/// Says in so many words that there is no browser, past the harness that hides what tests say. With `POLYKMS_ALL_TESTS`
/// set, as continuous integration has it, that is an error.
pub(crate) fn left_out(test: &str) {
    assert!(std::env::var_os("POLYKMS_ALL_TESTS").is_none(), "there is no Chromium, and no test may be left out");
    let _ = writeln!(std::io::stderr(), "LEFT OUT: {test} needs Chromium, and there is none");
}

/// It, with a profile of its own.
pub(crate) fn command(program: &Path, profile: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command
}
