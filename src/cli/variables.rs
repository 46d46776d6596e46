//! The environment variables that point SDKs and command lines at a server, in the words of each shell.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::IpAddr;

use clap::ValueEnum;

use super::Failure;
use super::ready::{Caller, Ready};
use crate::core::dialect::front::{Holds, Variable};

/// Variables that programs of every cloud take the certificate to trust from.
const TRUST: [&str; 3] = ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];

/// What is to be changed in an environment.
pub(crate) struct Changes {
    /// Variables with their values.
    pub(crate) set: Vec<(&'static str, String)>,
    /// Variables that would take precedence over them, or lead elsewhere.
    pub(crate) unset: Vec<String>,
}

/// Variables that keep programs from asking a proxy for these hosts; both spellings are read.
const UNPROXIED: [&str; 2] = ["NO_PROXY", "no_proxy"];
/// Variables that name a proxy. Some SDKs ask it for whatever host, so it goes where the server is on this machine.
const PROXIES: [&str; 6] = ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "https_proxy", "http_proxy"];

/// The environment that is to be changed, as far as it is text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment(BTreeMap<String, String>);

impl FromIterator<(OsString, OsString)> for Environment {
    fn from_iter<I: IntoIterator<Item = (OsString, OsString)>>(variables: I) -> Self {
        let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        Self(variables.into_iter().filter_map(text).collect())
    }
}

impl Environment {
    /// The variables that a name stands for: itself, or for one that ends in `*` all that are here and begin so.
    fn meant(&self, name: &str) -> Vec<String> {
        match name.strip_suffix('*') {
            None => vec![name.to_owned()],
            Some(start) => self.0.keys().filter(|known| known.starts_with(start)).cloned().collect(),
        }
    }

    /// The hosts that no proxy is asked for, with one more.
    fn unproxied(&self, host: &str) -> String {
        let known = UNPROXIED.iter().find_map(|name| self.0.get(*name)).map(String::as_str).unwrap_or_default();
        let mut hosts: Vec<&str> = known.split(',').map(str::trim).filter(|known| !known.is_empty()).collect();
        if !hosts.contains(&host) {
            hosts.push(host);
        }
        hosts.join(",")
    }
}

/// How variables are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines for bash, zsh and other POSIX shells: eval "$(polykms env)"
    Bash,
    /// Lines for fish: polykms env --format fish | source
    Fish,
    /// Lines for PowerShell: polykms env --format powershell | Out-String | Invoke-Expression
    Powershell,
    /// NAME=VALUE lines of a .env file
    Dotenv,
    /// One JSON object
    Json,
    /// NAME=VALUE lines for $GITHUB_ENV
    Github,
}

impl Changes {
    /// What points programs at a server; over HTTPS when `tls` is wanted.
    ///
    /// # Errors
    /// [`Failure::Failed`] when HTTPS is wanted and the server does not have it.
    pub(crate) fn of(ready: &Ready, tls: bool, environment: &Environment) -> Result<Self, Failure> {
        let Ready { endpoint, tls_endpoint, ca_file, callers } = ready;
        let endpoint = match (tls, tls_endpoint) {
            (false, _) => endpoint,
            (true, Some(endpoint)) => endpoint,
            (true, None) => return Err(Failure::Failed("the server does not serve HTTPS".to_owned())),
        };
        let fronts = || callers.iter().map(|caller| caller.dialect.front);
        let mut set: Vec<_> = callers
            .iter()
            .flat_map(|caller| {
                let front = caller.dialect.front;
                [front.variables, front.other_variables].into_iter().flat_map(|some| filled(caller, endpoint, some))
            })
            .collect();
        if let (true, Some(file)) = (tls, ca_file) {
            let trusting = fronts().flat_map(|front| front.trust).copied().chain(TRUST);
            set.extend(trusting.map(|name| (name, file.display().to_string())));
        }
        let unproxied = environment.unproxied(host(endpoint));
        set.extend(UNPROXIED.map(|name| (name, unproxied.clone())));
        let proxies = PROXIES.iter().filter(|_| is_here(host(endpoint)));
        let unset = fronts().flat_map(|front| front.overriding).chain(proxies).flat_map(|name| environment.meant(name));
        Ok(Self { set, unset: unset.collect() })
    }

    /// The variables that a cloud's own programs read, over HTTP.
    pub(crate) fn of_cloud(ready: &Ready, caller: &Caller) -> Self {
        let set = filled(caller, &ready.endpoint, caller.dialect.front.variables).collect();
        Self { set, unset: Vec::new() }
    }
}

