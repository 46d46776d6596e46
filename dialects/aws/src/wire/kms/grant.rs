//! CreateGrant, ListGrants, ListRetirableGrants, RetireGrant and RevokeGrant.

use std::borrow::Cow;

use polykms_core::dialect::message::{Nothing, Pairs};
use polykms_core::dialect::{Hex, Wire};
use polykms_core::error::{Kind, Result};
use polykms_core::key::{self, Constraint, EncryptionContext, GrantOf, GrantTerms, Granted, Party, Which};
use polykms_core::list::Listed;

use super::{named_key, owned, token_texts, tokens};
use crate::message::kms::{
    CreateGrantRequest, CreateGrantResponse, GrantConstraints, GrantListEntry, ListGrantsRequest, ListGrantsResponse,
    ListRetirableGrantsRequest, ListRetirableGrantsResponse, RetireGrantRequest, RevokeGrantRequest,
};
use crate::protocol::refused;
use crate::resource::key_name;
use crate::wire::heard::{self, had};
use crate::wire::list;

/// The most pairs of a constraint, and the most characters of a value.
const MOST_PAIRS: usize = 8;
const LONGEST_VALUE: usize = 384;

/// CreateGrant.
pub(crate) struct CreateGrant;

impl Wire for CreateGrant {
    type Op = key::CreateGrant;
    type Ask<'a> = CreateGrantRequest<'a>;
    type Told<'a> = CreateGrantResponse<'a>;

    fn op(ask: CreateGrantRequest<'_>) -> Result<key::CreateGrant> {
        let CreateGrantRequest {
            key_id,
            grantee_principal,
            retiring_principal,
            operations,
            constraints,
            grant_tokens,
            name,
            dry_run,
        } = ask;
        let mut given: Vec<String> = Vec::new();
        for operation in operations.unwrap_or_default() {
            if !given.iter().any(|known| *known == operation) {
                given.push(operation.into_owned());
            }
        }
        if given.is_empty() {
            return Err(refused("A grant must give at least one operation."));
        }
        Ok(key::CreateGrant {
            key: named_key(key_id)?,
            terms: GrantTerms {
                name: name.map(Cow::into_owned),
                grantee: Party::from(owned(grantee_principal)),
                retiring: retiring_principal.map(|name| Party::from(name.into_owned())),
                constraint: constraint(constraints, &given)?,
                operations: given,
            },
            tokens: tokens(grant_tokens),
            dry_run: dry_run.unwrap_or_default(),
        })
    }

    fn told(output: &Granted) -> Result<CreateGrantResponse<'_>> {
        let Granted { id, token } = output;
        Ok(CreateGrantResponse { grant_token: Some(token.into()), grant_id: Some(id.into()) })
    }

    fn ask(op: &key::CreateGrant) -> Result<CreateGrantRequest<'_>> {
        let key::CreateGrant { key, terms, tokens, dry_run } = op;
        let GrantTerms { name, grantee, retiring, operations, constraint } = terms;
        Ok(CreateGrantRequest {
            key_id: Some(key_name(key)?),
            grantee_principal: Some((&grantee.name).into()),
            retiring_principal: retiring.as_ref().map(|party| (&party.name).into()),
            operations: Some(operations.iter().map(Cow::from).collect()),
            constraints: constraint.as_ref().map(constraints),
            grant_tokens: token_texts(tokens),
            name: name.as_deref().map(Cow::from),
            dry_run: Some(*dry_run),
        })
    }

    fn output(told: CreateGrantResponse<'_>) -> Result<Granted> {
        let CreateGrantResponse { grant_token, grant_id } = told;
        Ok(Granted { id: heard::text(grant_id)?, token: heard::text(grant_token)? })
    }
}

/// The constraint of a request; one of no pairs is none.
fn constraint(constraints: Option<GrantConstraints<'_>>, operations: &[String]) -> Result<Option<Constraint>> {
    let GrantConstraints { encryption_context_subset, encryption_context_equals } = constraints.unwrap_or_default();
    let pairs =
        |pairs: Option<Pairs<'_>>| pairs.map(Pairs::into_owned).filter(|pairs: &EncryptionContext| !pairs.is_empty());
    let constraint = match (pairs(encryption_context_equals), pairs(encryption_context_subset)) {
        (Some(_), Some(_)) => {
            return Err(refused(
                "You cannot specify EncryptionContextEquals and EncryptionContextSubset in the same grant.",
            ));
        }
        (Some(equals), None) => Constraint::Equals(equals),
        (None, Some(subset)) => Constraint::Subset(subset),
        (None, None) => return Ok(None),
    };
    if constraint.pairs().len() > MOST_PAIRS {
        return Err(refused(format!("A grant constraint can have at most {MOST_PAIRS} encryption context pairs.")));
    }
    if constraint.pairs().values().any(|value| value.chars().count() > LONGEST_VALUE) {
        return Err(refused(format!(
            "A value of an encryption context in a grant constraint can have at most {LONGEST_VALUE} characters."
        )));
    }
    let without_context = ["CreateGrant", "DescribeKey", "RetireGrant"];
    if operations.iter().all(|operation| without_context.contains(&operation.as_str())) {
        return Err(refused("A grant constraint needs an operation that takes an encryption context."));
    }
    Ok(Some(constraint))
}

