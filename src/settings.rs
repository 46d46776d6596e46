//! Settings as they apply: every default filled in, every contradiction refused.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use polykms_host::trail::Rotation;

use crate::Caches;
use crate::cli::Failure;
use crate::config::{AuditDecisions, Authz, CloudLayer, CloudSetting, Layer, LogFormat, LogLevel, Secret, Signatures};
use crate::core::dialect::Dialect;

/// The address that is listened on where nothing is said.
const LISTEN: SocketAddr = SocketAddr::V4(std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 4566));
const DATA_DIR: &str = "polykms-data";
/// More workers gain nothing without more clients than an emulator has.
const MOST_THREADS: usize = 8;

/// What the program is started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// To last: a data folder, credentials of its own.
    Serve,
    /// To develop against: in memory unless a folder is given, with known credentials and a reset.
    Dev,
}

impl Mode {
    /// The name of the command.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Dev => "dev",
        }
    }
}

/// Everything that a server is started with.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// What it is started for.
    pub(crate) mode: Mode,
    /// The address for HTTP.
    pub(crate) listen: SocketAddr,
    /// HTTPS.
    pub(crate) tls: Option<Tls>,
    /// The folder of the store; in memory without one.
    pub(crate) data_dir: Option<PathBuf>,
    /// What is there from the start.
    pub(crate) seed: Option<PathBuf>,
    /// What a denial is worth.
    pub(crate) authz: Authz,
    /// What a signature is worth.
    pub(crate) signatures: Signatures,
    /// The file to write when requests are served.
    pub(crate) ready_file: Option<PathBuf>,
    /// The side of each cloud, in the order in which people are told of them.
    pub(crate) clouds: Vec<Cloud>,
    /// The root key.
    pub(crate) root_key: RootKey,
    /// The audit trail.
    pub(crate) audit_file: Option<PathBuf>,
    /// When its file ends and the next one begins.
    pub(crate) audit_rotation: Rotation,
    /// Whether signatures that rest on SHA-1 are refused.
    pub(crate) deny_v1: bool,
    /// Which decisions are on it with their whole trace.
    pub(crate) audit_decisions: AuditDecisions,
    /// Whether answers name the decision in a header.
    pub(crate) decision_header: bool,
    /// How many bytes requests under way hold, where it was given.
    pub(crate) pending: Option<NonZeroUsize>,
    /// The same of one address.
    pub(crate) pending_of_address: Option<NonZeroUsize>,
    /// Worker threads.
    pub(crate) threads: NonZeroUsize,
    /// How much is kept at hand.
    pub(crate) caches: Caches,
    /// How log lines look.
    pub(crate) log_format: LogFormat,
    /// What is logged.
    pub(crate) log_level: LogLevel,
    /// Whether other machines may reach the server.
    pub(crate) allow_remote: bool,
    /// Names that the server is reached by.
    pub(crate) hosts: Vec<String>,
    /// Origins whose pages may send requests.
    pub(crate) origins: Vec<String>,
}

/// HTTPS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tls {
    /// Its address.
    pub(crate) listen: SocketAddr,
    /// The folder of its files; a temporary one where none is said.
    pub(crate) directory: Option<PathBuf>,
}

/// One cloud's side.
#[derive(Debug, Clone)]
pub(crate) struct Cloud {
    /// How it speaks.
    pub(crate) dialect: &'static Dialect,
    /// The owner's account.
    pub(crate) account: String,
    /// The region of requests that name none.
    pub(crate) region: String,
    /// The owner's access key, where it was given.
    pub(crate) owner: Option<AccessKey>,
    /// How far a signature's date may be off, where it was given.
    pub(crate) skew: Option<Duration>,
}

/// An access key with its secret.
#[derive(Debug, Clone)]
pub(crate) struct AccessKey {
    /// The id.
    pub(crate) id: String,
    /// The secret.
    pub(crate) secret: Secret,
}

impl AccessKey {
    /// The access key that everybody knows.
    pub(crate) fn known(dialect: &Dialect) -> Self {
        let (id, secret) = dialect.front.known_key;
        Self { id: id.to_owned(), secret: Secret::new(secret.to_owned()) }
    }

    /// Whether it is the one that everybody knows.
    pub(crate) fn is_known(&self, dialect: &Dialect) -> bool {
        (self.id.as_str(), self.secret.expose()) == dialect.front.known_key
    }