fn filled(
    caller: &Caller,
    endpoint: &str,
    variables: &'static [Variable],
) -> impl Iterator<Item = (&'static str, String)> {
    let address = address(endpoint);
    variables.iter().map(move |(name, holds)| {
        let value = match holds {
            Holds::Url => endpoint,
            Holds::Address => address,
            Holds::AccessKeyId => &caller.access_key_id,
            Holds::Secret => &caller.secret,
            Holds::Region => &caller.region,
            Holds::Text(text) => text,
        };
        (*name, value.to_owned())
    })
}

/// Host and port of a URL.
fn address(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, address)| address).trim_end_matches('/')
}

/// The host of a URL; an address of IPv6 without its brackets.
fn host(url: &str) -> &str {
    let address = address(url);
    let host = match address.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => address,
    };
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Whether a host is this machine.
fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

impl Format {
    /// The text that sets the variables, and in a shell also unsets what would take precedence.
    ///
    /// # Errors
    /// [`Failure::Failed`] for a value that the format cannot hold.
    pub(crate) fn render(self, changes: &Changes) -> Result<String, Failure> {
        let Changes { set: variables, unset } = changes;
        let lines = |line: fn(&str, &str) -> String| {
            variables.iter().map(|(name, value)| line(name, value) + "\n").collect::<String>()
        };
        let unset = |line: fn(&str) -> String| unset.iter().map(|name| line(name) + "\n").collect::<String>();
        if let (Self::Dotenv | Self::Github, Some((name, _))) =
            (self, variables.iter().find(|(_, value)| value.contains(['\n', '\r'])))
        {
            return Err(Failure::Failed(format!("`{name}` has more than one line")));
        }
        Ok(match self {
            Self::Bash => {
                unset(|name| format!("unset {name}"))
                    + &lines(|name, value| {
                        format!("export {name}={}", quoted(value, |text| text.replace('\'', r"'\''")))
                    })
            }
            Self::Fish => {
                let escaped = |text: &str| text.replace('\\', r"\\").replace('\'', r"\'");
                let line = |name: &str, value: &str| (name.to_owned(), value.to_owned());
                let set = variables.iter().map(|(name, value)| {
                    let (name, value) = line(name, value);
                    format!("set -gx {name} {}\n", quoted(&value, escaped))
                });
                unset(|name| format!("set -e {name}")) + &set.collect::<String>()
            }
            Self::Powershell => {
                unset(|name| format!("Remove-Item -ErrorAction SilentlyContinue Env:{name}"))
                    + &lines(|name, value| format!("$env:{name} = '{}'", value.replace('\'', "''")))
            }
            Self::Dotenv => lines(|name, value| format!("{name}={}", dotenv(value))),
            Self::Github => lines(|name, value| format!("{name}={value}")),
            Self::Json => {
                let object: serde_json::Map<_, _> =
                    variables.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
                serde_json::to_string_pretty(&object).map_err(|error| Failure::Failed(error.to_string()))? + "\n"
            }
        })
    }
}

/// Whether a value means itself in every shell.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./:@%+,".contains(&byte))
}

fn quoted(value: &str, escaped: impl Fn(&str) -> String) -> String {
    if is_plain(value) { value.to_owned() } else { format!("'{}'", escaped(value)) }
}

