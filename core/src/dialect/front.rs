//! How a dialect is known to those who run a server and point clients at it: names, accounts, variables; plain data.

use std::fmt;

/// What operators, SDKs and command lines know one cloud by.
#[derive(Debug)]
pub struct Front {
    /// The cloud's name in texts for people; dialects are told in the order of these.
    pub title: &'static str,
    /// The header that names the request in every answer, in lower case.
    pub request_id: &'static str,
    /// The form of an account's identifier.
    pub account: AccountForm,
    /// The owner's account where none is configured.
    pub default_account: &'static str,
    /// What the secret of an access key is called in settings and files, with underscores.
    pub secret: &'static str,
    /// The owner's access key of an emulator where none is configured, id and secret: everybody knows it.
    pub known_key: (&'static str, &'static str),
    /// The access key id of an emulator's administrator, who is no owner, and its name; the secret is that of
    /// [`known_key`](Front::known_key).
    pub administrator: &'static str,
    /// Whether a text could name a region.
    pub region: fn(&str) -> bool,
    /// Whether a text could be the identifier of an access key: no request can carry another.
    pub access_key_id: fn(&str) -> bool,
    /// The domains of the vendor's endpoints.
    pub domains: &'static [&'static str],
    /// The programs that read [`variables`](Front::variables), as a title above them.
    pub clients: &'static str,
    /// The variables that point the vendor's own SDKs and command line at a server.
    pub variables: &'static [Variable],
    /// The variables that other programs read to the same end.
    pub other_variables: &'static [Variable],
    /// Variables that name the certificate to trust.
    pub trust: &'static [&'static str],
    /// Variables that would take precedence over those above, or lead to another server or to other credentials; one that
    /// ends in `*` stands for all that begin so.
    pub overriding: &'static [&'static str],
    /// What the variables alone do not do, in one line; empty where they do everything.
    pub advice: &'static str,
    /// A command that asks the server something.
    pub example: &'static str,
    /// The seeds of other emulators that can be read.
    pub imports: &'static [Import],
}

/// How seeds of another emulator are read.
#[derive(Debug)]
pub struct Import {
    /// The emulator.
    pub name: &'static str,
    /// Whether a file has the form of its seeds.
    pub looks: fn(&serde_json::Value) -> bool,
    /// What a file says, in a region; or why it is no such seed.
    pub read: fn(&serde_json::Value, region: &str) -> Result<Imported, String>,
}

/// What a seed of another emulator says.
#[derive(Debug)]
pub struct Imported {
    /// The keys, as seeds have them.
    pub keys: Vec<serde_json::Value>,
    /// What could not be carried over.
    pub left: Vec<String>,
}

/// Secrets that emulators, SDKs' documentations and their users take where nothing hangs on it, by their letters and
/// digits in lower case. Shorter ones are not listed: all of them can be guessed.
const USUAL: &[&str] = &[
    "accesskey",
    "accesskeysecret",
    "alicesecret",
    "changeit",
    "changeme",
    "dummysecret",
    "fakesecret",
    "fakesecretaccesskey",
    "fakesecretkey",
    "localhost",
    "localsecret",
    "localstack",
    "minioadmin",
    "minio123",
    "minio12345",
    "mocksecret",
    "mocksecretkey",
    "mockaccesskeysecret",
    "mysecret",
    "mysecretkey",
    "mysecretaccesskey",
    "password",
    "password123",
    "secretaccesskey",
    "secretkey",
    "someothersecret",
    "somesecret",
    "testaccesskeysecret",
    "testsecret",
    "testsecretkey",
    "testsecretaccesskey",
    "testtest",
    "12345678",
    "123456789",
    "1234567890",
];
/// Letters and digits that a secret has at least.
const SHORTEST: usize = 8;

impl Front {
    /// Whether everybody knows a secret or can guess it, whatever access key it goes with: whoever sees one signed request
    /// can try secrets on it.
    pub fn is_known(&self, id: &str, secret: &str) -> bool {
        let plain =
            |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let told = plain(secret);
        // Documentations write `EXAMPLE` into what they publish, and `your…` where there is nothing yet.
        let published = secret == self.known_key.1 || told.contains("example") || told.starts_with("your");
        published || told.len() < SHORTEST || told == plain(id) || USUAL.contains(&told.as_str())
    }
}

/// An environment variable and what it holds.
pub type Variable = (&'static str, Holds);

/// What an environment variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// The URL of the server.
    Url,
    /// Its host and port.
    Address,
    /// The owner's access key id.
    AccessKeyId,
    /// The owner's secret.
    Secret,
    /// The region.
    Region,
    /// This text, wherever the server is.
    Text(&'static str),
}

/// The form of an account's identifier: decimal digits, so many of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountForm {
    digits: usize,
}

impl AccountForm {
    /// So many digits.
    pub const fn digits(digits: usize) -> Self {
        Self { digits }
    }

    /// Whether a text has this form.
    pub fn admits(self, text: &str) -> bool {
        text.len() == self.digits && text.bytes().all(|byte| byte.is_ascii_digit())
    }
}

impl fmt::Display for AccountForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} digits", self.digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static FRONT: Front = Front {
        title: "",
        request_id: "",
        account: AccountForm::digits(1),
        default_account: "1",
        secret: "secret",
        known_key: ("child", "a key under the mat"),
        administrator: "parent",
        region: |_| true,
        access_key_id: |_| true,
        domains: &[],
        clients: "",
        variables: &[],
        other_variables: &[],
        trust: &[],
        overriding: &[],
        advice: "",
        example: "",
        imports: &[],
    };

    #[test]
    fn what_everybody_knows_or_can_guess_is_known() {
        for secret in [
            "",
            "x",
            "test",
            "TEST",
            "hunter2",
            "Secret-Key",
            "minioadmin",
            "YOUR_SECRET_ACCESS_KEY",
            "<your-secret>",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "a key under the mat",
            "LTAI-of-mine",
        ] {
            assert!(FRONT.is_known("LTAIofmine", secret), "{secret}");
        }
        for own in ["k9!vT2#qLw8@xZ", "correct horse battery staple", "wJalrXUtnFEMIbPxRfiCY2349"] {
            assert!(!FRONT.is_known("LTAIofmine", own), "{own}");
        }
    }

    #[test]
    fn an_account_has_so_many_digits_and_nothing_else() {
        let form = AccountForm::digits(4);
        assert!(form.admits("0123"));
        for other in ["", "123", "12345", "12a4", "１２"] {
            assert!(!form.admits(other), "{other}");
        }
        assert_eq!(form.to_string(), "4 digits");
    }
}
