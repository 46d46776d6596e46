//! The settings that every dialect has: their names begin with the dialect's, their texts are made of its
//! [`Front`](crate::core::dialect::Front).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use clap::builder::ValueParser;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::{Given, Secret, Value, unknown, variable_of};
use crate::core::dialect::Dialect;

/// The settings of each dialect, by the dialect's name.
#[derive(Debug, Default, Clone)]
pub(crate) struct CloudLayers(BTreeMap<&'static str, CloudLayer>);

/// Settings of one dialect from one source; what it does not name is empty.
#[derive(Debug, Default, Clone)]
pub(crate) struct CloudLayer {
    /// The owner's account.
    pub(crate) account: Option<String>,
    /// The region of requests that name none.
    pub(crate) region: Option<String>,
    /// The owner's access key id.
    pub(crate) access_key_id: Option<String>,
    /// Its secret.
    pub(crate) secret: Option<Secret>,
    /// How far a signature's date may be off.
    pub(crate) skew_seconds: Option<u64>,
}

/// A setting that every dialect has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CloudSetting {
    Account,
    Region,
    AccessKeyId,
    Secret,
    SkewSeconds,
}

/// The dialects linked into this program, as people are told of them; none where they contradict each other, which is
/// refused before anything is read.
fn dialects() -> &'static [&'static Dialect] {
    static LINKED: LazyLock<Vec<&Dialect>> =
        LazyLock::new(|| crate::registry().map(|registry| registry.by_title()).unwrap_or_default());
    &LINKED
}

/// The names of the dialects in a text.
pub(crate) fn dialect_names() -> String {
    dialects().iter().map(|dialect| dialect.name).collect::<Vec<_>>().join(", ")
}

impl CloudSetting {
    const ALL: [Self; 5] = [Self::Account, Self::Region, Self::AccessKeyId, Self::Secret, Self::SkewSeconds];

    /// The name, as in a file.
    pub(crate) fn name(self, dialect: &Dialect) -> String {
        let own = match self {
            Self::Account => "account",
            Self::Region => "region",
            Self::AccessKeyId => "access_key_id",
            Self::Secret => dialect.front.secret,
            Self::SkewSeconds => "skew_seconds",
        };
        format!("{}_{own}", dialect.name)
    }

    fn named(name: &str) -> Option<(&'static Dialect, Self)> {
        every().find(|(dialect, setting)| setting.name(dialect) == name)
    }

    fn flag(self, dialect: &'static Dialect, first: &Dialect) -> Arg {
        let name = self.name(dialect);
        let parser = match self {
            Self::Account | Self::Region | Self::AccessKeyId => ValueParser::string(),
            Self::Secret => ValueParser::new(|text: &str| text.parse::<Secret>()),
            Self::SkewSeconds => clap::value_parser!(u64).into(),
        };
        Arg::new(&name)
            .long(name.replace('_', "-"))
            .value_name(self.value_name())
            .value_parser(parser)
            .help(self.help(dialect, first))
    }

    fn value_name(self) -> &'static str {
        match self {
            Self::Account | Self::AccessKeyId => "ID",
            Self::Region => "REGION",
            Self::Secret => "SECRET",
            Self::SkewSeconds => "SECONDS",
        }
    }

    fn help(self, dialect: &Dialect, first: &Dialect) -> String {
        let front = dialect.front;
        let title = front.title;
        match self {
            Self::Account => {
                format!("The owner's {title} account, {} [default: {}]", front.account, front.default_account)
            }
            Self::Region => format!("{title} region of requests that name none [default: {}]", dialect.law.region),
            Self::AccessKeyId => {
                let default = match dialect.name == first.name {
                    true => format!("{} for dev, made at first start for serve", front.known_key.0),
                    false => format!("as for {}", first.front.title),
                };
                format!("Access key id of the {title} account's owner [default: {default}]")
            }
            Self::Secret => format!("Its secret; better given by {}", variable_of(&self.name(dialect))),
            Self::SkewSeconds => format!("How far the date of {} {title} signature may be off", article(title)),
        }
    }
}

fn every() -> impl Iterator<Item = (&'static Dialect, CloudSetting)> {
    dialects().iter().flat_map(|dialect| CloudSetting::ALL.map(|setting| (*dialect, setting)))
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" }
}

impl CloudLayers {
    /// The names of all these settings.
    pub(crate) fn names() -> impl Iterator<Item = String> {
        every().map(|(dialect, setting)| setting.name(dialect))
    }