fn dotenv(value: &str) -> String {
    if is_plain(value) {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\"").replace('$', r"\$"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::cli::ready::tests::sample;

    fn rendered(format: Format) -> String {
        format.render(&Changes::of(&sample(), false, &Environment::default()).unwrap()).unwrap()
    }

    #[test]
    fn both_clouds_are_pointed_at_the_server() {
        let lines = rendered(Format::Github);
        for line in [
            "AWS_ENDPOINT_URL=http://127.0.0.1:4566",
            "AWS_REGION=us-east-1",
            "AWS_DEFAULT_REGION=us-east-1",
            "ALIBABA_CLOUD_ENDPOINT=127.0.0.1:4566",
            "ALIBABA_CLOUD_REGION_ID=cn-hangzhou",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET=test",
        ] {
            assert!(lines.lines().any(|other| other == line), "{line}\n{lines}");
        }
    }

    /// A shell is the judge of its own quoting.
    #[test]
    fn bash_reads_back_what_was_meant() {
        let script = rendered(Format::Bash) + "printf %s \"$AWS_SECRET_ACCESS_KEY|${AWS_SESSION_TOKEN-unset}\"";
        let output = Command::new("sh").arg("-c").arg(script).env("AWS_SESSION_TOKEN", "old").output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "it's $a \"test\"\\|unset");
    }

    #[test]
    fn other_shells_get_their_own_quoting() {
        assert!(rendered(Format::Fish).contains(r#"set -gx AWS_SECRET_ACCESS_KEY 'it\'s $a "test"\\'"#));
        assert!(rendered(Format::Powershell).contains(r#"$env:AWS_SECRET_ACCESS_KEY = 'it''s $a "test"\'"#));
        assert!(rendered(Format::Dotenv).contains(r#"AWS_SECRET_ACCESS_KEY="it's \$a \"test\"\\""#));
        assert!(rendered(Format::Dotenv).contains("AWS_ENDPOINT_URL=http://127.0.0.1:4566\n"));
        let object: serde_json::Value = serde_json::from_str(&rendered(Format::Json)).unwrap();
        assert_eq!(object["AWS_SECRET_ACCESS_KEY"], "it's $a \"test\"\\");
    }

    #[test]
    fn https_comes_with_its_certificate() {
        assert!(Changes::of(&sample(), true, &Environment::default()).is_err());
        let ready = Ready {
            tls_endpoint: Some("https://127.0.0.1:4567".to_owned()),
            ca_file: Some("/x/ca.pem".into()),
            ..sample()
        };
        let variables = Changes::of(&ready, true, &Environment::default()).unwrap().set;
        assert!(variables.contains(&("AWS_ENDPOINT_URL", "https://127.0.0.1:4567".to_owned())));
        assert!(variables.contains(&("ALIBABA_CLOUD_ENDPOINT", "127.0.0.1:4567".to_owned())));
        let trusting = ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];
        for name in trusting {
            assert!(variables.contains(&(name, "/x/ca.pem".to_owned())), "{name}");
        }
    }

    #[test]
    fn what_would_lead_elsewhere_is_taken_away_by_name_or_by_what_it_begins_with() {
        let used = ["AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL", "AWS_PROFILE", "ALIBABA_CLOUD_ROLE_ARN", "PATH"];
        let used: Environment = used.map(|name| (name.into(), "elsewhere".into())).into_iter().collect();
        let Changes { set, unset } = Changes::of(&sample(), false, &used).unwrap();
        for name in ["AWS_ENDPOINT_URL_KMS", "AWS_PROFILE", "AWS_SESSION_TOKEN", "ALIBABA_CLOUD_ROLE_ARN"] {
            assert!(unset.iter().any(|gone| gone == name), "{name}");
        }
        assert!(unset.iter().all(|name| !name.ends_with('*') && name != "PATH" && name != "AWS_ENDPOINT_URL"));
        assert!(unset.iter().all(|gone| set.iter().all(|(name, _)| gone != name)), "{set:?} {unset:?}");
        assert!(set.contains(&("AWS_EC2_METADATA_DISABLED", "true".to_owned())));
    }

    #[test]
    fn no_proxy_is_asked_for_the_server() {
        let gone = |url: &str| {
            let ready = Ready { endpoint: url.to_owned(), ..sample() };
            let unset = Changes::of(&ready, false, &Environment::default()).unwrap().unset;
            PROXIES.iter().all(|proxy| unset.iter().any(|gone| gone == proxy))
        };
        assert!(gone("http://127.0.0.1:4566") && gone("http://[::1]:1") && gone("http://localhost"));
        assert!(!gone("http://kms.example:4566"));
        let set = |known: &[(&str, &str)], url: &str| {
            let known: Environment = known.iter().map(|(name, value)| (name.into(), value.into())).collect();
            let ready = Ready { endpoint: url.to_owned(), ..sample() };
            let set = Changes::of(&ready, false, &known).unwrap().set;
            UNPROXIED.map(|name| set.iter().find(|(known, _)| *known == name).unwrap().1.clone())
        };
        assert_eq!(set(&[], "http://127.0.0.1:4566"), ["127.0.0.1"; 2]);
        assert_eq!(set(&[("NO_PROXY", "a.test, b")], "http://[::1]:4566"), ["a.test,b,::1"; 2]);
        assert_eq!(set(&[("no_proxy", "localhost")], "http://localhost:1/"), ["localhost"; 2]);
    }

    #[test]
    fn a_value_that_would_become_two_lines_is_refused() {
        let variables = Changes { set: vec![("X", "a\nY=b".to_owned())], unset: Vec::new() };
        assert!(Format::Github.render(&variables).is_err() && Format::Dotenv.render(&variables).is_err());
        assert!(Format::Json.render(&variables).is_ok());
    }
}
