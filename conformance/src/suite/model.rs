//! Cases as data: what a file of a suite says.
//!
//! # Invariants
//! - What a file says is understood as a whole: a member that nobody knows is an error.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A file of cases: one topic of one service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Suite {
    /// Its path without the ending: `aws/kms/crypto/roundtrip`.
    pub suite: String,
    /// What holds for all cases that say nothing else.
    #[serde(default)]
    pub defaults: Defaults,
    /// Named values: `${name}`.
    #[serde(default)]
    pub lets: Map<String, Value>,
    /// Named beginnings, made anew for each case that uses them; what they save is `${name.saved}`.
    #[serde(default)]
    pub fixtures: BTreeMap<String, Vec<Step>>,
    /// The cases.
    pub cases: Vec<Case>,
}

/// How sure an expectation is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Confidence {
    /// The vendor says so.
    #[default]
    Documented,
    /// The vendor's service answered so.
    Recorded,
    /// It follows from something else that the vendor says; it never decides a verdict.
    Inferred,
}

/// What holds for the cases of a file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Defaults {
    /// How sure they are.
    #[serde(default)]
    pub confidence: Confidence,
    /// Where the expectations come from.
    #[serde(default)]
    pub source: Vec<String>,
    /// What the target has to have.
    #[serde(default)]
    pub needs: Vec<Need>,
}

/// What a target may have or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Need {
    /// Policies decide.
    Authz,
    /// Signatures are verified.
    Signatures,
    /// Its clock can be moved.
    Clock,
    /// Somebody of another account asks there too.
    Neighbour,
    /// The runner asks as the owner of the account.
    Owner,
}

impl Need {
    /// All that a target may have or not.
    pub const ALL: [Self; 5] = [Self::Authz, Self::Signatures, Self::Clock, Self::Neighbour, Self::Owner];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Authz => "authz",
            Self::Signatures => "signatures",
            Self::Clock => "clock",
            Self::Neighbour => "neighbour",
            Self::Owner => "owner",
        }
    }

    /// What is true of a target without it.
    pub fn lack(self) -> &'static str {
        match self {
            Self::Authz => "policies do not decide there",
            Self::Signatures => "signatures are not verified there",
            Self::Clock => "the clock cannot be moved there",
            Self::Neighbour => "nobody of another account is known there",
            Self::Owner => "the runner does not ask as the owner of the account",
        }
    }
}

/// A case, or one for each of its rows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Case {
    /// Its name within the file.
    pub id: String,
    /// What is true where it passes.
    pub title: String,
    /// How sure it is, where that differs.
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// Where it comes from, where that differs.
    #[serde(default)]
    pub source: Vec<String>,
    /// What the target has to have, beside what the file says.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Whether nothing else may run meanwhile, because it sees or changes the whole account.
    #[serde(default)]
    pub serial: bool,
    /// One case for each; `row` names it, the other members are values.
    #[serde(default)]
    pub rows: Vec<Map<String, Value>>,
    /// The fixtures that are made first, in order.
    #[serde(default, rename = "use")]
    pub fixtures: Vec<String>,
    /// Those who ask, beside `admin`, `nobody` and `neighbour`.
    #[serde(default)]
    pub callers: BTreeMap<String, Caller>,
    /// What is done.
    pub steps: Vec<Step>,
}

impl Case {
    /// Whether anybody of another account asks.
    pub(super) fn needs_a_neighbour(&self) -> bool {
        let asks = |step: &Step| step.caller.as_deref() == Some(super::NEIGHBOUR);
        self.callers.values().any(|caller| caller.neighbour) || self.steps.iter().any(asks)
    }
}

/// Somebody who asks.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Caller {
    /// What it is.
    #[serde(default)]
    pub kind: CallerKind,
    /// Who may take on the role; the account, where it is not said.
    #[serde(default)]
    pub trust: Value,
    /// The policies that it has.
    #[serde(default)]
    pub policies: Vec<Value>,
    /// The policy of the session, for one.
    #[serde(default)]
    pub session: Value,
    /// Whether it is of the other account.
    #[serde(default)]
    pub neighbour: bool,
}

impl Caller {
    /// Who makes it.
    pub(super) fn owner(&self) -> &'static str {
        if self.neighbour { super::NEIGHBOUR } else { super::ADMIN }
    }
}

/// What somebody is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum CallerKind {
    /// A user with an access key.
    #[default]
    User,
    /// A role that nobody has taken on.
    Role,
    /// A role that was taken on.
    Session,
}

