//! Inline policies: documents that live inside a user, group or role.

use super::{Held, Holder, check_document};
use crate::engine::world::Versioned;
use crate::engine::{Search, World};
use crate::error::{Kind, Noun, Result};
use crate::list::{self, Listed, Paging};
use crate::name::path;
use crate::operation::{Authorized, Effect, Operation, Repeat, Role};
use crate::policy::DocumentKind;

macro_rules! on_holder {
    () => {
        const ROLES: &'static [Role] = &[Role::Subject];

        async fn locate(&self, _: Role, search: &mut Search<'_>) -> Result<()> {
            self.holder.locate(search).await
        }
    };
}

/// Writes an inline policy.
#[derive(Debug)]
pub struct PutInline {
    /// Who holds it.
    pub holder: Holder,
    /// The policy's name.
    pub name: String,
    /// The document.
    pub document: String,
}

impl Operation for PutInline {
    type Output = ();
    const NAME: &'static str = "PutInlinePolicy";
    const EFFECT: Effect = Effect::Restricts;
    const REPEAT: Repeat = Repeat::Harmless;
    on_holder!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Self { holder, name, document } = allowed.op();
        let place = allowed.place();
        check_document(allowed.dialect(), DocumentKind::Identity, document)?;
        let Versioned { value: held, rev } = Held::read(world, place, holder).await?;
        let mut policies = held.policies().clone();
        policies.inline.insert(name.clone(), document.clone());
        let [user, group, role] = allowed.dialect().law.identity()?.max_inline;
        let most = match holder {
            Holder::User(_) => user,
            Holder::Group(_) => group,
            Holder::Role(_) => role,
        };
        let size: usize =
            policies.inline.values().map(|text| text.chars().filter(|c| !c.is_whitespace()).count()).sum();
        if size > most {
            let why = format!("maximum policy size of {most} bytes exceeded");
            return Err(Kind::LimitExceeded(Noun::InlinePolicy).because(why).naming(holder.name()).of(holder.noun()));
        }
        allowed.change(vec![held.with_policies(place, rev, policies)?])
    }
}

/// Reads an inline policy.
#[derive(Debug)]
pub struct ReadInline {
    /// Who holds it.
    pub holder: Holder,
    /// The policy's name.
    pub name: String,
}

/// An inline policy.
#[derive(Debug)]
pub struct InlinePolicy {
    /// Who holds it.
    pub holder: Holder,
    /// Its name.
    pub name: String,
    /// The document, as it was written.
    pub document: String,
}

impl Operation for ReadInline {
    type Output = InlinePolicy;
    const NAME: &'static str = "GetInlinePolicy";
    on_holder!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<InlinePolicy> {
        let Self { holder, name } = allowed.op();
        let held = Held::read(world, allowed.place(), holder).await?.value;
        let document = held.policies().inline.get(name).cloned();
        let document = document.ok_or_else(|| Kind::NotFound(Noun::InlinePolicy).about(name).of(holder.noun()))?;
        Ok(InlinePolicy { holder: held.holder(), name: name.clone(), document })
    }
}

/// Removes an inline policy.
#[derive(Debug)]
pub struct DeleteInline {
    /// Who holds it.
    pub holder: Holder,
    /// The policy's name.
    pub name: String,
}

impl Operation for DeleteInline {
    type Output = ();
    const NAME: &'static str = "DeleteInlinePolicy";
    const EFFECT: Effect = Effect::Restricts;
    on_holder!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<()> {
        let Self { holder, name } = allowed.op();
        let place = allowed.place();
        let Versioned { value: held, rev } = Held::read(world, place, holder).await?;
        let mut policies = held.policies().clone();
        if policies.inline.remove(name).is_none() {
            return Err(Kind::NotFound(Noun::InlinePolicy).about(name).of(holder.noun()));
        }
        allowed.change(vec![held.with_policies(place, rev, policies)?])
    }
}

/// Lists the names of inline policies.
#[derive(Debug)]
pub struct ListInline {
    /// Who holds them.
    pub holder: Holder,
    /// Which part.
    pub paging: Paging,
}

impl Operation for ListInline {
    /// The names.
    type Output = Listed<String>;
    const NAME: &'static str = "ListInlinePolicies";
    on_holder!();

    async fn run(allowed: &Authorized<Self>, world: &World) -> Result<Listed<String>> {
        let Self { holder, paging } = allowed.op();
        let held = Held::read(world, allowed.place(), holder).await?.value;
        let names = held.policies().inline.keys().cloned().collect();
        list::cut(world, &path(&["list", "inline", held.id()]), names, paging, String::as_str)
    }
}
