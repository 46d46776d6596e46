//! Attachments of managed policies: Attach, Detach and ListAttached for users, groups and roles; ListEntitiesForPolicy.

use std::marker::PhantomData;

use polykms_core::dialect::{Former, Payload};
use polykms_core::error::{Kind, Result};
use polykms_core::identity::attachment as op;
use polykms_core::identity::managed_policy;
use polykms_core::identity::{Holder, PolicyName};
use serde_json::{Value, json};

use super::inline::Holding;
use super::{ARN, Fields, NOTHING, PATH, POLICY_PATH, list, policy, read};
use crate::resource;
use crate::wire::query::Arguments;

/// Attaches a managed policy.
pub(crate) struct Attach<H>(PhantomData<H>);

impl<H: Holding> Former for Attach<H> {
    type Op = op::Attach;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let (holder, policy) = both::<H>(fields)?;
            Ok(op::Attach { holder, policy, strict: false })
        })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

/// Detaches a managed policy.
pub(crate) struct Detach<H>(PhantomData<H>);

impl<H: Holding> Former for Detach<H> {
    type Op = op::Detach;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            let (holder, policy) = both::<H>(fields)?;
            Ok(op::Detach { holder, policy })
        })
    }

    fn encode((): ()) -> Result<Payload> {
        Ok(NOTHING)
    }
}

fn both<H: Holding>(fields: &mut Fields<'_>) -> Result<(Holder, PolicyName)> {
    let holder = H::read(fields, &H::SHORT);
    Ok((holder, policy(&fields.required("PolicyArn", &ARN))?))
}

/// Lists the managed policies attached to a user, group or role.
pub(crate) struct ListAttached<H>(PhantomData<H>);

impl<H: Holding> Former for ListAttached<H> {
    type Op = op::ListAttached;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            list::paging(fields)?;
            fields.optional("PathPrefix", &POLICY_PATH);
            Ok(op::ListAttached { holder: H::read(fields, &H::SHORT) })
        })
    }

    fn encode(attached: Vec<op::Attached>) -> Result<Payload> {
        let item = |attached: &op::Attached| {
            let PolicyName { system, account, path, name } = &attached.policy;
            let account = if *system { "aws" } else { account.as_deref().unwrap_or_default() };
            json!({ "Path": path, "PolicyName": name, "PolicyArn": resource::policy_arn(account, path, name) })
        };
        Ok(Payload::Tree(json!({ "AttachedPolicies": attached.iter().map(item).collect::<Vec<Value>>() })))
    }

    fn echo(arguments: &Payload, answer: Payload) -> Result<Payload> {
        list::cut(arguments, below(arguments, answer)?, &["AttachedPolicies"])
    }
}

/// Keeps of all lists the items under the path that the arguments name, and tells no paths.
fn below(arguments: &Payload, answer: Payload) -> Result<Payload> {
    let Payload::Tree(Value::Object(mut members)) = answer else {
        return Err(Kind::Internal.because("an answer with a list is no tree"));
    };
    let prefix = Arguments::of(arguments)?.text("PathPrefix").unwrap_or("/");
    for list in members.values_mut().filter_map(Value::as_array_mut) {
        list.retain(|item| item.get("Path").and_then(Value::as_str).is_some_and(|path| path.starts_with(prefix)));
        for item in list.iter_mut().filter_map(Value::as_object_mut) {
            item.remove("Path");
        }
    }
    Ok(Payload::Tree(Value::Object(members)))
}

/// Lists who a managed policy is attached to.
pub(crate) struct ListEntitiesForPolicy;

const ENTITIES: [(&str, &str); 3] = [("Group", "PolicyGroups"), ("User", "PolicyUsers"), ("Role", "PolicyRoles")];

impl Former for ListEntitiesForPolicy {
    type Op = managed_policy::ListHolders;

    fn decode(arguments: &Payload) -> Result<Self::Op> {
        read(arguments, |fields| {
            list::paging(fields)?;
            fields.optional("PathPrefix", &PATH);
            fields.choice("EntityFilter", &["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]);
            fields.choice("PolicyUsageFilter", &["PermissionsPolicy", "PermissionsBoundary"]);
            Ok(managed_policy::ListHolders { policy: policy(&fields.required("PolicyArn", &ARN))? })
        })
    }

    fn encode(holders: Vec<managed_policy::Held>) -> Result<Payload> {
        let (mut groups, mut users, mut roles) = (Vec::new(), Vec::new(), Vec::new());
        for managed_policy::Held { holder, account: _, id, path, display_name: _, comments: _, at: _ } in holders {
            match holder {
                Holder::Group(name) => groups.push(json!({ "Path": path, "GroupName": name, "GroupId": id })),
                Holder::User(name) => users.push(json!({ "Path": path, "UserName": name, "UserId": id })),
                Holder::Role(name) => roles.push(json!({ "Path": path, "RoleName": name, "RoleId": id })),
            }
        }
        Ok(Payload::Tree(json!({ "PolicyGroups": groups, "PolicyUsers": users, "PolicyRoles": roles })))
    }

    fn echo(arguments: &Payload, answer: Payload) -> Result<Payload> {
        let wanted = Arguments::of(arguments)?;
        let kind = wanted.text("EntityFilter");
        // No policy is used as a boundary here.
        let as_boundary = wanted.text("PolicyUsageFilter") == Some("PermissionsBoundary");
        let Payload::Tree(mut tree) = below(arguments, answer)? else {
            return Err(Kind::Internal.because("an answer with a list is no tree"));
        };
        for (entity, list) in ENTITIES {
            let unwanted = as_boundary || kind.is_some_and(|kind| kind != entity);
            if let Some(items) = tree.get_mut(list).and_then(Value::as_array_mut).filter(|_| unwanted) {
                items.clear();
            }
        }
        list::cut(arguments, Payload::Tree(tree), &ENTITIES.map(|(_, list)| list))
    }
}
