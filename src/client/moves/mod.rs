//! Keys, policies and identities taken from one place to another: planned first, then done as the plan says.
//!
//! ```no_run
//! # async fn example() -> polykms::client::Result<()> {
//! use polykms::Client;
//! use polykms::client::moves::Plan;
//!
//! let from = Client::connect("aws://us-east-1").await?;
//! let to = Client::connect("alibaba://cn-hangzhou").await?;
//! let plan = Plan::of(&from, &to).await?;
//! for thing in &plan.things {
//!     println!("{}: {:?} {}", thing.name, thing.status, thing.why.join("; "));
//! }
//! let done = plan.run(&from, &to, |_, _| {}).await?;
//! println!("{} were made", done.made);
//! # Ok(())
//! # }
//! ```
//!
//! # Invariants
//! - Nothing is changed or deleted where things come from.
//! - Who holds a policy may do no more than before: where a Deny cannot come along, nothing comes that it holds back.
//! - Everything that is made carries the name of what it was moved from, where the cloud has a place for that, so that a plan
//!   that is run again goes on where it ended.
//! - The material of keys stays where it is.

mod planning;
mod running;
mod source;
mod step;
mod words;

use polykms_core::dialect::client::{Kind, Result};
use polykms_core::holder::Holder;
use polykms_core::key::{Spec, Usage};
use polykms_core::tag::Tags;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Client;

/// The tag that says what something was moved from, by its full name.
pub const MOVED_FROM: &str = "polykms:moved-from";

/// The tag of a key of which not everything is there yet.
pub const MOVING: &str = "polykms:moving";

/// The format of plans.
const FORMAT: u32 = 1;

/// What is at a place: the account of a cloud in a region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The dialect's name.
    pub dialect: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
}

impl Place {
    async fn of(client: &Client) -> Result<Self> {
        let unknown = || Kind::Config.because("it is not told which region is asked");
        Ok(Self {
            dialect: client.dialect().name.to_owned(),
            account: client.account().await?.to_owned(),
            region: client.region().ok_or_else(unknown)?.to_owned(),
        })
    }
}

/// What becomes of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It is the same there.
    Maps,
    /// It allows less there, or is less.
    Narrows,
    /// It is not moved.
    Cannot,
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Maps => "maps",
            Self::Narrows => "narrows",
            Self::Cannot => "cannot",
        })
    }
}

/// What is done, in which order, and what is not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The format; 1.
    pub format: u32,
    /// Where things come from.
    pub from: Place,
    /// Where they go to.
    pub to: Place,
    /// The SHA-256 of all that was read where they come from, in hexadecimal.
    pub fingerprint: String,
    /// The things, in the order in which they are made.
    pub things: Vec<Thing>,
}

/// One thing, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thing {
    /// What it is, for people.
    pub name: String,
    /// What becomes of it.
    pub status: Status,
    /// Why not the same, and what to do.
    pub why: Vec<String>,
    /// What is done; nothing, of what cannot be moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
}

/// What is done for a thing. Keys go by the identifier that they have where they come from; in documents, that of the new one
/// stands as `moved-from-` with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// Makes a user.
    User {
        /// The name.
        name: String,
        /// The path.
        path: String,
        /// What people call it.
        display_name: Option<String>,
        /// Words about it.
        comments: Option<String>,
        /// Its telephone number.
        phone: Option<String>,
        /// Its mail address.
        email: Option<String>,
        /// Its tags.
        tags: Tags,
        /// What it is moved from.
        from: String,
    },
    /// Makes a group.
    Group {
        /// The name.
        name: String,
        /// The path.
        path: String,
        /// Words about it.
        comments: Option<String>,
        /// What it is moved from.
        from: String,
    },
    /// Makes a role.
    Role {
        /// The name.
        name: String,
        /// The path.
        path: String,
        /// Words about it.
        description: Option<String>,
        /// Who may assume it.
        trust: Value,
        /// The longest session, in seconds.
        seconds: u32,
        /// Its tags.
        tags: Tags,
        /// What it is moved from.
        from: String,
    },
    /// Makes a key.
    Key {
        /// The identifier.
        key: String,
        /// What it is made of.
        spec: Spec,
        /// What it is for.
        usage: Usage,
        /// Words about it.
        description: String,
        /// Its tags.
        tags: Tags,
        /// What it is moved from.
        from: String,
    },
    /// Writes the policy of a key.
    KeyPolicy {
        /// The key.
        key: String,
        /// The document.
        document: Value,
    },
    /// Has a key rotate by itself.
    Rotation {
        /// The key.
        key: String,
        /// In days.
        days: u32,
    },
    /// Makes an alias.
    Alias {
        /// The key.
        key: String,
        /// The alias.
        alias: String,
    },
    /// Switches a key off.
    Off {
        /// The key.
        key: String,
    },
    /// Ends the making of a key: from here on it is its owner's, and left alone.
    Whole {
        /// The key.
        key: String,
    },
    /// Makes a managed policy.
    Policy {
        /// The name.
        name: String,
        /// The path.
        path: String,
        /// Words about it.
        description: Option<String>,
        /// The document.
        document: Value,
        /// Its tags.
        tags: Tags,
        /// What it is moved from.
        from: String,
    },
    /// Puts a policy into a user, group or role.
    Inline {
        /// Who.
        holder: Holder,
        /// The name.
        name: String,
        /// The document.
        document: Value,
    },
    /// Gives a managed policy to a user, group or role.
    Attach {
        /// Who.
        holder: Holder,
        /// The name.
        policy: String,
        /// The path of the policy.
        path: String,
        /// Whether the vendor supplies it.
        system: bool,
    },
    /// Puts a user into a group.
    Member {
        /// The user.
        user: String,
        /// The group.
        group: String,
    },
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Made,
    /// It had been done before.
    There,
}

/// How many steps were done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Now.
    pub made: usize,
    /// Before.
    pub there: usize,
}

impl Plan {
    /// Reads both places, and says what a move would do. Nothing is changed.
    ///
    /// # Errors
    /// Those of the calls that read; [`Kind::Config`] for a client that does not know its region, and for two that are
    /// the same place.
    pub async fn of(from: &Client, to: &Client) -> Result<Self> {
        planning::plan(from, to).await
    }

    /// Does what the plan says, and tells each step with what became of it. What fails ends it; run again, it goes on there.
    ///
    /// # Errors
    /// [`Kind::Config`] for other places than those of the plan, or another format; [`Kind::Conflict`] when what things come
    /// from has changed since; those of the calls.
    pub async fn run(&self, from: &Client, to: &Client, told: impl FnMut(&Thing, Outcome)) -> Result<Done> {
        running::run(self, from, to, told).await
    }

    /// The plan as JSON.
    ///
    /// # Errors
    /// [`Kind::Unexpected`], which does not happen.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self).map_err(|error| Kind::Unexpected.because(error.to_string()))
    }

    /// The plan that a text says.
    ///
    /// # Errors
    /// [`Kind::Invalid`] for what is none.
    pub fn from_json(text: &str) -> Result<Self> {
        let plan: Self =
            serde_json::from_str(text).map_err(|error| Kind::Invalid.because(format!("this is no plan: {error}")))?;
        match plan.format {
            FORMAT => Ok(plan),
            other => Err(Kind::Invalid.because(format!("plans of the format {other} are not known"))),
        }
    }
}