    /// Whether everybody knows its secret, or can guess it.
    pub(crate) fn is_guessed(&self, dialect: &Dialect) -> bool {
        dialect.front.is_known(&self.id, self.secret.expose())
    }
}

/// Where the root key comes from.
#[derive(Debug, Clone)]
pub(crate) enum RootKey {
    /// A fresh one, gone with the process.
    Fresh,
    /// A file.
    File(PathBuf),
    /// Base64.
    Text(Secret),
    /// A passphrase.
    Passphrase(Secret),
}

impl Settings {
    /// Fills in the defaults of the mode.
    ///
    /// # Errors
    /// [`Failure::Usage`] for settings that contradict each other or the mode, [`Failure::Failed`] for dialects that do.
    pub(crate) fn of(layer: Layer, mode: Mode) -> Result<Self, Failure> {
        let data_dir = layer.data_dir.or_else(|| (mode == Mode::Serve).then(|| PathBuf::from(DATA_DIR)));
        let listen = layer.listen.unwrap_or(LISTEN);
        let dialects = crate::registry()?.by_title();
        let clouds = dialects.into_iter().map(|dialect| Cloud::of(dialect, layer.clouds.of(dialect)));
        let decision_header = layer.decision_header.unwrap_or(false);
        Ok(Self {
            mode,
            listen,
            tls: tls(layer.tls, layer.tls_listen, layer.tls_dir, listen, data_dir.as_deref())?,
            seed: layer.seed,
            authz: layer.authz.unwrap_or(Authz::Enforce),
            signatures: layer.signatures.unwrap_or(Signatures::Verify),
            ready_file: layer.ready_file,
            clouds: clouds.collect::<Result<_, _>>()?,
            root_key: root_key(layer.root_key, layer.passphrase, layer.root_key_file, data_dir.as_deref())?,
            audit_file: layer.audit_file.or_else(|| data_dir.as_deref().map(|folder| folder.join("audit.jsonl"))),
            audit_rotation: rotation(layer.audit_rotate_bytes, layer.audit_rotate_hours),
            deny_v1: layer.deny_v1.unwrap_or(false),
            audit_decisions: audit_decisions(layer.audit_decisions, decision_header),
            decision_header,
            data_dir,
            caches: caches(layer.cache_keys, layer.cache_callers, layer.cache_policies),
            pending: layer.pending_bytes,
            pending_of_address: layer.pending_bytes_of_address,
            threads: layer.threads.unwrap_or_else(threads),
            log_format: layer.log_format.unwrap_or(LogFormat::Text),
            log_level: layer.log_level.unwrap_or(LogLevel::Info),
            allow_remote: layer.allow_remote.unwrap_or(false),
            hosts: layer.allow_host.unwrap_or_default().0,
            origins: layer.allow_origin.unwrap_or_default().0,
        })
    }

    /// Whether other machines can reach one of the addresses.
    pub(crate) fn is_remote(&self) -> bool {
        let addresses = [Some(self.listen), self.tls.as_ref().map(|tls| tls.listen)];
        addresses.into_iter().flatten().any(|address| !address.ip().to_canonical().is_loopback())
    }
}

impl Cloud {
    fn of(dialect: &'static Dialect, layer: CloudLayer) -> Result<Self, Failure> {
        let CloudLayer { account, region, access_key_id, secret, skew_seconds } = layer;
        let name = |setting: CloudSetting| setting.name(dialect);
        let account = account.unwrap_or_else(|| dialect.front.default_account.to_owned());
        if !dialect.front.account.admits(&account) {
            let (name, form) = (name(CloudSetting::Account), dialect.front.account);
            return Err(Failure::Usage(format!("`{name}` is `{account}`, which is not an account of {form}")));
        }
        let owner = match (access_key_id, secret) {
            (Some(id), Some(secret)) => Some(AccessKey { id, secret }),
            (None, None) => None,
            _ => {
                let [id, secret] = [CloudSetting::AccessKeyId, CloudSetting::Secret].map(name);
                return Err(Failure::Usage(format!("`{id}` and `{secret}` are given together or not at all")));
            }
        };
        let region = region.unwrap_or_else(|| dialect.law.region.to_owned());
        if !(dialect.front.region)(&region) {
            let name = name(CloudSetting::Region);
            return Err(Failure::Usage(format!("`{name}` is `{region}`, which cannot be a region")));
        }
        if let Some(AccessKey { id, .. }) = owner.as_ref().filter(|owner| !(dialect.front.access_key_id)(&owner.id)) {
            let name = name(CloudSetting::AccessKeyId);
            return Err(Failure::Usage(format!("`{name}` is `{id}`, which no request can carry")));
        }
        Ok(Self { dialect, account, region, owner, skew: skew_seconds.map(Duration::from_secs) })
    }
}

