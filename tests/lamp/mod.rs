//! A noun of which the core knows nothing: lamps, how they are found and named, and what can be asked about them.

use std::borrow::Cow;

use polykms_core::dialect::message::{ANY, Member, Shape};
use polykms_core::dialect::{ContextKey, Wire};
use polykms_core::engine::{Located, Search, World};
use polykms_core::error::{Kind, Noun, Result};
use polykms_core::message;
use polykms_core::operation::{Authorized, Operation, Role};
use polykms_core::resource::Resource;
use polykms_core::tag::Tags;

/// What a dialect says about lamps.
pub(crate) struct Rules {
    /// The full name of a lamp.
    pub(crate) name: fn(account: &str, lamp: &str) -> String,
}

/// A lamp: there is one on the desk and one on the shelf.
#[derive(Debug)]
pub(crate) struct Lamp {
    tags: Tags,
}

impl Resource for Lamp {
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

impl Lamp {
    fn of(name: &str) -> Option<Self> {
        let colour = match name {
            "desk" => "red",
            "shelf" => "blue",
            _ => return None,
        };
        Some(Self { tags: [("colour".to_owned(), colour.to_owned())].into() })
    }
}

/// Looks at a lamp.
pub(crate) struct Look {
    lamp: String,
    twice: bool,
}

impl Look {
    /// Whether it is looked at twice.
    pub(crate) fn is_twice(&self) -> bool {
        self.twice
    }
}

impl Operation for Look {
    type Output = String;
    const NAME: &'static str = "Look";
    const ROLES: &'static [Role] = &[Role::Subject];

    async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
        let (account, rules) = (&search.caller().account, search.dialect().law.rules::<Rules>()?);
        let lamp = Lamp::of(&self.lamp);
        let named = search.named(account, (rules.name)(account, &self.lamp));
        let missing = lamp.is_none();
        search.add(Located { resource: lamp.map(|lamp| std::sync::Arc::new(lamp) as _), missing, ..named });
        Ok(())
    }

    async fn run(allowed: &Authorized<Self>, _: &World) -> Result<String> {
        let lamp = allowed.located(Role::Subject)?.shared::<Lamp>();
        let lamp = lamp.ok_or_else(|| Kind::NotFound(Noun::Resource).about("lamp"))?;
        Ok(lamp.tags().values().cloned().collect())
    }
}

/// Whether a lamp is looked at twice.
pub(crate) const TWICE: ContextKey<Look> = ContextKey::asked("lamp:twice", |op, _| Some(op.twice.into()));
/// The colour of the lamp.
pub(crate) const COLOUR: ContextKey<Look> =
    ContextKey::of("lamp:colour", |at| at.located.tags().get("colour").map(Into::into));

message! {
    pub(crate) struct LookRequest = LOOK_REQUEST;
    0 lamp: Cow<'a, str>;
    1 twice: Cow<'a, str>;
}

const LOOK_REQUEST: &[Member] =
    &[Member::new("lamp", Shape::text(0, ANY)).required(), Member::new("twice", Shape::text(0, ANY))];

message! {
    pub(crate) struct LookAnswer = LOOK_ANSWER;
    0 colour: Cow<'a, str>;
}

const LOOK_ANSWER: &[Member] = &[Member::new("colour", Shape::text(0, ANY)).required()];

/// Looking at a lamp, in the words of the toy cloud.
pub(crate) struct LookAt;

impl Wire for LookAt {
    type Op = Look;
    type Ask<'a> = LookRequest<'a>;
    type Told<'a> = LookAnswer<'a>;

    fn op(ask: LookRequest<'_>) -> Result<Look> {
        let LookRequest { lamp, twice } = ask;
        Ok(Look { lamp: lamp.unwrap_or_default().into_owned(), twice: twice.is_some() })
    }

    fn told(output: &String) -> Result<LookAnswer<'_>> {
        Ok(LookAnswer { colour: Some(output.into()) })
    }

    fn ask(op: &Look) -> Result<LookRequest<'_>> {
        Ok(LookRequest { lamp: Some((&op.lamp).into()), twice: op.twice.then(|| "yes".into()) })
    }

    fn output(told: LookAnswer<'_>) -> Result<String> {
        Ok(told.colour.unwrap_or_default().into_owned())
    }
}
