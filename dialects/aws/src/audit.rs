//! The audit trail in the shape of CloudTrail.
//!
//! Follows "CloudTrail record contents", event version 1.11, and "Logging AWS KMS API calls with AWS CloudTrail".
//!
//! # Invariants
//! - No plaintext, ciphertext, key material or secret is in a record.
//! - What the evaluator found is in `additionalEventData`, and nowhere else: it names the policies of other people.

use std::borrow::Cow;

use polykms_core::denial::Ruling;
use polykms_core::engine::{Event, Located, Principal};
use polykms_core::key::{EncryptionContext, Loaded};
use polykms_core::operation::{Asked, Role};
use polykms_core::policy::Verdict;
use polykms_core::port::Time;
use polykms_core::tag::Tags;
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::{context, errors, resource};

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
    request_parameters: Parameters<'a>,
    response_elements: (),
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

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Parameters<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_context: Option<&'a EncryptionContext>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_encryption_context: Option<&'a EncryptionContext>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_encryption_context: Option<&'a EncryptionContext>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_algorithm: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_spec: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_usage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a Tags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag_keys: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_window_in_days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bypass_policy_lockout_safety_check: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_session_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<&'a str>,
}

#[derive(Serialize)]
struct Additional<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    decisions: &'a [Ruling],
}

impl Additional<'_> {
    fn is_empty(&self) -> bool {
        let Self { verdict, decisions } = self;
        verdict.is_none() && decisions.is_empty()
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
/// One event as one line of JSON.
pub(crate) fn line(event: &Event<'_>, line: &mut Vec<u8>) {
    // A record holds texts, numbers and maps with text keys: writing it cannot fail.
    if serde_json::to_writer(&mut *line, &record(event)).is_err() {
        line.clear();
    }
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
        located,
        asked,
        verdict,
        rulings,
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
        request_parameters: parameters(located, *asked, &caller.account),
        response_elements: (),
        additional_event_data: Additional {
            verdict: verdict.filter(|verdict| *verdict != Verdict::Allow),
            decisions: rulings,
        },
        request_id,
        event_id,
        read_only: reads_only(row.wire()),
        resources: located.iter().filter_map(named_resource).collect(),
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

fn parameters<'a>(located: &'a [Located], asked: Asked<'a>, account: &str) -> Parameters<'a> {
    let Asked {
        encryption_context,
        destination_context,
        encrypts,
        tags,
        tag_keys,
        key,
        pending_window_days,
        bypass_lockout_check,
        policy,
        external_id: _,
        session_name,
        source_identity,
    } = asked;
    let given = |context: Option<&'a EncryptionContext>| context.filter(|context| !context.is_empty());
    let playing = |role| located.iter().find(|one| one.role == role).filter(|one| !one.by_ciphertext).map(name);
    let (encryption_context, source_encryption_context) = match destination_context {
        Some(_) => (None, given(encryption_context)),
        None => (given(encryption_context), None),
    };
    let alias_name = located.iter().find(|one| one.role == Role::Alias).map(name);
    let (destination_key_id, target_key_id) = match alias_name {
        Some(_) => (None, playing(Role::Destination)),
        None => (playing(Role::Destination), None),
    };
    Parameters {
        key_id: located
            .iter()
            .find(|one| one.role == Role::Subject && is_key(one))
            .and_then(|one| (!one.by_ciphertext).then(|| name(one))),
        source_key_id: playing(Role::Source),
        destination_key_id,
        alias_name,
        target_key_id,
        encryption_context,
        source_encryption_context,
        destination_encryption_context: given(destination_context),
        encryption_algorithm: encrypts.then_some(context::SYMMETRIC_DEFAULT),
        key_spec: key.map(|key| context::spec_word(key.spec())),
        key_usage: key.map(|key| context::usage_word(key.usage())),
        origin: key.map(|key| context::origin_word(key.origin())),
        tags: tags.filter(|tags| !tags.is_empty()),
        tag_keys: tag_keys.filter(|names| tags.is_none() && !names.is_empty()),
        pending_window_in_days: pending_window_days,
        bypass_policy_lockout_safety_check: bypass_lockout_check,
        policy_arn: policy.map(|policy| resource::policy_of(policy, account)),
        role_session_name: session_name,
        source_identity,
    }
}

/// What the arguments called it: the alias, where one was used.
fn name(located: &Located) -> &str {
    located.alias.as_deref().unwrap_or(&located.arn)
}

/// Whether it is a key, or a name that only a key can have.
fn is_key(located: &Located) -> bool {
    located.as_a::<Loaded>().is_some() || resource::is_key(&located.arn)
}

fn named_resource(located: &Located) -> Option<Named<'_>> {
    let named = |r#type| Resource { account_id: &located.account, r#type, arn: &located.arn };
    match located.as_a::<Loaded>() {
        Some(key) => Some(Named::Key(key.recorded.get_or_init(|| rendered(&named(KEY))))),
        None if resource::is_key(&located.arn) => Some(Named::Other(named(KEY))),
        None if resource::is_alias(&located.arn) => Some(Named::Other(named("AWS::KMS::Alias"))),
        None => None,
    }
}

/// Whether an operation changes nothing that is kept.
fn reads_only(operation: &str) -> bool {
    const CRYPTOGRAPHY: [&str; 4] = ["Decrypt", "Encrypt", "ReEncrypt", "Verify"];
    const READING: [&str; 6] = ["Describe", "Generate", "Get", "List", "Simulate", "BatchGet"];
    CRYPTOGRAPHY.contains(&operation) || READING.iter().any(|verb| operation.starts_with(verb))
}
