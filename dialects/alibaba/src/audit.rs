//! Audit events in the shape of ActionTrail.
//!
//! Follows the ActionTrail document "Management event structure".
//!
//! # Invariants
//! - No plaintext, ciphertext or secret is written: parameters and elements are told by their messages.

use std::collections::BTreeMap;
use std::sync::Arc;

use polykms_core::denial::Ruling;
use polykms_core::dialect::message::Structure;
use polykms_core::dialect::message::trail::{Names, Told};
use polykms_core::dialect::trail::{self, Places, Trail};
use polykms_core::engine::{Caller, Circumstances, Event, Located, Principal};
use polykms_core::operation::Effect;
use polykms_core::policy::Verdict;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::errors::{Family, Fault, fault};
use crate::wire::date;

/// How events are told.
pub(crate) static TRAIL: Trail = Trail {
    parameters,
    line,
    error: |error, service| {
        let Fault { status: _, code, message } = fault(Family::of(service), error);
        [code.into_owned(), message.into_owned()]
    },
    places: Places {
        event: "/eventId",
        request: "/requestId",
        time: "/eventTime",
        service: "/serviceName",
        operation: "/eventName",
        address: "/sourceIpAddress",
        principal: None,
        caller: ["/userIdentity/type", "/userIdentity/userName", "/userIdentity/accountId"],
        access_key: "/userIdentity/accessKeyId",
        code: "/errorCode",
        message: "/errorMessage",
        verdict: "/additionalEventData/authorization",
        decisions: "/additionalEventData/decisions",
        resources: ("/referencedResources", None),
    },
};

/// The members of a request.
fn parameters(asked: &dyn Structure, text: &mut Vec<u8>) {
    // Texts, numbers and maps with text keys: writing them cannot fail.
    if serde_json::to_writer(&mut *text, &Told(asked, Names::Declared)).is_err() {
        text.clear();
    }
}

/// One event as one line of JSON.
fn line(event: &Event<'_>, line: &mut Vec<u8>) {
    trail::write(&Record::of(event), event.parameters, "{}", line);
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    event_id: &'a str,
    event_version: &'static str,
    event_name: &'static str,
    event_source: String,
    event_time: String,
    event_type: &'static str,
    #[serde(rename = "eventRW")]
    event_rw: &'static str,
    service_name: &'static str,
    api_version: &'static str,
    acs_region: &'a str,
    source_ip_address: &'a str,
    user_agent: &'a str,
    request_id: &'a str,
    user_identity: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_elements: Option<Told<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    referenced_resources: BTreeMap<&'static str, Vec<&'a str>>,
    additional_event_data: Additional<'a>,
}

impl<'a> Record<'a> {
    fn of(event: &'a Event<'a>) -> Self {
        let Event {
            request_id,
            event_id,
            at,
            caller,
            named,
            service,
            row,
            region,
            connection,
            parameters: _,
            effect,
            located,
            made,
            verdict,
            rulings,
            elements,
            error,
        } = event;
        let fault = error.map(|error| fault(Family::of(service.name), error));
        let (error_code, error_message) = match fault {
            Some(Fault { status: _, code, message }) => (Some(code.into_owned()), Some(message.into_owned())),
            None => (None, None),
        };
        Self {
            event_id,
            event_version: "1",
            event_name: row.wire(),
            event_source: source(service.name, region),
            event_time: date(*at),
            event_type: "ApiCall",
            event_rw: if *effect == Effect::Reads { "Read" } else { "Write" },
            service_name: service_name(service.name),
            api_version: service.version,
            acs_region: region,
            source_ip_address: connection.peer.as_str(),
            user_agent: &connection.user_agent,
            request_id,
            user_identity: named.recorded.get_or_init(|| rendered(&Identity::of(caller))),
            response_elements: elements.map(|answer| Told(answer, Names::Declared)).filter(|told| !told.is_empty()),
            error_code,
            error_message,
            referenced_resources: referenced(located, made),
            additional_event_data: Additional {
                authorization: verdict.map(verdict_name),
                decisions: rulings,
                simulated: connection.simulated.as_ref().map(|simulated| &simulated.circumstances),
            },
        }
    }
}

/// A part of a record that is the same in all of them; texts cannot fail to be written.
fn rendered(part: &impl Serialize) -> Box<RawValue> {
    to_raw_value(part).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

fn source(service: &str, region: &str) -> String {
    match service {
        "ram" => "ram.aliyuncs.com".to_owned(),
        service => format!("{service}.{region}.aliyuncs.com"),
    }
}

fn service_name(service: &str) -> &'static str {
    match service {
        "ram" => "Ram",
        "sts" => "Sts",
        _ => "Kms",
    }
}

fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "Allow",
        Verdict::ExplicitDeny => "ExplicitDeny",
        Verdict::ImplicitDeny => "ImplicitDeny",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Additional<'a> {
    /// What the policies said; absent for operations that nobody guards.
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization: Option<&'static str>,
    /// The trace of what the policies said.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    decisions: &'a [Ruling],
    /// The circumstances that the request was taken to come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    simulated: Option<&'a Circumstances>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    r#type: &'static str,
    principal_id: String,
    account_id: &'a str,
    access_key_id: &'a str,
    user_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_context: Option<SessionContext>,
}

