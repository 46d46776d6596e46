//! Settings as they are given: by flag, by environment variable, by file; one table names them all.
//!
//! # Invariants
//! - Every setting has one name: `data_dir` in a file, `POLYKMS_DATA_DIR` in the environment, `--data-dir` as a flag.
//! - Nothing is ignored: a name that is not in the table and a value that does not fit are errors.
//! - No error and no `Debug` shows the value of a secret.

mod cloud;
mod lists;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use clap::ValueEnum;

use crate::cli::Failure;
use crate::core::secret::AccessSecret;

pub(crate) use cloud::{CloudLayer, CloudLayers, CloudSetting, dialect_names};
pub(crate) use lists::{Hosts, Origins};

/// The variables that begin like settings and are none: the new root key of `root rotate`, and those that the project's own
/// tests are run with.
const NOT_SETTINGS: [&str; 7] = [
    "POLYKMS_NEW_ROOT_KEY",
    "POLYKMS_NEW_PASSPHRASE",
    "POLYKMS_ALL_TESTS",
    "POLYKMS_BIN",
    "POLYKMS_SDK_TOOLS",
    "POLYKMS_CRASH_ROUNDS",
    "POLYKMS_CRASH_SEED",
];

const PREFIX: &str = "POLYKMS_";
/// Names the file of settings, like `--config`.
const FILE: &str = "POLYKMS_CONFIG";
/// Secrets that everything else hangs on: no place for them in a file or a list of processes.
const ENVIRONMENT_ONLY: [&str; 2] = ["root_key", "passphrase"];

