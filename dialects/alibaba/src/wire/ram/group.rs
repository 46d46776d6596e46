//! Groups of users: CreateGroup, GetGroup, UpdateGroup, ListGroups and DeleteGroup.

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::Result;
use polykms_core::identity::group::{self, Described};
use polykms_core::list::Listed;
use serde_json::Value;

use super::{LONGEST_COMMENTS, PRINCIPAL, ROOT, part_of};
use crate::wire::{Arguments, date, done, listed, object, tree};

pub(crate) struct CreateGroup;

impl Former for CreateGroup {
    type Op = group::CreateGroup;

    fn decode(arguments: &Payload) -> Result<group::CreateGroup> {
        let arguments = Arguments::of(arguments)?;
        let name = arguments.name("GroupName", &PRINCIPAL)?;
        let comments = arguments.words("Comments", LONGEST_COMMENTS)?.unwrap_or_default();
        Ok(group::CreateGroup { name, path: ROOT.to_owned(), comments })
    }

    fn encode(output: Described) -> Result<Payload> {
        Ok(tree([("Group", told(&output, false))]))
    }
}

pub(crate) struct GetGroup;

impl Former for GetGroup {
    type Op = group::DescribeGroup;

    fn decode(arguments: &Payload) -> Result<group::DescribeGroup> {
        Ok(group::DescribeGroup { name: Arguments::of(arguments)?.name("GroupName", &PRINCIPAL)? })
    }

    fn encode(output: Described) -> Result<Payload> {
        Ok(tree([("Group", told(&output, true))]))
    }
}

pub(crate) struct UpdateGroup;

impl Former for UpdateGroup {
    type Op = group::UpdateGroup;

    fn decode(arguments: &Payload) -> Result<group::UpdateGroup> {
        let arguments = Arguments::of(arguments)?;
        Ok(group::UpdateGroup {
            name: arguments.name("GroupName", &PRINCIPAL)?,
            new_name: arguments.optional_name("NewGroupName", &PRINCIPAL)?,
            new_path: None,
            comments: arguments.words("NewComments", LONGEST_COMMENTS)?,
        })
    }

    fn encode(output: Option<Described>) -> Result<Payload> {
        Ok(tree([("Group", output.map(|group| told(&group, true)).into())]))
    }
}

pub(crate) struct ListGroups;

impl Former for ListGroups {
    type Op = group::ListGroups;

    fn decode(arguments: &Payload) -> Result<group::ListGroups> {
        let paging = Arguments::of(arguments)?.part()?.into();
        Ok(group::ListGroups { paging, path_prefix: ROOT.to_owned() })
    }

    fn encode(output: Listed<Described>) -> Result<Payload> {
        let Listed { items, next, total: _ } = output;
        let groups = listed("Group", items.iter().map(|group| told(group, true)));
        Ok(Payload::Tree(part_of("Groups", groups, next)))
    }
}

pub(crate) struct DeleteGroup;

impl Former for DeleteGroup {
    type Op = group::DeleteGroup;

    fn decode(arguments: &Payload) -> Result<group::DeleteGroup> {
        Ok(group::DeleteGroup { name: Arguments::of(arguments)?.name("GroupName", &PRINCIPAL)? })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(done())
    }
}

fn told(group: &Described, updated: bool) -> Value {
    let Described { id, arn: _, name, path: _, comments, created_at, updated_at } = group;
    let mut told = object([
        ("GroupId", id.as_str().into()),
        ("GroupName", name.as_str().into()),
        ("Comments", comments.as_str().into()),
        ("CreateDate", created_at.map(date).into()),
    ]);
    if let (Some(fields), true) = (told.as_object_mut(), updated) {
        fields.insert("UpdateDate".to_owned(), updated_at.map(date).into());
    }
    told
}