fn threads() -> NonZeroUsize {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    NonZeroUsize::new(cores.min(MOST_THREADS)).unwrap_or(NonZeroUsize::MIN)
}

fn caches(keys: Option<NonZeroUsize>, callers: Option<NonZeroUsize>, policies: Option<NonZeroUsize>) -> Caches {
    let usual = Caches::default();
    Caches {
        keys: keys.map_or(usual.keys, NonZeroUsize::get),
        callers: callers.map_or(usual.callers, NonZeroUsize::get),
        policies: policies.map_or(usual.policies, NonZeroUsize::get),
    }
}

/// Whoever is told of decisions by name wants to look them up.
fn rotation(bytes: Option<NonZeroUsize>, hours: Option<NonZeroUsize>) -> Rotation {
    let usual = Rotation::default();
    let number = |given: NonZeroUsize| u64::try_from(given.get()).unwrap_or(u64::MAX);
    let age = hours.map(|hours| Duration::from_secs(number(hours).saturating_mul(60 * 60)));
    Rotation { bytes: bytes.map_or(usual.bytes, number), age: age.unwrap_or(usual.age) }
}

fn audit_decisions(given: Option<AuditDecisions>, decision_header: bool) -> AuditDecisions {
    given.unwrap_or(if decision_header { AuditDecisions::All } else { AuditDecisions::Denied })
}

fn tls(
    wanted: Option<bool>,
    address: Option<SocketAddr>,
    directory: Option<PathBuf>,
    plain: SocketAddr,
    data_dir: Option<&Path>,
) -> Result<Option<Tls>, Failure> {
    if !wanted.unwrap_or(address.is_some()) {
        return Ok(None);
    }
    let after = match plain.port() {
        0 => 0,
        port => port
            .checked_add(1)
            .ok_or_else(|| Failure::Usage("there is no port after that of HTTP; give `--tls-listen`".to_owned()))?,
    };
    let listen = address.unwrap_or(SocketAddr::new(plain.ip(), after));
    if listen == plain && listen.port() != 0 {
        return Err(Failure::Usage(format!("`listen` and `tls_listen` are both `{listen}`")));
    }
    Ok(Some(Tls { listen, directory: directory.or_else(|| data_dir.map(|folder| folder.join("tls"))) }))
}

