//! The audit trail in the shape of CloudTrail.
//!
//! Follows "CloudTrail record contents", event version 1.11, and "Logging AWS KMS API calls with AWS CloudTrail".
//!
//! # Invariants
//! - No plaintext, ciphertext, key material or secret is in a record: parameters and elements are told by their messages.
//! - What the evaluator found is in `additionalEventData`, and nowhere else: it names the policies of other people.

use std::borrow::Cow;
use std::sync::Arc;

use polykms_core::denial::Ruling;
use polykms_core::dialect::message::Structure;
use polykms_core::dialect::message::trail::{Names, Told};
use polykms_core::dialect::trail::{self, Places, Trail};
use polykms_core::engine::{Circumstances, Event, Located, Principal};
use polykms_core::key::Loaded;
use polykms_core::policy::Verdict;
use polykms_core::port::Time;
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::{errors, resource};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    event_version: &'static str,
    user_identity: &'a RawValue,
    event_time: Moment,
    event_source: Cow<'static, str>,
    event_name: &'a str,
    aws_region: &'a str,
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: &'a str,
    user_agent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<Cow<'a, str>>,
    response_elements: Option<Told<'a>>,
    #[serde(skip_serializing_if = "Additional::is_empty")]
    additional_event_data: Additional<'a>,
    #[serde(rename = "requestID")]
    request_id: &'a str,
    #[serde(rename = "eventID")]
    event_id: &'a str,
    read_only: bool,
    resources: Vec<Named<'a>>,
    event_type: &'static str,
    management_event: bool,
    recipient_account_id: &'a str,
    event_category: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserIdentity<'a> {
    r#type: &'static str,
    principal_id: String,
    arn: &'a str,
    account_id: &'a str,
    access_key_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_context: Option<SessionContext<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionContext<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    session_issuer: Option<SessionIssuer<'a>>,
    attributes: Attributes,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionIssuer<'a> {
    r#type: &'static str,
    principal_id: &'a str,
    arn: String,
    account_id: &'a str,
    user_name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    creation_date: Moment,
    mfa_authenticated: &'static str,
}

#[derive(Serialize)]
struct Additional<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    decisions: &'a [Ruling],
    /// The circumstances that the request was taken to come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    simulated: Option<&'a Circumstances>,
}

impl Additional<'_> {
    fn is_empty(&self) -> bool {
        let Self { verdict, decisions, simulated } = self;
        verdict.is_none() && decisions.is_empty() && simulated.is_none()
    }
}

/// A resource: of a key its rendered form, which is the same in all records.
#[derive(Serialize)]
#[serde(untagged)]
enum Named<'a> {
    Key(&'a RawValue),
    Other(Resource<'a>),
}

#[derive(Serialize)]
struct Resource<'a> {
    #[serde(rename = "accountId")]
    account_id: &'a str,
    r#type: &'static str,
    #[serde(rename = "ARN")]
    arn: &'a str,
}

struct Moment(Time);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.0}", self.0))
    }
}

/// The type of a key.
const KEY: &str = "AWS::KMS::Key";

/// How events are told.
pub(crate) static TRAIL: Trail = Trail {
    parameters,
    line,
    error: |error, service| {
        let words = errors::words(error, service);
        [words.code.to_owned(), words.message.into_owned()]
    },
    places: Places {
        event: "/eventID",
        request: "/requestID",
        time: "/eventTime",
        service: "/eventSource",
        operation: "/eventName",
        address: "/sourceIPAddress",
        principal: Some("/userIdentity/arn"),
        caller: ["/userIdentity/type", "/userIdentity/userName", "/userIdentity/accountId"],
        access_key: "/userIdentity/accessKeyId",
        code: "/errorCode",
        message: "/errorMessage",
        verdict: "/additionalEventData/verdict",
        decisions: "/additionalEventData/decisions",
        resources: ("/resources", Some("ARN")),
    },
};

/// The members of a request, or `null`.
fn parameters(asked: &dyn Structure, text: &mut Vec<u8>) {
    let told = Told(asked, Names::Camel);
    let written = if told.is_empty() { None } else { Some(told) };
    // Texts, numbers and maps with text keys: writing them cannot fail.
    if serde_json::to_writer(&mut *text, &written).is_err() {
        text.clear();
    }
}

/// One event as one line of JSON.
fn line(event: &Event<'_>, line: &mut Vec<u8>) {
    trail::write(&record(event), event.parameters, "null", line);
}