/// Makes the table: a field, a flag, a variable and a key of the file for every setting. Those of the dialects stand
/// between the two halves.
macro_rules! settings {
    ({ $($(#[$attribute:meta])* $name:ident: $type:ty,)* } { $($(#[$also:meta])* $other:ident: $kind:ty,)* }) => {
        /// Settings from one source; what it does not name is empty.
        #[derive(Debug, Default, Clone, clap::Args)]
        pub(crate) struct Layer {
            $($(#[$attribute])* pub(crate) $name: Option<$type>,)*
            #[command(flatten)]
            pub(crate) clouds: CloudLayers,
            $($(#[$also])* pub(crate) $other: Option<$kind>,)*
        }

        impl Layer {
            /// The names of all settings.
            pub(crate) fn names() -> impl Iterator<Item = String> {
                let own = [$(stringify!($name),)* $(stringify!($other),)*];
                own.into_iter().map(str::to_owned).chain(CloudLayers::names())
            }

            /// These settings, and those of `below` where nothing is said here.
            pub(crate) fn over(self, below: Self) -> Self {
                Self {
                    $($name: self.$name.or(below.$name),)*
                    clouds: self.clouds.over(below.clouds),
                    $($other: self.$other.or(below.$other),)*
                }
            }

            fn set(&mut self, name: &str, given: Given) -> Result<(), String> {
                match name {
                    $(stringify!($name) => self.$name = Some(<$type as Value>::from_given(given)?),)*
                    $(stringify!($other) => self.$other = Some(<$kind as Value>::from_given(given)?),)*
                    _ => self.clouds.set(name, given)?,
                }
                Ok(())
            }
        }
    };
}

settings! { {
    /// Address for HTTP; port 0 takes a free one [default: 127.0.0.1:4566]
    #[arg(long, value_name = "ADDR")]
    listen: SocketAddr,
    /// Address for HTTPS, which is served beside HTTP
    #[arg(long, value_name = "ADDR")]
    tls_listen: SocketAddr,
    /// Serve HTTPS too, on the port after that of HTTP unless --tls-listen is given
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    tls: bool,
    /// Folder of ca.pem, cert.pem and key.pem, made when missing [default: DATA_DIR/tls, or a temporary folder]
    #[arg(long, value_name = "DIR")]
    tls_dir: PathBuf,
    /// Folder that everything is kept in [default: ./polykms-data for serve; dev keeps everything in memory]
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// YAML file of accounts, identities, policies and keys that are there from the start
    #[arg(long, value_name = "FILE")]
    seed: PathBuf,
    /// What a denial is worth [default: enforce]
    #[arg(long, value_enum)]
    authz: Authz,
    /// What a signature is worth [default: verify]
    #[arg(long, value_enum)]
    signatures: Signatures,
    /// Refuse signatures that rest on HMAC-SHA1 (V1)
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    deny_v1: bool,
    /// File that tells, as JSON, how to reach the server, written when it serves
    #[arg(long, value_name = "FILE")]
    ready_file: PathBuf,
} {
    /// File of the root key, made at first start [default: DATA_DIR/root.key]
    #[arg(long, value_name = "FILE")]
    root_key_file: PathBuf,
    /// The root key itself, 32 bytes in base64; only by POLYKMS_ROOT_KEY
    #[arg(skip)]
    root_key: Secret,
    /// The passphrase that the root key is made of; only by POLYKMS_PASSPHRASE
    #[arg(skip)]
    passphrase: Secret,
    /// File that the audit trail is appended to [default: DATA_DIR/audit.jsonl]
    #[arg(long, value_name = "FILE")]
    audit_file: PathBuf,
    /// At how many bytes the file of the audit trail is moved away, with the time in its name [default: 268435456]
    #[arg(long, value_name = "BYTES")]
    audit_rotate_bytes: NonZeroUsize,
    /// After how many hours it is [default: 24]
    #[arg(long, value_name = "HOURS")]
    audit_rotate_hours: NonZeroUsize,
    /// Which decisions are on the audit trail with their whole trace [default: denied; all with --decision-header]
    #[arg(long, value_enum)]
    audit_decisions: AuditDecisions,
    /// Name the decision in a header of the answers: x-polykms-decision-id, for `polykms policy why`
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    decision_header: bool,
    /// Worker threads [default: one per core, 8 at most]
    #[arg(long, value_name = "N")]
    threads: NonZeroUsize,
    /// Keys that are kept at hand, and as many of their versions and of their aliases [default: 10000]
    #[arg(long, value_name = "N")]
    cache_keys: NonZeroUsize,
    /// Callers that are kept at hand: access keys and sessions, each with what it may do [default: 10000]
    #[arg(long, value_name = "N")]
    cache_callers: NonZeroUsize,
    /// Policy documents that are kept at hand in their compiled form, some 70 KB for one of 6 KB [default: 5000]
    #[arg(long, value_name = "N")]
    cache_policies: NonZeroUsize,
    /// Bytes of requests under way, large ones alone, that are held before it is known who sends them [default: 134217728]
    #[arg(long, value_name = "BYTES")]
    pending_bytes: NonZeroUsize,
    /// The same for each address that requests come from [default: 33554432]
    #[arg(long, value_name = "BYTES")]
    pending_bytes_of_address: NonZeroUsize,
    /// Log lines on standard error [default: text]
    #[arg(long, value_enum)]
    log_format: LogFormat,
    /// What is logged; info has one line for each request [default: info]
    #[arg(long, value_enum)]
    log_level: LogLevel,
    /// Listen on addresses that other machines can reach
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    allow_remote: bool,
    /// Further names that the server is reached by, by commas; requests to other hosts are refused
    #[arg(long, value_name = "NAMES")]
    allow_host: Hosts,
    /// Origins of web pages that may send requests, by commas: http://localhost:3000
    #[arg(long, value_name = "ORIGINS")]
    allow_origin: Origins,
} }

/// The settings as flags, and the file that stands behind them.
#[derive(Debug, Default, Clone, clap::Args)]
pub(crate) struct Flags {
    /// TOML file of settings, each named as its flag with underscores; also POLYKMS_CONFIG
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    layer: Layer,
}

impl Flags {
    /// These flags, before the settings of a file.
    pub(crate) fn of(config: Option<PathBuf>, layer: Layer) -> Self {
        Self { config, layer }
    }

    /// The seed that a flag names.
    pub(crate) fn seed(&self) -> Option<&Path> {
        self.layer.seed.as_deref()
    }

    /// Whether flags name a server: its address or its ready file.
    pub(crate) fn names_server(&self) -> bool {
        self.layer.listen.is_some() || self.layer.ready_file.is_some()
    }

    /// The audit trail, or the data folder with one, that a flag names.
    pub(crate) fn names_trail(&self) -> bool {
        self.layer.audit_file.is_some() || self.layer.data_dir.is_some()
    }

    /// Flags over environment over file.
    ///
    /// # Errors
    /// [`Failure::Usage`] for whatever is not a setting or does not fit one.
    pub(crate) fn layered(self, environment: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Layer, Failure> {
        let Self { config, layer } = self;
        let (environment, named) = from_environment(environment)?;
        let file = match config.or(named) {
            None => Layer::default(),
            Some(path) => from_file(&path)?,
        };
        Ok(layer.over(environment).over(file))
    }
}

/// The settings of the environment, and the file it names.
fn from_environment(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<(Layer, Option<PathBuf>), Failure> {
    let mut layer = Layer::default();
    let mut file = None;
    for (variable, value) in variables {
        let Some(variable) = variable.to_str().filter(|variable| variable.starts_with(PREFIX)) else { continue };
        if NOT_SETTINGS.contains(&variable) {
            continue;
        }
        if variable == FILE {
            file = Some(PathBuf::from(value));
            continue;
        }
        let name = variable.strip_prefix(PREFIX).unwrap_or_default().to_ascii_lowercase();
        if !is_known(&name) || variable != variable_of(&name) {
            return Err(Failure::Usage(unknown_variable(variable)));
        }
        let text = value.into_string().map_err(|_| Failure::Usage(format!("`{variable}` is not UTF-8")))?;
        layer.set(&name, Given::Text(text)).map_err(|why| Failure::Usage(format!("`{variable}` {why}")))?;
    }
    Ok((layer, file))
}

fn from_file(path: &Path) -> Result<Layer, Failure> {
    let place = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::Usage(format!("cannot read the settings in `{place}`: {error}")))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| 1 + text.get(..span.start).unwrap_or_default().matches('\n').count());
        Failure::Usage(format!("`{place}` is not TOML: line {line}: {}", error.message()))
    })?;
    let mut layer = Layer::default();
    for (name, value) in table {
        if ENVIRONMENT_ONLY.contains(&name.as_str()) {
            let variable = variable_of(&name);
            return Err(Failure::Usage(format!("`{name}` in `{place}` is taken from `{variable}` alone")));
        }
        if !is_known(&name) {
            return Err(Failure::Usage(format!("`{place}`: {}", unknown(&name))));
        }
        layer.set(&name, Given::Toml(value)).map_err(|why| Failure::Usage(format!("`{name}` in `{place}` {why}")))?;
    }
    Ok(layer)
}

fn is_known(name: &str) -> bool {
    Layer::names().any(|known| known == name)
}

/// The environment variable of a setting.
pub(crate) fn variable_of(name: &str) -> String {
    format!("{PREFIX}{}", name.to_ascii_uppercase())
}

fn unknown(name: &str) -> String {
    let wanted = name.to_ascii_lowercase().replace('-', "_");
    format!("there is no setting `{name}`{}", hint(&wanted, Layer::names()))
}

fn unknown_variable(variable: &str) -> String {
    let wanted = variable.strip_prefix(PREFIX).unwrap_or(variable).to_ascii_lowercase();
    let names = Layer::names().chain(["config".to_owned()]);
    let hint = nearest(&wanted, names).map(|name| format!("; did you mean `{}`?", variable_of(&name)));
    format!("there is no setting `{variable}`{}", hint.unwrap_or_default())
}

/// The nearest of the names as a question, if one is near.
pub(crate) fn hint(wanted: &str, names: impl IntoIterator<Item = String>) -> String {
    nearest(wanted, names).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

fn nearest(wanted: &str, names: impl IntoIterator<Item = String>) -> Option<String> {
    let likeness = |name: String| (strsim::jaro_winkler(wanted, &name), name);
    let (likeness, name) = names.into_iter().map(likeness).max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    (likeness > 0.8).then_some(name)
}

/// A value as a source gives it.
enum Given {
    /// By the environment.
    Text(String),
    /// By a file.
    Toml(toml::Value),
}

/// What a setting can be; the error completes a sentence that begins with the setting's name.
trait Value: Sized {
    fn from_text(text: &str) -> Result<Self, String>;

    /// For all but numbers and truth values, a file says it by a string.
    fn from_toml(value: &toml::Value) -> Result<Self, String> {
        match value {
            toml::Value::String(text) => Self::from_text(text),
            other => Err(format!("must be a string, not {}", other.type_str())),
        }
    }

    fn from_given(given: Given) -> Result<Self, String> {
        match given {
            Given::Text(text) => Self::from_text(&text),
            Given::Toml(value) => Self::from_toml(&value),
        }
    }
}

impl Value for SocketAddr {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("is `{text}`, which is not an address like 127.0.0.1:4566"))
    }
}

impl Value for bool {
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(format!("is `{text}`, which is neither true nor false")),
        }
    }

    fn from_toml(value: &toml::Value) -> Result<Self, String> {
        value.as_bool().ok_or_else(|| format!("must be true or false, not {}", value.type_str()))
    }
}

impl Value for PathBuf {
    fn from_text(text: &str) -> Result<Self, String> {
        String::from_text(text).map(Self::from)
    }
}

impl Value for String {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("is empty".to_owned()) } else { Ok(text.to_owned()) }
    }
}