fn constraints(constraint: &Constraint) -> GrantConstraints<'_> {
    match constraint {
        Constraint::Equals(equals) => {
            GrantConstraints { encryption_context_equals: Some(equals.iter().collect()), ..Default::default() }
        }
        Constraint::Subset(subset) => {
            GrantConstraints { encryption_context_subset: Some(subset.iter().collect()), ..Default::default() }
        }
    }
}

/// The identifier of a grant.
fn grant_id(text: Option<Cow<'_, str>>) -> Result<String> {
    let text = text.unwrap_or_default();
    match Hex::read(&text).is_some() {
        true => Ok(text.into_owned()),
        false => Err(Kind::InvalidGrantId.about(text)),
    }
}

fn entry(grant: &GrantOf) -> GrantListEntry<'_> {
    let GrantOf { key, id, created_at, issued_by, terms } = grant;
    let GrantTerms { name, grantee, retiring, operations, constraint } = terms;
    GrantListEntry {
        key_id: Some(key.into()),
        grant_id: Some(id.into()),
        name: Some(name.as_deref().unwrap_or_default().into()),
        creation_date: Some(*created_at),
        grantee_principal: Some((&grantee.name).into()),
        retiring_principal: retiring.as_ref().map(|party| (&party.name).into()),
        issuing_account: Some(issued_by.into()),
        operations: Some(operations.iter().map(Cow::from).collect()),
        constraints: constraint.as_ref().map(constraints),
    }
}

fn listed(entry: GrantListEntry<'_>) -> Result<GrantOf> {
    let GrantListEntry {
        key_id,
        grant_id,
        name,
        creation_date,
        grantee_principal,
        retiring_principal,
        issuing_account,
        operations,
        constraints,
    } = entry;
    let GrantConstraints { encryption_context_subset, encryption_context_equals } = constraints.unwrap_or_default();
    let constraint = match (encryption_context_equals, encryption_context_subset) {
        (Some(equals), None) => Some(Constraint::Equals(equals.into_owned())),
        (None, Some(subset)) => Some(Constraint::Subset(subset.into_owned())),
        (None, None) => None,
        (Some(_), Some(_)) => return Err(heard::unreadable("the answer tells of a grant with two constraints")),
    };
    Ok(GrantOf {
        key: heard::text(key_id)?,
        id: heard::text(grant_id)?,
        created_at: had(creation_date)?,
        issued_by: heard::text(issuing_account)?,
        terms: GrantTerms {
            name: Some(heard::text(name)?).filter(|name| !name.is_empty()),
            grantee: Party::from(heard::text(grantee_principal)?),
            retiring: retiring_principal.map(|name| Party::from(name.into_owned())),
            operations: had(operations)?.into_iter().map(Cow::into_owned).collect(),
            constraint,
        },
    })
}

fn part(output: &Listed<GrantOf>) -> ListGrantsResponse<'_> {
    let Listed { items, next, .. } = output;
    ListGrantsResponse {
        grants: Some(items.iter().map(entry).collect()),
        next_marker: next.as_deref().map(Cow::from),
        truncated: Some(next.is_some()),
    }
}

fn heard_part(told: ListGrantsResponse<'_>) -> Result<Listed<GrantOf>> {
    let ListGrantsResponse { grants, next_marker, truncated } = told;
    list::heard(grants, truncated, next_marker, listed)
}

/// ListGrants.
pub(crate) struct ListGrants;

impl Wire for ListGrants {
    type Op = key::ListGrants;
    type Ask<'a> = ListGrantsRequest<'a>;
    type Told<'a> = ListGrantsResponse<'a>;