/// One thing that is done: a `call`, a `raw` request, a `check` or a move of the `clock`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Step {
    /// An operation: `kms.Encrypt`.
    #[serde(default)]
    pub call: Option<String>,
    /// Its input, as it goes over the wire.
    #[serde(default, rename = "with")]
    pub input: Value,
    /// A request of one's own.
    #[serde(default)]
    pub raw: Option<Raw>,
    /// A comparison.
    #[serde(default)]
    pub check: Option<Check>,
    /// How far the clock moves on: `+8d`.
    #[serde(default)]
    pub clock: Option<String>,
    /// Who asks; the owner of the account, where it is not said.
    #[serde(default, rename = "as")]
    pub caller: Option<String>,
    /// The list that is joined over all pages.
    #[serde(default)]
    pub pages: Option<String>,
    /// What is kept of the answer, by name: `{blob: CiphertextBlob}`.
    #[serde(default)]
    pub save: BTreeMap<String, String>,
    /// What has to come of it, an [`Expect`] or a reference to one; success, where it is not said.
    #[serde(default)]
    pub expect: Option<Value>,
}

/// A request of one's own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Raw {
    /// The service whose errors are understood; that of the file, where it is not said.
    #[serde(default)]
    pub service: Option<String>,
    /// The method.
    pub method: String,
    /// The path.
    #[serde(default = "root")]
    pub path: String,
    /// The parameters of the query.
    #[serde(default)]
    pub query: Value,
    /// The headers.
    #[serde(default)]
    pub headers: Value,
    /// The body: a text; what is none is a form.
    #[serde(default)]
    pub body: Value,
    /// How it is signed, a [`Sign`] or a reference to one; not at all, where it is not said.
    #[serde(default)]
    pub sign: Value,
}

fn root() -> String {
    "/".to_owned()
}

/// How a request is signed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// The scheme.
    pub scheme: Scheme,
    /// Whose access key.
    #[serde(default = "admin")]
    pub by: String,
    /// How far from now it says to be made: `-16m`.
    #[serde(default)]
    pub at: Option<String>,
    /// What is spoilt, by one bit.
    #[serde(default)]
    pub flip: Option<Flip>,
    /// The number that is used once; a new one, where it is not said.
    #[serde(default)]
    pub nonce: Option<String>,
    /// The region in the scope; that of the target, where it is not said.
    #[serde(default)]
    pub region: Option<String>,
    /// The service in the scope; that of the request, where it is not said.
    #[serde(default)]
    pub service: Option<String>,
}

fn admin() -> String {
    super::ADMIN.to_owned()
}

/// How signatures are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// AWS Signature Version 4, in the header `Authorization`.
    Sigv4,
    /// Alibaba Cloud's signature 1.0, in parameters.
    V1,
    /// Alibaba Cloud's signature V3, `ACS3-HMAC-SHA256`.
    Acs3,
}

/// What of a signed request is spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flip {
    /// The signature.
    Signature,
    /// The secret that it is made with.
    Secret,
    /// The body, after it was signed.
    Body,
}

/// A comparison of values.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Check {
    /// Both are the same.
    Equal(Value, Value),
    /// They are not.
    Differ(Value, Value),
}

/// What has to come of a step.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Expect {
    /// It succeeds, and tells this.
    #[serde(default)]
    pub ok: Option<Value>,
    /// The status.
    #[serde(default)]
    pub status: Option<u16>,
    /// Headers of the answer, by their names in lower case; of raw requests alone.
    #[serde(default)]
    pub headers: Map<String, Value>,
    /// It is refused, and so.
    #[serde(default)]
    pub error: Option<Refused>,
}

/// A refusal, in the words of every protocol.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refused {
    /// The code.
    pub code: Value,
    /// The status.
    #[serde(default)]
    pub status: Option<Value>,
    /// The words.
    #[serde(default)]
    pub message: Option<Value>,
}

/// What is done with what was made, when a case is over.
pub type Undo = BTreeMap<String, Vec<Step>>;

/// What the rows of a service are asked for, so that every one can succeed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// As in [`Suite`].
    #[serde(default)]
    pub lets: Map<String, Value>,
    /// As in [`Suite`].
    #[serde(default)]
    pub fixtures: BTreeMap<String, Vec<Step>>,
    /// By operation.
    pub rows: BTreeMap<String, Asked>,
}

/// What an operation is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The fixtures that it works on.
    #[serde(default, rename = "use")]
    pub fixtures: Vec<String>,
    /// The input.
    #[serde(default, rename = "with")]
    pub input: Value,
    /// What comes of it where it is allowed; success, where it is not said.
    #[serde(default)]
    pub expect: Option<Value>,
    /// What comes of it where it is denied, where that differs from other operations.
    #[serde(default)]
    pub denied: Option<Value>,
    /// The condition keys that the request has, with their values.
    #[serde(default)]
    pub context: Map<String, Value>,
    /// Actions that are needed although the caller is not asked for them by this operation alone.
    #[serde(default)]
    pub also: Vec<String>,
}