impl<'a> Identity<'a> {
    fn of(caller: &'a Caller) -> Self {
        let (kind, principal_id, user_name) = match &caller.principal {
            Principal::Owner => ("root-account", caller.account.to_string(), "root".to_owned()),
            Principal::User { id, name, path: _ } => ("ram-user", id.clone(), name.clone()),
            Principal::RoleSession { id, name, path: _, session } => {
                ("assumed-role", [id, ":", session].concat(), [name, ":", session].concat())
            }
        };
        let session_context = caller.session.as_ref().map(|session| SessionContext {
            attributes: Attributes { creation_date: date(session.terms.issued_at), mfa_authenticated: "false" },
        });
        Self {
            r#type: kind,
            principal_id,
            account_id: &caller.account,
            access_key_id: &caller.access_key_id,
            user_name,
            session_context,
        }
    }
}

#[derive(Serialize)]
struct SessionContext {
    attributes: Attributes,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    creation_date: String,
    mfa_authenticated: &'static str,
}

/// The full names of what was found or made, by type, each once.
fn referenced<'a>(located: &'a [Located], made: &'a [Arc<str>]) -> BTreeMap<&'static str, Vec<&'a str>> {
    let mut resources = BTreeMap::<_, Vec<_>>::new();
    for arn in located.iter().map(|located| &*located.arn).chain(made.iter().map(|arn| &**arn)) {
        let named = resource_type(arn).map(|kind| resources.entry(kind).or_default());
        if let Some(named) = named.filter(|named| !named.contains(&arn)) {
            named.push(arn);
        }
    }
    resources
}

fn resource_type(arn: &str) -> Option<&'static str> {
    const TYPES: [(&str, &str, &str); 6] = [
        ("kms", "key/", "ACS::KMS::Key"),
        ("kms", "alias/", "ACS::KMS::Alias"),
        ("ram", "user/", "ACS::RAM::User"),
        ("ram", "group/", "ACS::RAM::Group"),
        ("ram", "role/", "ACS::RAM::Role"),
        ("ram", "policy/", "ACS::RAM::Policy"),
    ];
    let mut segments = arn.splitn(5, ':').skip(1);
    let (service, relative) = (segments.next()?, segments.nth(2)?);
    TYPES.iter().find(|(known, prefix, _)| *known == service && relative.starts_with(prefix)).map(|(_, _, name)| *name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use std::net::Ipv4Addr;

    use polykms_core::engine::Connection;
    use polykms_core::error::{Error, Kind};
    use polykms_core::operation::Role;
    use polykms_core::tag::Tags;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_event_tells_who_did_what_to_which_key() {
        let caller = Caller {
            dialect: "alibaba",
            partition: "",
            account: "1".into(),
            principal: Principal::User { id: "2".into(), name: "alice".into(), path: "/".into() },
            access_key_id: "LTAI".into(),
            session: None,
            identity: Arc::from([]),
            sources: Arc::from([]),
            session_policies: None,
            tags: Tags::new(),
        };
        let connection = Connection {
            peer: std::net::IpAddr::V4(Ipv4Addr::LOCALHOST).into(),
            tls: false,
            user_agent: "sdk".into(),
            referer: None,
            simulated: None,
        };
        let located = [Located {
            role: Role::Subject,
            arn: "acs:kms:r:1:key/k".into(),
            account: "1".into(),
            region: "r".into(),
            resource: None,
            grant: None,
            alias: Some("alias/a".into()),
            by_ciphertext: false,
            missing: true,
            unchanged: None,
            unmade: None,
        }];
        let service = &crate::catalog::SERVICES[0];
        let error = Error::from(Kind::AccessDenied);
        let event = Event {
            request_id: "r-1",
            event_id: "e-1",
            at: "2026-01-02T03:04:05.6Z".parse().unwrap(),
            caller: &caller,
            named: &(crate::DIALECT.law.principal)(&caller),
            service,
            row: service.row("Encrypt").unwrap(),
            region: "r",
            connection: &connection,
            located: &located,
            parameters: br#"{"KeyId":"alias/a"}"#,
            effect: Effect::Changes,
            made: &["acs:kms:r:1:alias/a".into()],
            elements: None,
            verdict: Some(Verdict::ImplicitDeny),
            rulings: &[],
            error: Some(&error),
        };
        let mut told = Vec::new();
        line(&event, &mut told);
        let told: Value = serde_json::from_slice(&told).unwrap();
        let expected = json!({
            "eventId": "e-1", "eventVersion": "1", "eventName": "Encrypt", "eventSource": "kms.r.aliyuncs.com",
            "eventTime": "2026-01-02T03:04:05Z", "eventType": "ApiCall", "eventRW": "Write", "serviceName": "Kms",
            "apiVersion": "2016-01-20", "acsRegion": "r", "sourceIpAddress": "127.0.0.1", "userAgent": "sdk",
            "requestId": "r-1",
            "userIdentity": {
                "type": "ram-user", "principalId": "2", "accountId": "1", "accessKeyId": "LTAI", "userName": "alice"
            },
            "requestParameters": {"KeyId": "alias/a"},
            "errorCode": "Forbidden.NoPermission",
            "errorMessage": "This operation is forbidden by permission system.",
            "referencedResources": {"ACS::KMS::Key": ["acs:kms:r:1:key/k"], "ACS::KMS::Alias": ["acs:kms:r:1:alias/a"]},
            "additionalEventData": {"authorization": "ImplicitDeny"}
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn resources_are_told_by_type() {
        assert_eq!(resource_type("acs:kms:r:1:alias/a"), Some("ACS::KMS::Alias"));
        assert_eq!(resource_type("acs:ram:*:1:role/r"), Some("ACS::RAM::Role"));
        assert_eq!(resource_type("acs:kms:r:1:key"), None);
        assert_eq!(resource_type("*"), None);
    }
}
