//! What `serve` and `dev` say when they are started: the modes, and what to paste.

use std::fmt::Write;

use super::Failure;
use super::owners::Owners;
use super::ready::Ready;
use super::variables::{Format, variables};
use crate::config::{Authz, Signatures};
use crate::settings::{Mode, Settings};

/// The text; it shows no secret but the one that everybody knows.
///
/// # Errors
/// As [`variables`].
pub(crate) fn of(settings: &Settings, owners: &Owners, ready: &Ready) -> Result<String, Failure> {
    let mut text = String::new();
    let _ = writeln!(text, "polykms {} {}  {}", env!("CARGO_PKG_VERSION"), settings.mode.name(), ready.endpoint);
    if let (Some(endpoint), Some(file)) = (&ready.tls_endpoint, &ready.ca_file) {
        let _ = writeln!(text, "https:       {endpoint}  (trust {})", file.display());
    }
    let _ = write!(text, "{}", modes(settings));
    if settings.is_remote() {
        text += "WARNING:     other machines can reach this server; without HTTPS they send everything in the clear\n";
    }
    text += "\n";
    match settings.mode {
        Mode::Dev => text += &paste(settings, owners, ready)?,
        Mode::Serve => text += &whereabouts(settings, owners, ready),
    }
    Ok(text)
}

fn modes(settings: &Settings) -> String {
    let authz = match settings.authz {
        Authz::Enforce => "enforce",
        Authz::Audit => "AUDIT: denials are recorded and ignored (--authz enforce denies)",
        Authz::Off => "OFF: policies are not asked (--authz enforce asks them)",
    };
    let signatures = match settings.signatures {
        Signatures::Verify => "verify",
        Signatures::Ignore => "IGNORE: any credentials pass (--signatures verify checks them)",
    };
    let or_none = |path: &Option<std::path::PathBuf>, none: &str| {
        path.as_ref().map_or_else(|| none.to_owned(), |path| path.display().to_string())
    };
    let state = or_none(&settings.data_dir, "memory, gone with the process");
    let (seed, audit) = (or_none(&settings.seed, "none"), or_none(&settings.audit_file, "none"));
    format!(
        "authz:       {authz}\nsignatures:  {signatures}\nstate:       {state}\nseed:        {seed}\naudit trail: {audit}\n"
    )
}

/// Lines for the shell; where credentials are not those everybody knows, a command that prints them.
fn paste(settings: &Settings, owners: &Owners, ready: &Ready) -> Result<String, Failure> {
    let options = options(settings, ready);
    if !(owners.aws.is_test() && owners.alibaba.is_test()) {
        return Ok(format!("credentials: as given\n  eval \"$(polykms env{options})\"\n"));
    }
    let lines = Format::Bash.render(&variables(ready, false)?)?;
    let block = |title: &str, part: fn(&str) -> bool| {
        let chosen = lines.lines().filter(|line| part(line.trim_start_matches("export ")));
        format!("{title}\n{}", chosen.map(|line| format!("  {line}\n")).collect::<String>())
    };
    let aws = block("AWS SDKs and aws:", |line| line.starts_with("AWS_"));
    let alibaba = block("Alibaba Cloud SDKs and aliyun:", |line| line.starts_with("ALIBABA_CLOUD_"));
    Ok(format!(
        "{aws}{alibaba}  (give the SDKs this endpoint and the protocol http; aliyun takes --endpoint and --insecure)\n\
         other shells: polykms env{options} --format fish|powershell|dotenv|json|github\n\
         one command:  polykms exec{options} -- aws kms list-keys\n"
    ))
}

fn whereabouts(settings: &Settings, owners: &Owners, ready: &Ready) -> String {
    let credentials = match &owners.file {
        Some(path) => path.display().to_string(),
        None => "as given".to_owned(),
    };
    format!("owner credentials: {credentials}\nfor the shell: eval \"$(polykms env{})\"\n", options(settings, ready))
}

/// What `env` and `exec` need to be told to find this server.
fn options(settings: &Settings, ready: &Ready) -> String {
    match (&settings.ready_file, &settings.data_dir) {
        (Some(path), _) => format!(" --ready-file {}", path.display()),
        (None, Some(folder)) if settings.mode == Mode::Serve => {
            format!(" --data-dir {} --endpoint {}", folder.display(), ready.endpoint)
        }
        _ if ready.endpoint == "http://127.0.0.1:4566" => String::new(),
        _ => format!(" --endpoint {}", ready.endpoint),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::config::{Layer, Secret};
    use crate::settings::AccessKey;

    fn banner(layer: Layer, mode: Mode, key: AccessKey) -> String {
        let settings = Settings::of(layer, mode).unwrap();
        let owners = Owners { aws: key.clone(), alibaba: key, file: None };
        let ready = Ready::of(&settings, &owners, settings.listen, None);
        of(&settings, &owners, &ready).unwrap()
    }

    fn own() -> AccessKey {
        AccessKey { id: "own".to_owned(), secret: Secret::new("hunter2".to_owned()) }
    }

    #[test]
    fn dev_states_its_modes_and_what_to_paste_for_both_clouds() {
        let text = banner(Layer::default(), Mode::Dev, AccessKey::test());
        for line in [
            "authz:       enforce",
            "signatures:  verify",
            "state:       memory",
            "seed:        none",
            "  export AWS_ENDPOINT_URL=http://127.0.0.1:4566",
            "  export ALIBABA_CLOUD_ENDPOINT=127.0.0.1:4566",
            "  export ALIBABA_CLOUD_ACCESS_KEY_SECRET=test",
            "polykms exec -- aws",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }

    #[test]
    fn what_is_not_enforced_is_said_loudly() {
        let layer = Layer { authz: Some(Authz::Audit), signatures: Some(Signatures::Ignore), ..Layer::default() };
        let text = banner(layer, Mode::Dev, AccessKey::test());
        assert!(text.contains("AUDIT: ") && text.contains("IGNORE: "), "{text}");
    }

    #[test]
    fn secrets_of_ones_own_are_not_shown() {
        for mode in [Mode::Dev, Mode::Serve] {
            assert!(!banner(Layer::default(), mode, own()).contains("hunter2"));
        }
        assert!(
            banner(Layer { ready_file: Some("r".into()), ..Layer::default() }, Mode::Dev, own())
                .contains("--ready-file r")
        );
    }
}