impl Value for Secret {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
    }

    fn from_toml(value: &toml::Value) -> Result<Self, String> {
        value.as_str().ok_or("must be a string")?.parse()
    }
}

impl Value for u64 {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("is `{text}`, which is not a whole number"))
    }

    fn from_toml(value: &toml::Value) -> Result<Self, String> {
        let number = value.as_integer().ok_or_else(|| format!("must be a whole number, not {}", value.type_str()))?;
        Self::try_from(number).map_err(|_| format!("is {number}, which is less than 0"))
    }
}

impl Value for NonZeroUsize {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("is `{text}`, which is not a whole number from 1"))
    }

    fn from_toml(value: &toml::Value) -> Result<Self, String> {
        let number = u64::from_toml(value)?;
        usize::try_from(number).ok().and_then(Self::new).ok_or_else(|| format!("is {number}, which is not from 1"))
    }
}

/// Makes a word of a fixed set a value.
macro_rules! words {
    ($($type:ty),*) => {$(
        impl Value for $type {
            fn from_text(text: &str) -> Result<Self, String> {
                <Self as ValueEnum>::from_str(text, false).map_err(|_| {
                    let words: Vec<_> = Self::value_variants().iter().filter_map(word).collect();
                    format!("is `{text}`, which is none of {}{}", words.join(", "), hint(text, words.clone()))
                })
            }
        }
    )*};
}

