//! The URLs that name what to connect to.

use std::borrow::Cow;
use std::time::Duration;

use polykms_core::dialect::Dialect;
use polykms_core::dialect::client::{Error, Kind, Result};
use url::Url;

use super::Client;

/// The parameters of a URL, each taken once; what is left over is an error.
struct Parameters {
    given: Vec<(String, String)>,
}

/// Parameters that hold credentials elsewhere.
const SECRETS: [&str; 7] =
    ["access_key", "access_key_id", "secret", "secret_key", "secret_access_key", "access_key_secret", "session_token"];

#[cfg_attr(not(any(feature = "embedded", feature = "remote")), expect(dead_code, reason = "nothing takes any then"))]
impl Parameters {
    fn of(url: &Url) -> Result<Self> {
        let given: Vec<_> = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        if let Some((name, _)) = given.iter().find(|(name, _)| SECRETS.contains(&name.as_str())) {
            return Err(config(format!("a URL holds no credentials, and no `{name}`"))
                .hinting("set the environment variables that the vendor's own clients read"));
        }
        Ok(Self { given })
    }

    fn take(&mut self, name: &str) -> Result<Option<String>> {
        let Some(at) = self.given.iter().position(|(given, _)| given == name) else { return Ok(None) };
        let (_, value) = self.given.swap_remove(at);
        match self.given.iter().any(|(given, _)| given == name) {
            true => Err(config(format!("the parameter `{name}` is given twice"))),
            false => Ok(Some(value)),
        }
    }

    #[cfg(feature = "remote")]
    fn flag(&mut self, name: &str) -> Result<bool> {
        match self.take(name)?.as_deref() {
            None | Some("false" | "0") => Ok(false),
            Some("" | "true" | "1") => Ok(true),
            Some(other) => Err(config(format!("the parameter `{name}` is `{other}`, which is neither true nor false"))),
        }
    }

    #[cfg(feature = "remote")]
    fn number<T: std::str::FromStr>(&mut self, name: &str) -> Result<Option<T>> {
        let parse = |text: String| text.parse().map_err(|_| config(format!("the parameter `{name}` is no number")));
        self.take(name)?.map(parse).transpose()
    }

    /// Refuses what nobody took.
    fn done(self, known: &[&str]) -> Result<()> {
        let Some((name, _)) = self.given.first() else { return Ok(()) };
        let error = config(format!("a URL of this kind has no parameter `{name}`"));
        let near = known
            .iter()
            .max_by(|one, other| strsim::jaro_winkler(name, one).total_cmp(&strsim::jaro_winkler(name, other)));
        Err(match near.filter(|near| strsim::jaro_winkler(name, near) > 0.75) {
            Some(near) => error.hinting(format!("is `{near}` meant?")),
            None => error.hinting(format!("it has {}", known.join(", "))),
        })
    }
}

pub(super) async fn connect(text: &str) -> Result<Client> {
    let url = Url::parse(text).map_err(|error| config(format!("`{}` is no URL: {error}", shown(text))))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(config("a URL holds no credentials"));
    }
    let parameters = Parameters::of(&url)?;
    match url.scheme() {
        "embedded" => embedded(&url, parameters).await,
        name => remote(&url, dialect(name)?, parameters),
    }
}

/// As much of a URL as may be shown.
fn shown(text: &str) -> Cow<'_, str> {
    match text.split_once(['?', '@']) {
        Some((before, _)) => format!("{before}…").into(),
        None => text.into(),
    }
}

fn dialect(name: &str) -> Result<&'static Dialect> {
    let registry = crate::registry().map_err(|error| config(error.to_string()))?;
    let dialects = registry.dialects();
    dialects.iter().copied().find(|dialect| dialect.name == name).ok_or_else(|| {
        let known: Vec<_> = dialects.iter().map(|dialect| dialect.name).collect();
        config(format!("no cloud is called `{name}`")).hinting(format!("there are {}", known.join(", ")))
    })
}

fn config(why: impl Into<Cow<'static, str>>) -> Error {
    Kind::Config.because(why)
}

#[cfg(feature = "remote")]
fn remote(url: &Url, dialect: &'static Dialect, mut parameters: Parameters) -> Result<Client> {
    const KNOWN: [&str; 9] =
        ["endpoint", "profile", "role", "external_id", "timeout", "attempts", "fips", "dualstack", "vpc"];
    if !matches!(url.path(), "" | "/") || url.port().is_some() || url.fragment().is_some() {
        return Err(config(format!("a URL of {} is `{}://REGION`", dialect.front.title, dialect.name)));
    }
    let mut builder = polykms_remote::Remote::builder(dialect);
    if let Some(region) = url.host_str().filter(|region| !region.is_empty()) {
        builder = builder.region(region);
    }
    if let Some(endpoint) = parameters.take("endpoint")? {
        builder = builder.endpoint(endpoint);
    }
    if let Some(profile) = parameters.take("profile")? {
        builder = builder.profile(profile);
    }
    match (parameters.take("role")?, parameters.take("external_id")?) {
        (Some(role), external_id) => builder = builder.role(role, external_id),
        (None, Some(_)) => return Err(config("the parameter `external_id` belongs to a `role`, and none is given")),
        (None, None) => {}
    }
    let mut limits = polykms_remote::Limits::default();
    if let Some(seconds) = parameters.number("timeout")? {
        limits.call = Duration::from_secs(seconds);
        limits.attempt = limits.attempt.min(limits.call);
    }
    if let Some(attempts) = parameters.number("attempts")? {
        limits.attempts = attempts;
    }
    let builder = builder
        .limits(limits)
        .fips(parameters.flag("fips")?)
        .dual_stack(parameters.flag("dualstack")?)
        .private(parameters.flag("vpc")?);
    parameters.done(&KNOWN)?;
    builder.build().map(Client::remote)
}

