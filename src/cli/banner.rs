//! What `serve` and `dev` say when they are started: the modes, and what to paste.

use std::fmt::Write as _;

use super::Failure;
use super::owners::Owners;
use super::ready::{Caller, Ready};
use super::variables::{Changes, Format};
use crate::Removed;
use crate::config::{Authz, Signatures};
use crate::core::dialect::Front;
use crate::settings::{Mode, Settings};

/// The text; it shows no secret but the one that everybody knows.
///
/// # Errors
/// As [`Format::render`].
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

/// What went when a data folder was taken over.
pub(crate) fn adopted(removed: &[Removed]) -> String {
    if removed.is_empty() {
        return "adopted:     no access key in the data folder was one that everybody knows\n".to_owned();
    }
    removed.iter().map(|removed| format!("removed:     {removed}, which everybody knew\n")).collect()
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
    if !owners.are_known() {
        return Ok(format!("credentials: as given\n  eval \"$(polykms env{options})\"\n"));
    }
    let blocks = ready.callers.iter().map(|caller| block(ready, caller)).collect::<Result<String, _>>()?;
    let example = ready.callers.first().map_or("", |caller| caller.dialect.front.example);
    let administrators = match settings.is_remote() {
        true => String::new(),
        false => ready.callers.iter().map(|caller| administrator(caller.dialect.front)).collect(),
    };
    Ok(format!(
        "{blocks}{administrators}other shells: polykms env{options} --format fish|powershell|dotenv|json|github\n\
         one command:  polykms exec{options} -- {example}\n\
         why it said:  polykms policy why last{options}\n"
    ))
}

/// What one cloud's programs are to be told.
fn block(ready: &Ready, caller: &Caller) -> Result<String, Failure> {
    let front = caller.dialect.front;
    let lines = Format::Bash.render(&Changes::of_cloud(ready, caller))?;
    let advice = Some(format!("({})", front.advice)).filter(|_| !front.advice.is_empty());
    let indented = lines.lines().chain(advice.as_deref()).map(|line| format!("  {line}\n"));
    Ok(format!("{}:\n{}", front.clients, indented.collect::<String>()))
}

/// Who may do everything and is no owner, and what names an account.
fn administrator(front: &Front) -> String {
    let Front { title, administrator, known_key: (_, secret), account, .. } = front;
    format!(
        "{title}: {administrator}/{secret} is an administrator who may assume roles; {account} as access key, with that \
         secret, are the owner of that account\n"
    )
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
    use crate::cli::owners::Owner;
    use crate::config::{Layer, Secret};
    use crate::settings::{AccessKey, Cloud};

    fn banner(layer: Layer, mode: Mode, key: AccessKey) -> String {
        let settings = Settings::of(layer, mode).unwrap();
        let owner = |cloud: &Cloud| Owner { cloud: cloud.clone(), key: key.clone() };
        let owners = Owners { owners: settings.clouds.iter().map(owner).collect(), file: None };
        let ready = Ready::of(&owners, settings.listen, None);
        of(&settings, &owners, &ready).unwrap()
    }

    fn known() -> AccessKey {
        AccessKey { id: "test".to_owned(), secret: Secret::new("test".to_owned()) }
    }

    fn own() -> AccessKey {
        AccessKey { id: "own".to_owned(), secret: Secret::new("hunter2".to_owned()) }
    }

    #[test]
    fn dev_states_its_modes_and_what_to_paste_for_both_clouds() {
        let text = banner(Layer::default(), Mode::Dev, known());
        let lines: Vec<_> = text.lines().skip(1).collect();
        let expected = [
            "authz:       enforce",
            "signatures:  verify",
            "state:       memory, gone with the process",
            "seed:        none",
            "audit trail: none",
            "",
            "AWS SDKs and aws:",
            "  export AWS_ENDPOINT_URL=http://127.0.0.1:4566",
            "  export AWS_ACCESS_KEY_ID=test",
            "  export AWS_SECRET_ACCESS_KEY=test",
            "  export AWS_REGION=us-east-1",
            "  export AWS_DEFAULT_REGION=us-east-1",
            "  (aws before 2.13 (1.29) and SDKs of its time do not read AWS_ENDPOINT_URL: give them the endpoint themselves)",
            "Alibaba Cloud SDKs and aliyun:",
            "  export ALIBABA_CLOUD_ENDPOINT=127.0.0.1:4566",
            "  export ALIBABA_CLOUD_ACCESS_KEY_ID=test",
            "  export ALIBABA_CLOUD_ACCESS_KEY_SECRET=test",
            "  export ALIBABA_CLOUD_REGION_ID=cn-hangzhou",
            "  (the SDKs read no endpoint from variables: give them this one and the protocol http; aliyun takes --endpoint and --insecure)",
            "AWS: polykms-admin/test is an administrator who may assume roles; 12 digits as access key, with that secret, are \
             the owner of that account",
            "Alibaba Cloud: polykms-admin/test is an administrator who may assume roles; 16 digits as access key, with that \
             secret, are the owner of that account",
            "other shells: polykms env --format fish|powershell|dotenv|json|github",
            "one command:  polykms exec -- aws kms list-keys",
            "why it said:  polykms policy why last",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_is_not_enforced_is_said_loudly() {
        let layer = Layer { authz: Some(Authz::Audit), signatures: Some(Signatures::Ignore), ..Layer::default() };
        let text = banner(layer, Mode::Dev, known());
        assert!(text.contains("AUDIT: ") && text.contains("IGNORE: "), "{text}");
    }

    #[test]
    fn secrets_of_ones_own_are_not_shown() {
        for mode in [Mode::Dev, Mode::Serve] {
            let text = banner(Layer::default(), mode, own());
            assert!(!text.contains("hunter2") && !text.contains("administrator"), "{text}");
        }
        assert!(
            banner(Layer { ready_file: Some("r".into()), ..Layer::default() }, Mode::Dev, own())
                .contains("--ready-file r")
        );
    }
}