    fn op(ask: ListGrantsRequest<'_>) -> Result<key::ListGrants> {
        let ListGrantsRequest { limit, marker, key_id, grant_id: id, grantee_principal } = ask;
        Ok(key::ListGrants {
            key: named_key(key_id)?,
            id: id.map(|id| grant_id(Some(id))).transpose()?,
            grantee: grantee_principal.map(Cow::into_owned),
            paging: list::paging(limit, marker, 100),
        })
    }

    fn told(output: &Listed<GrantOf>) -> Result<ListGrantsResponse<'_>> {
        Ok(part(output))
    }

    fn ask(op: &key::ListGrants) -> Result<ListGrantsRequest<'_>> {
        let key::ListGrants { key, id, grantee, paging } = op;
        let (limit, marker) = list::part(paging)?;
        Ok(ListGrantsRequest {
            limit,
            marker,
            key_id: Some(key_name(key)?),
            grant_id: id.as_deref().map(Cow::from),
            grantee_principal: grantee.as_deref().map(Cow::from),
        })
    }

    fn output(told: ListGrantsResponse<'_>) -> Result<Listed<GrantOf>> {
        heard_part(told)
    }
}

/// ListRetirableGrants.
pub(crate) struct ListRetirableGrants;

impl Wire for ListRetirableGrants {
    type Op = key::ListRetirableGrants;
    type Ask<'a> = ListRetirableGrantsRequest<'a>;
    type Told<'a> = ListRetirableGrantsResponse<'a>;

    fn op(ask: ListRetirableGrantsRequest<'_>) -> Result<key::ListRetirableGrants> {
        let ListRetirableGrantsRequest { limit, marker, retiring_principal } = ask;
        Ok(key::ListRetirableGrants { retiring: owned(retiring_principal), paging: list::paging(limit, marker, 100) })
    }

    fn told(output: &Listed<GrantOf>) -> Result<ListRetirableGrantsResponse<'_>> {
        let ListGrantsResponse { grants, next_marker, truncated } = part(output);
        Ok(ListRetirableGrantsResponse { grants, next_marker, truncated })
    }

    fn ask(op: &key::ListRetirableGrants) -> Result<ListRetirableGrantsRequest<'_>> {
        let key::ListRetirableGrants { retiring, paging } = op;
        let (limit, marker) = list::part(paging)?;
        Ok(ListRetirableGrantsRequest { limit, marker, retiring_principal: Some(retiring.into()) })
    }

    fn output(told: ListRetirableGrantsResponse<'_>) -> Result<Listed<GrantOf>> {
        let ListRetirableGrantsResponse { grants, next_marker, truncated } = told;
        heard_part(ListGrantsResponse { grants, next_marker, truncated })
    }
}

/// RetireGrant.
pub(crate) struct RetireGrant;

impl Wire for RetireGrant {
    type Op = key::RetireGrant;
    type Ask<'a> = RetireGrantRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: RetireGrantRequest<'_>) -> Result<key::RetireGrant> {
        let RetireGrantRequest { grant_token, key_id, grant_id: id, dry_run } = ask;
        let grant = match (grant_token, key_id, id) {
            (Some(token), None, None) => Which::Token(token.into_owned()),
            (None, Some(key), Some(id)) => Which::Id { key: named_key(Some(key))?, id: grant_id(Some(id))? },
            _ => return Err(refused("You must specify either the grant token, or the key ID and the grant ID.")),
        };
        Ok(key::RetireGrant { grant, dry_run: dry_run.unwrap_or_default() })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::RetireGrant) -> Result<RetireGrantRequest<'_>> {
        let key::RetireGrant { grant, dry_run } = op;
        let (grant_token, key_id, grant_id) = match grant {
            Which::Token(token) => (Some(token.into()), None, None),
            Which::Id { key, id } => (None, Some(key_name(key)?), Some(id.into())),
        };
        Ok(RetireGrantRequest { grant_token, key_id, grant_id, dry_run: Some(*dry_run) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// RevokeGrant.
pub(crate) struct RevokeGrant;

impl Wire for RevokeGrant {
    type Op = key::RevokeGrant;
    type Ask<'a> = RevokeGrantRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: RevokeGrantRequest<'_>) -> Result<key::RevokeGrant> {
        let RevokeGrantRequest { key_id, grant_id: id, dry_run } = ask;
        Ok(key::RevokeGrant { key: named_key(key_id)?, id: grant_id(id)?, dry_run: dry_run.unwrap_or_default() })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &key::RevokeGrant) -> Result<RevokeGrantRequest<'_>> {
        let key::RevokeGrant { key, id, dry_run } = op;
        Ok(RevokeGrantRequest { key_id: Some(key_name(key)?), grant_id: Some(id.into()), dry_run: Some(*dry_run) })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}