fn record<'a>(event: &'a Event<'a>) -> Record<'a> {
    let Event {
        request_id,
        event_id,
        at,
        caller,
        named: _,
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
    let words = error.map(|error| errors::words(error, service.name));
    Record {
        event_version: "1.11",
        user_identity: event.named.recorded.get_or_init(|| rendered(&user_identity(event))),
        event_time: Moment(*at),
        event_source: source(service.name),
        event_name: row.wire(),
        aws_region: region,
        source_ip_address: connection.peer.as_str(),
        user_agent: &connection.user_agent,
        error_code: words.as_ref().map(|words| words.code),
        error_message: words.map(|words| words.message).filter(|message| !message.is_empty()),
        response_elements: elements.map(|answer| Told(answer, Names::Camel)).filter(|told| !told.is_empty()),
        additional_event_data: Additional {
            verdict: verdict.filter(|verdict| *verdict != Verdict::Allow),
            decisions: rulings,
            simulated: connection.simulated.as_ref().map(|simulated| &simulated.circumstances),
        },
        request_id,
        event_id,
        read_only: !effect.is_change(),
        resources: resources(located, made, &caller.account),
        event_type: "AwsApiCall",
        management_event: true,
        recipient_account_id: &caller.account,
        event_category: "Management",
    }
}

fn source(service: &str) -> Cow<'static, str> {
    match service {
        "kms" => "kms.amazonaws.com".into(),
        "sts" => "sts.amazonaws.com".into(),
        service => format!("{service}.amazonaws.com").into(),
    }
}

/// A part of a record that is the same in all of them; texts, numbers and maps cannot fail to be written.
fn rendered(part: &impl Serialize) -> Box<RawValue> {
    to_raw_value(part).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

fn user_identity<'a>(event: &'a Event<'a>) -> UserIdentity<'a> {
    let caller = event.caller;
    let (r#type, user_name) = match &caller.principal {
        Principal::Owner => ("Root", None),
        Principal::User { name, .. } => ("IAMUser", Some(name.as_str())),
        Principal::RoleSession { .. } => ("AssumedRole", None),
    };
    UserIdentity {
        r#type,
        principal_id: resource::principal_id(caller),
        arn: &event.named.arn,
        account_id: &caller.account,
        access_key_id: &caller.access_key_id,
        user_name,
        session_context: caller.session.as_ref().map(|session| SessionContext {
            session_issuer: match &caller.principal {
                Principal::RoleSession { id, name, .. } => Some(SessionIssuer {
                    r#type: "Role",
                    principal_id: id,
                    arn: resource::principal_arn(caller),
                    account_id: &caller.account,
                    user_name: name,
                }),
                Principal::Owner | Principal::User { .. } => None,
            },
            attributes: Attributes { creation_date: Moment(session.terms.issued_at), mfa_authenticated: "false" },
            source_identity: session.terms.source_identity.as_deref(),
        }),
    }
}

/// The resources that were found or made, each once.
fn resources<'a>(located: &'a [Located], made: &'a [Arc<str>], account: &'a str) -> Vec<Named<'a>> {
    let mut named: Vec<_> = located.iter().filter_map(found).collect();
    for arn in made.iter().filter(|arn| located.iter().all(|located| located.arn != **arn)) {
        named.extend(kind(arn).map(|r#type| Named::Other(Resource { account_id: account, r#type, arn })));
    }
    named
}

fn found(located: &Located) -> Option<Named<'_>> {
    let named = |r#type| Resource { account_id: &located.account, r#type, arn: &located.arn };
    match located.as_a::<Loaded>() {
        Some(key) => Some(Named::Key(key.recorded.get_or_init(|| rendered(&named(KEY))))),
        None => kind(&located.arn).map(|r#type| Named::Other(named(r#type))),
    }
}

/// What kind of resource a full name is of; none, for a name of the account or of what has no type.
fn kind(arn: &str) -> Option<&'static str> {
    const TYPES: [(&str, &str, &str); 6] = [
        ("kms", "key/", KEY),
        ("kms", "alias/", "AWS::KMS::Alias"),
        ("iam", "user/", "AWS::IAM::User"),
        ("iam", "group/", "AWS::IAM::Group"),
        ("iam", "role/", "AWS::IAM::Role"),
        ("iam", "policy/", "AWS::IAM::ManagedPolicy"),
    ];
    let mut segments = arn.splitn(6, ':').skip(2);
    let (service, relative) = (segments.next()?, segments.nth(2)?);
    TYPES.iter().find(|(known, prefix, _)| *known == service && relative.starts_with(prefix)).map(|(_, _, name)| *name)
}
