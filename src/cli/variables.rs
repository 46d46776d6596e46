//! The environment variables that point SDKs and command lines at a server, in the words of each shell.

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
    /// Variables that would take precedence over them.
    pub(crate) unset: Vec<&'static str>,
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
    pub(crate) fn of(ready: &Ready, tls: bool) -> Result<Self, Failure> {
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
        Ok(Self { set, unset: fronts().flat_map(|front| front.overriding).copied().collect() })
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
    let address = endpoint.split_once("://").map_or(endpoint, |(_, address)| address).trim_end_matches('/');
    variables.iter().map(move |(name, holds)| {
        let value = match holds {
            Holds::Url => endpoint,
            Holds::Address => address,
            Holds::AccessKeyId => &caller.access_key_id,
            Holds::Secret => &caller.secret,
            Holds::Region => &caller.region,
        };
        (*name, value.to_owned())
    })
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
        format.render(&Changes::of(&sample(), false).unwrap()).unwrap()
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
        assert!(Changes::of(&sample(), true).is_err());
        let ready = Ready {
            tls_endpoint: Some("https://127.0.0.1:4567".to_owned()),
            ca_file: Some("/x/ca.pem".into()),
            ..sample()
        };
        let variables = Changes::of(&ready, true).unwrap().set;
        assert!(variables.contains(&("AWS_ENDPOINT_URL", "https://127.0.0.1:4567".to_owned())));
        assert!(variables.contains(&("ALIBABA_CLOUD_ENDPOINT", "127.0.0.1:4567".to_owned())));
        let trusting = ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];
        assert!(variables.ends_with(&trusting.map(|name| (name, "/x/ca.pem".to_owned()))));
    }

    #[test]
    fn a_value_that_would_become_two_lines_is_refused() {
        let variables = Changes { set: vec![("X", "a\nY=b".to_owned())], unset: Vec::new() };
        assert!(Format::Github.render(&variables).is_err() && Format::Dotenv.render(&variables).is_err());
        assert!(Format::Json.render(&variables).is_ok());
    }
}