words!(Authz, Signatures, AuditDecisions, LogFormat, LogLevel);

fn word<T: ValueEnum>(variant: &T) -> Option<String> {
    variant.to_possible_value().map(|value| value.get_name().to_owned())
}

/// What a denial is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Authz {
    /// It is a denial.
    Enforce,
    /// It is recorded, and then ignored.
    Audit,
    /// Policies are not asked.
    Off,
}

/// What a signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Signatures {
    /// It must be right.
    Verify,
    /// Any credentials pass.
    Ignore,
}

/// Which decisions are on the audit trail with their whole trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditDecisions {
    /// Denials.
    Denied,
    /// All, at the cost of a second evaluation of what is allowed.
    All,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevel {
    /// Nothing.
    Off,
    /// What should not happen.
    Error,
    /// What deserves a look.
    Warn,
    /// Every request.
    Info,
    /// Every connection that ends otherwise than usual.
    Debug,
    /// Everything.
    Trace,
}

/// A secret that came with the settings.
#[derive(Debug, Clone)]
pub(crate) struct Secret(Arc<AccessSecret>);

impl Secret {
    /// Takes ownership of the text.
    pub(crate) fn new(text: String) -> Self {
        Self(Arc::new(AccessSecret::new(text)))
    }

    /// The text.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl FromStr for Secret {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("is empty".to_owned()) } else { Ok(Self::new(text.to_owned())) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::io::Write;

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        flags: Flags,
    }

    fn layered(flags: &[&str], environment: &[(&str, &str)], file: &str) -> Result<Layer, String> {
        let mut settings = tempfile::NamedTempFile::new().unwrap();
        settings.write_all(file.as_bytes()).unwrap();
        let path = settings.path().to_str().unwrap();
        let line = ["polykms", "--config", path].into_iter().chain(flags.iter().copied());
        let flags = Line::try_parse_from(line).map_err(|error| error.to_string())?.flags;
        let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        flags.layered(environment).map_err(|failure| failure.to_string().replace(path, "FILE"))
    }

    fn refusal(flags: &[&str], environment: &[(&str, &str)], file: &str) -> String {
        layered(flags, environment, file).unwrap_err()
    }

    #[test]
    fn flags_win_over_the_environment_and_the_environment_over_the_file() {
        let file = "aws_region = 'file'\nalibaba_region = 'file'\naws_account = 'file'";
        let environment = [("POLYKMS_AWS_REGION", "environment"), ("POLYKMS_ALIBABA_REGION", "environment")];
        let layer = layered(&["--aws-region", "flag"], &environment, file).unwrap();
        let registry = crate::registry().unwrap();
        let [aws, alibaba] = ["aws", "alibaba"].map(|name| layer.clouds.of(registry.named(name).unwrap()));
        assert_eq!(aws.region.as_deref(), Some("flag"));
        assert_eq!(alibaba.region.as_deref(), Some("environment"));
        assert_eq!(aws.account.as_deref(), Some("file"));
        assert_eq!(alibaba.account, None);
    }

    /// A value that fits each setting, as a flag's word and as TOML.
    fn sample(name: &str) -> (&'static str, &'static str) {
        match name {
            "listen" | "tls_listen" => ("127.0.0.1:1", "'127.0.0.1:1'"),
            "tls" | "allow_remote" | "deny_v1" | "decision_header" => ("true", "true"),
            "allow_host" => ("kms.corp,b", "['kms.corp', 'b']"),
            "allow_origin" => ("http://a:1", "'http://a:1'"),
            "threads" | "aws_skew_seconds" | "alibaba_skew_seconds" => ("3", "3"),
            "cache_keys"
            | "cache_callers"
            | "cache_policies"
            | "audit_rotate_bytes"
            | "audit_rotate_hours"
            | "pending_bytes"
            | "pending_bytes_of_address" => ("7", "7"),
            "authz" => ("audit", "'audit'"),
            "signatures" => ("ignore", "'ignore'"),
            "audit_decisions" => ("all", "'all'"),
            "log_format" => ("json", "'json'"),
            "log_level" => ("debug", "'debug'"),
            _ => ("x", "'x'"),
        }
    }

    #[test]
    fn every_setting_can_be_given_by_flag_by_variable_and_by_file() {
        for name in Layer::names() {
            let name = name.as_str();
            let (text, toml) = sample(name);
            let only = |layer: Layer| format!("{layer:?}").matches("Some(").count();
            assert_eq!(only(layered(&[], &[(&variable_of(name), text)], "").unwrap()), 1, "{name}");
            if ENVIRONMENT_ONLY.contains(&name) {
                assert!(refusal(&[], &[], &format!("{name} = {toml}")).contains("alone"), "{name}");
                continue;
            }
            assert_eq!(only(layered(&[], &[], &format!("{name} = {toml}")).unwrap()), 1, "{name}");
            let flag = format!("--{}={text}", name.replace('_', "-"));
            assert_eq!(only(layered(&[&flag], &[], "").unwrap()), 1, "{name}");
        }
    }

    #[test]
    fn unknown_settings_are_refused_with_the_nearest_name() {
        let refused = refusal(&[], &[("POLYKMS_SIGNATURE", "ignore")], "");
        assert_eq!(refused, "there is no setting `POLYKMS_SIGNATURE`; did you mean `POLYKMS_SIGNATURES`?");
        assert_eq!(
            refusal(&[], &[("POLYKMS_authz", "off")], ""),
            "there is no setting `POLYKMS_authz`; did you mean `POLYKMS_AUTHZ`?"
        );
        assert_eq!(
            refusal(&[], &[], "data-dir = 'x'"),
            "`FILE`: there is no setting `data-dir`; did you mean `data_dir`?"
        );
        assert_eq!(refusal(&[], &[("POLYKMS_QQ", "")], ""), "there is no setting `POLYKMS_QQ`");
        assert!(refusal(&["--lisen", "x"], &[], "").contains("--listen"));
        assert!(refusal(&[], &[], "[server]\nlisten = 'x'").contains("there is no setting `server`"));
    }

    #[test]
    fn values_that_do_not_fit_are_refused() {
        for (variable, value, expected) in [
            (
                "POLYKMS_AUTHZ",
                "enforced",
                "`POLYKMS_AUTHZ` is `enforced`, which is none of enforce, audit, off; did you mean `enforce`?",
            ),
            ("POLYKMS_LISTEN", "4566", "`POLYKMS_LISTEN` is `4566`, which is not an address like 127.0.0.1:4566"),
            ("POLYKMS_TLS", "yes", "`POLYKMS_TLS` is `yes`, which is neither true nor false"),
            ("POLYKMS_THREADS", "0", "`POLYKMS_THREADS` is `0`, which is not a whole number from 1"),
            ("POLYKMS_SEED", "", "`POLYKMS_SEED` is empty"),
        ] {
            assert_eq!(refusal(&[], &[(variable, value)], ""), expected);
        }
        for (file, expected) in [
            ("threads = '2'", "`threads` in `FILE` must be a whole number, not string"),
            ("tls = 'true'", "`tls` in `FILE` must be true or false, not string"),
            ("listen = 4566", "`listen` in `FILE` must be a string, not integer"),
            ("aws_skew_seconds = -1", "`aws_skew_seconds` in `FILE` is -1, which is less than 0"),
        ] {
            assert_eq!(refusal(&[], &[], file), expected);
        }
        assert!(refusal(&[], &[], "\ntls = ").starts_with("`FILE` is not TOML: line 2: "));
    }

    #[test]
    fn no_error_and_no_debug_shows_a_secret() {
        let layer = layered(&[], &[("POLYKMS_PASSPHRASE", "hunter2")], "aws_secret_access_key = 'hunter2'").unwrap();
        assert!(!format!("{layer:?}").contains("hunter2"));
        assert!(!refusal(&[], &[], "aws_secret_access_key = ['hunter2']").contains("hunter2"));
        assert!(!refusal(&[], &[], "passphrase = 'hunter2'").contains("hunter2"));
        assert!(!refusal(&[], &[], "aws_secret_access_key = hunter2").contains("hunter2"));
    }

    #[test]
    fn a_variable_can_name_the_file_and_those_of_the_tests_are_no_settings() {
        let mut settings = tempfile::NamedTempFile::new().unwrap();
        settings.write_all(b"threads = 5").unwrap();
        let environment = [
            (OsString::from(FILE), settings.path().into()),
            ("POLYKMS_BIN".into(), "x".into()),
            ("POLYKMS_SDK_TOOLS".into(), "x".into()),
            ("PATH".into(), "x".into()),
        ];
        assert_eq!(Flags::default().layered(environment).unwrap().threads.unwrap().get(), 5);
    }

    #[test]
    fn a_switch_can_be_switched_off_again_by_a_flag() {
        let layer = layered(&["--tls=false", "--allow-remote"], &[("POLYKMS_TLS", "true")], "").unwrap();
        assert_eq!((layer.tls, layer.allow_remote), (Some(false), Some(true)));
    }
}
