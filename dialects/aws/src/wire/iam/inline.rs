//! Inline policies: Put, Get, Delete and List for users, groups and roles.

use std::marker::PhantomData;

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::Result;
use polykms_core::identity::Holder;
use polykms_core::identity::inline as op;
use serde_json::json;

use super::{DOCUMENT, Fields, NAME_64, NAME_128, NOTHING, Shape, document, list, read};

/// A kind of holder of policies.
pub(crate) trait Holding: 'static {
    /// The parameter with its name.
    const FIELD: &'static str;
    /// The form of its name in operations on inline policies.
    const NAME: Shape;
    /// The form of its name in operations on attachments.
    const SHORT: Shape;

    /// The holder of this name.
    fn holder(name: String) -> Holder;

    /// Reads the name of the holder.
    fn read(fields: &mut Fields<'_>, shape: &Shape) -> Holder {
        Self::holder(fields.required(Self::FIELD, shape))
    }
}

/// Users.
pub(crate) struct OfUser;
/// Groups.
pub(crate) struct OfGroup;
/// Roles.
pub(crate) struct OfRole;

impl Holding for OfUser {
    const FIELD: &'static str = "UserName";
    const NAME: Shape = NAME_128;
    const SHORT: Shape = NAME_64;

    fn holder(name: String) -> Holder {
        Holder::User(name)
    }
}

impl Holding for OfGroup {
    const FIELD: &'static str = "GroupName";
    const NAME: Shape = NAME_128;
    const SHORT: Shape = NAME_128;

    fn holder(name: String) -> Holder {
        Holder::Group(name)
    }
}

impl Holding for OfRole {
    const FIELD: &'static str = "RoleName";
    const NAME: Shape = NAME_64;
    const SHORT: Shape = NAME_64;

    fn holder(name: String) -> Holder {
        Holder::Role(name)
    }
}

/// Writes an inline policy.
pub(crate) struct Put<H>(PhantomData<H>);

impl<H: Holding> Former for Put<H> {
    type Op = op::PutInline;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            Ok(op::PutInline {
                holder: H::read(fields, &H::NAME),
                name: fields.required("PolicyName", &NAME_128),
                document: fields.required("PolicyDocument", &DOCUMENT),
            })
        })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// Reads an inline policy.
pub(crate) struct Get<H>(PhantomData<H>);

impl<H: Holding> Former for Get<H> {
    type Op = op::ReadInline;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let holder = H::read(fields, &H::NAME);
            Ok(op::ReadInline { holder, name: fields.required("PolicyName", &NAME_128) })
        })
    }

    fn encode(policy: op::InlinePolicy) -> Result<Payload> {
        let op::InlinePolicy { holder, name, document: text } = policy;
        let (Holder::User(holder) | Holder::Group(holder) | Holder::Role(holder)) = holder;
        Ok(Payload::Tree(json!({ H::FIELD: holder, "PolicyName": name, "PolicyDocument": document(&text) })))
    }
}

/// Removes an inline policy.
pub(crate) struct Delete<H>(PhantomData<H>);

impl<H: Holding> Former for Delete<H> {
    type Op = op::DeleteInline;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let holder = H::read(fields, &H::NAME);
            Ok(op::DeleteInline { holder, name: fields.required("PolicyName", &NAME_128) })
        })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// Lists the names of inline policies.
pub(crate) struct List<H>(PhantomData<H>);

impl<H: Holding> Former for List<H> {
    type Op = op::ListInline;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            list::paging(fields)?;
            Ok(op::ListInline { holder: H::read(fields, &H::NAME) })
        })
    }

    fn encode(names: Vec<String>) -> Result<Payload> {
        Ok(Payload::Tree(json!({ "PolicyNames": names })))
    }

    fn echo(arguments: &Payload, answer: Payload) -> Result<Payload> {
        list::cut(arguments, answer, &["PolicyNames"])
    }
}