/// The one source of a root key that was given; the file of the folder, or a fresh key, when none was.
///
/// # Errors
/// [`Failure::Usage`] when two were given.
pub(crate) fn root_key(
    text: Option<Secret>,
    passphrase: Option<Secret>,
    file: Option<PathBuf>,
    data_dir: Option<&Path>,
) -> Result<RootKey, Failure> {
    match (text, passphrase, file) {
        (None, None, None) => Ok(data_dir.map_or(RootKey::Fresh, |folder| RootKey::File(folder.join("root.key")))),
        (Some(text), None, None) => Ok(RootKey::Text(text)),
        (None, Some(passphrase), None) => Ok(RootKey::Passphrase(passphrase)),
        (None, None, Some(file)) => Ok(RootKey::File(file)),
        _ => Err(Failure::Usage("give one of `root_key`, `passphrase` and `root_key_file`".to_owned())),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::config::CloudLayers;

    fn with(dialect: &'static str, layer: CloudLayer) -> Layer {
        Layer { clouds: CloudLayers::default().with(dialect, layer), ..Layer::default() }
    }

    fn refusal(layer: Layer, mode: Mode) -> String {
        Settings::of(layer, mode).unwrap_err().to_string()
    }

    #[test]
    fn dev_keeps_nothing() {
        let settings = Settings::of(Layer::default(), Mode::Dev).unwrap();
        assert_eq!((settings.data_dir, settings.audit_file), (None, None));
        assert!(matches!(settings.root_key, RootKey::Fresh));
        assert_eq!(settings.listen.to_string(), "127.0.0.1:4566");
    }

    #[test]
    fn serve_keeps_everything_in_one_folder_and_has_no_known_credentials() {
        let settings = Settings::of(Layer::default(), Mode::Serve).unwrap();
        assert_eq!(settings.data_dir, Some("polykms-data".into()));
        assert_eq!(settings.audit_file, Some("polykms-data/audit.jsonl".into()));
        assert!(matches!(settings.root_key, RootKey::File(file) if file == Path::new("polykms-data/root.key")));
        assert!(settings.clouds.len() == 2 && settings.clouds.iter().all(|cloud| cloud.owner.is_none()));
        assert_eq!((settings.authz, settings.signatures), (Authz::Enforce, Signatures::Verify));
    }

    #[test]
    fn dev_with_a_folder_keeps_its_audit_trail_and_root_key_there() {
        let layer = Layer { data_dir: Some("d".into()), tls: Some(true), ..Layer::default() };
        let settings = Settings::of(layer, Mode::Dev).unwrap();
        assert_eq!(settings.audit_file, Some("d/audit.jsonl".into()));
        let tls = settings.tls.unwrap();
        assert_eq!((tls.listen.to_string().as_str(), tls.directory), ("127.0.0.1:4567", Some("d/tls".into())));
    }

    #[test]
    fn the_decision_header_brings_the_traces_of_all_decisions_unless_told_otherwise() {
        let traced = |layer| {
            let settings = Settings::of(layer, Mode::Dev).unwrap();
            (settings.decision_header, settings.audit_decisions)
        };
        let header = || Layer { decision_header: Some(true), ..Layer::default() };
        assert_eq!(traced(Layer::default()), (false, AuditDecisions::Denied));
        assert_eq!(traced(header()), (true, AuditDecisions::All));
        let denied = Some(AuditDecisions::Denied);
        assert_eq!(traced(Layer { audit_decisions: denied, ..header() }), (true, AuditDecisions::Denied));
    }

    #[test]
    fn half_a_pair_of_credentials_is_refused() {
        let layer = CloudLayer { access_key_id: Some("id".into()), ..CloudLayer::default() };
        let expected = "`aws_access_key_id` and `aws_secret_access_key` are given together or not at all";
        assert_eq!(refusal(with("aws", layer), Mode::Serve), expected);
        let layer = CloudLayer { secret: Some("s".parse().unwrap()), ..CloudLayer::default() };
        assert!(refusal(with("alibaba", layer), Mode::Dev).contains("given together"));
    }

    #[test]
    fn accounts_have_the_length_of_their_cloud() {
        let account = |text: &str| CloudLayer { account: Some(text.into()), ..CloudLayer::default() };
        let expected = "`aws_account` is `1234`, which is not an account of 12 digits";
        assert_eq!(refusal(with("aws", account("1234")), Mode::Dev), expected);
        assert!(refusal(with("alibaba", account("123456789012")), Mode::Dev).contains("16 digits"));
    }

    #[test]
    fn regions_and_access_keys_have_the_form_that_requests_can_carry() {
        let region = |text: &str| CloudLayer { region: Some(text.into()), ..CloudLayer::default() };
        assert_eq!(
            refusal(with("aws", region("us east")), Mode::Dev),
            "`aws_region` is `us east`, which cannot be a region"
        );
        assert!(refusal(with("alibaba", region("cn/x")), Mode::Dev).contains("cannot be a region"));
        let key = |id: &str| CloudLayer {
            access_key_id: Some(id.into()),
            secret: Some("s".parse().unwrap()),
            ..CloudLayer::default()
        };
        for (dialect, id) in [("aws", "a b"), ("alibaba", "a/b"), ("aws", "é")] {
            assert!(refusal(with(dialect, key(id)), Mode::Dev).contains("which no request can carry"), "{id}");
        }
        Settings::of(with("aws", CloudLayer { region: Some("eu-west-1".into()), ..key("a.b_c-d") }), Mode::Dev)
            .unwrap();
    }

    #[test]
    fn two_sources_of_the_root_key_are_refused() {
        let secret = || Some("s".parse().unwrap());
        let layer = Layer { root_key: secret(), passphrase: secret(), ..Layer::default() };
        assert!(refusal(layer, Mode::Serve).contains("give one of"));
    }
}