#[cfg(not(feature = "remote"))]
fn remote(_: &Url, dialect: &'static Dialect, _: Parameters) -> Result<Client> {
    let _ = Duration::ZERO;
    Err(config(format!("{} cannot be asked: this program was built without the feature `remote`", dialect.front.title)))
}

#[cfg(feature = "embedded")]
async fn embedded(url: &Url, mut parameters: Parameters) -> Result<Client> {
    use polykms_core::engine::Local;

    const KNOWN: [&str; 4] = ["dialect", "account", "user", "region"];
    let storage = match (url.path(), url.host_str()) {
        (":memory:", None) => crate::Storage::Memory,
        (path, None | Some("")) if path.starts_with('/') => {
            let path = percent_encoding::percent_decode_str(path).decode_utf8();
            crate::Storage::Folder(path.map_err(|_| config("the path is no text"))?.as_ref().into())
        }
        _ => return Err(config("an embedded engine is `embedded::memory:` or `embedded:///PATH`")),
    };
    let needed = || config("an embedded engine speaks one dialect").hinting("say which, as `?dialect=NAME`");
    let dialect = dialect(&parameters.take("dialect")?.ok_or_else(needed)?)?;
    let account = parameters.take("account")?.unwrap_or_else(|| dialect.front.default_account.to_owned());
    let user = parameters.take("user")?;
    let region = parameters.take("region")?.unwrap_or_else(|| dialect.law.region.to_owned());
    parameters.done(&KNOWN)?;
    if !dialect.front.account.admits(&account) {
        return Err(config(format!("an account of {} has {}", dialect.front.title, dialect.front.account)));
    }
    if !(dialect.front.region)(&region) {
        return Err(config(format!("`{region}` cannot be a region of {}", dialect.front.title)));
    }
    let root = match &storage {
        crate::Storage::Memory => crate::RootKey::Fresh,
        crate::Storage::Folder(folder) => {
            std::fs::create_dir_all(folder).map_err(|error| config(format!("the folder cannot be made: {error}")))?;
            crate::RootKey::File(folder.join("root.key"))
        }
    };
    let engine = crate::Builder::new().storage(storage).root_key(root).build().await;
    let engine = engine.map_err(|error| config(error.to_string()))?;
    let who = Local { account, user, region: region.into() };
    Ok(Client::embedded(engine, dialect, who))
}

#[cfg(not(feature = "embedded"))]
async fn embedded(_: &Url, _: Parameters) -> Result<Client> {
    Err(config("this program was built without the feature `embedded`"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    async fn refused(url: &str) -> Error {
        match connect(url).await {
            Ok(client) => panic!("{url} is {client:?}"),
            Err(error) => error,
        }
    }

    #[tokio::test]
    async fn urls_name_places_and_no_secrets() {
        for (url, told) in [
            ("embedded::memory:?dialect=aws", "aws in this process"),
            ("embedded::memory:?dialect=alibaba&region=cn-shanghai", "alibaba in this process"),
            ("aws://eu-west-1", "aws at eu-west-1"),
            ("aws://eu-west-1?fips&dualstack=true&timeout=5&attempts=1", "aws at eu-west-1"),
            ("alibaba://cn-hangzhou?vpc=true", "alibaba at cn-hangzhou"),
            ("aws://us-east-1?endpoint=http://127.0.0.1:4566", "aws at http://127.0.0.1:4566/"),
        ] {
            assert_eq!(format!("{:?}", connect(url).await.unwrap()), format!("Client({told})"));
        }
        for (url, why) in [
            ("nonsense", "no URL"),
            ("gcp://europe", "no cloud is called `gcp`"),
            ("aws://AKIA:hush@us-east-1", "no credentials"),
            ("aws://us-east-1?secret_access_key=hush", "no credentials"),
            ("aws://us-east-1?endpont=http://127.0.0.1", "is `endpoint` meant?"),
            ("aws://us-east-1?endpoint=http://127.0.0.1&endpoint=http://127.0.0.1", "twice"),
            ("aws://us-east-1?endpoint=http://kms.example.com", "not encrypted"),
            ("aws://us-east-1?fips=perhaps", "neither true nor false"),
            ("aws://us-east-1?timeout=soon", "no number"),
            ("aws://us-east-1?external_id=x", "belongs to a `role`"),
            ("aws://us-east-1?profil=x", "is `profile` meant?"),
            ("aws://us_east_1", "cannot be a region"),
            ("aws://us-east-1/path", "aws://REGION"),
            ("embedded::memory:", "say which"),
            ("embedded::memory:?dialect=aws&account=1", "12 digits"),
            ("embedded:relative?dialect=aws", "embedded:///PATH"),
        ] {
            let error = refused(url).await;
            assert_eq!(error.kind(), Kind::Config, "{url}: {error}");
            assert!(error.to_string().contains(why), "{url}: {error}");
            assert!(!error.to_string().contains("hush"), "{url}: {error}");
        }
    }
}