    /// The settings of one dialect.
    pub(crate) fn of(&self, dialect: &Dialect) -> CloudLayer {
        self.0.get(dialect.name).cloned().unwrap_or_default()
    }

    /// These settings, and those of `below` where nothing is said here.
    pub(super) fn over(mut self, below: Self) -> Self {
        for (name, layer) in below.0 {
            let above = self.0.remove(name).unwrap_or_default();
            self.0.insert(name, above.over(layer));
        }
        self
    }

    pub(super) fn set(&mut self, name: &str, given: Given) -> Result<(), String> {
        let (dialect, setting) = CloudSetting::named(name).ok_or_else(|| unknown(name))?;
        let layer = self.0.entry(dialect.name).or_default();
        match setting {
            CloudSetting::Account => layer.account = Some(Value::from_given(given)?),
            CloudSetting::Region => layer.region = Some(Value::from_given(given)?),
            CloudSetting::AccessKeyId => layer.access_key_id = Some(Value::from_given(given)?),
            CloudSetting::Secret => layer.secret = Some(Value::from_given(given)?),
            CloudSetting::SkewSeconds => layer.skew_seconds = Some(Value::from_given(given)?),
        }
        Ok(())
    }
}

impl CloudLayer {
    fn over(self, below: Self) -> Self {
        Self {
            account: self.account.or(below.account),
            region: self.region.or(below.region),
            access_key_id: self.access_key_id.or(below.access_key_id),
            secret: self.secret.or(below.secret),
            skew_seconds: self.skew_seconds.or(below.skew_seconds),
        }
    }

    fn given(matches: &ArgMatches, dialect: &Dialect) -> Self {
        let text = |setting: CloudSetting| matches.get_one::<String>(&setting.name(dialect)).cloned();
        Self {
            account: text(CloudSetting::Account),
            region: text(CloudSetting::Region),
            access_key_id: text(CloudSetting::AccessKeyId),
            secret: matches.get_one::<Secret>(&CloudSetting::Secret.name(dialect)).cloned(),
            skew_seconds: matches.get_one::<u64>(&CloudSetting::SkewSeconds.name(dialect)).copied(),
        }
    }
}

impl Args for CloudLayers {
    fn augment_args(command: Command) -> Command {
        let Some(first) = dialects().first() else { return command };
        command.args(every().map(|(dialect, setting)| setting.flag(dialect, first)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for CloudLayers {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let layers = dialects().iter().map(|dialect| (dialect.name, CloudLayer::given(matches, dialect)));
        Ok(Self(layers.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
impl CloudLayers {
    /// The settings of one dialect alone, as a test gives them.
    pub(crate) fn with(self, dialect: &'static str, layer: CloudLayer) -> Self {
        Self(self.0.into_iter().chain([(dialect, layer)]).collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_help_speaks_of_each_cloud_by_its_title_and_in_the_order_of_titles() {
        let help: Vec<_> = CloudLayers::augment_args(Command::new("x"))
            .get_arguments()
            .map(|flag| {
                format!(
                    "--{} <{}>: {}",
                    flag.get_long().unwrap(),
                    flag.get_value_names().unwrap()[0],
                    flag.get_help().unwrap()
                )
            })
            .collect();
        let expected = [
            "--aws-account <ID>: The owner's AWS account, 12 digits [default: 000000000000]",
            "--aws-region <REGION>: AWS region of requests that name none [default: us-east-1]",
            "--aws-access-key-id <ID>: Access key id of the AWS account's owner [default: test for dev, made at first start for serve]",
            "--aws-secret-access-key <SECRET>: Its secret; better given by POLYKMS_AWS_SECRET_ACCESS_KEY",
            "--aws-skew-seconds <SECONDS>: How far the date of an AWS signature may be off",
            "--alibaba-account <ID>: The owner's Alibaba Cloud account, 16 digits [default: 1000000000000000]",
            "--alibaba-region <REGION>: Alibaba Cloud region of requests that name none [default: cn-hangzhou]",
            "--alibaba-access-key-id <ID>: Access key id of the Alibaba Cloud account's owner [default: as for AWS]",
            "--alibaba-access-key-secret <SECRET>: Its secret; better given by POLYKMS_ALIBABA_ACCESS_KEY_SECRET",
            "--alibaba-skew-seconds <SECONDS>: How far the date of an Alibaba Cloud signature may be off",
        ];
        assert_eq!(help, expected);
    }
}
