//! What AWS wants of the texts in a document that is written, and in which order it tells what it finds.
//!
//! Follows the IAM User Guide ("IAM JSON policy elements", "IAM identifiers"), the KMS Developer Guide ("AWS KMS
//! condition keys") and answers of AWS to documents with one fault and with several, which a test holds it against.
//!
//! # Invariants
//! - Only documents that are written are held against these rules; what is kept is read as it is.

use polykms_core::policy::{ActionFlaw, Element, Fault, Forms, NameFlaw, NameSyntax, RefusalCode};

use crate::resource::is_account;

/// What texts have to be.
pub(super) const FORMS: Forms = Forms { action, resource, account: is_account, principal, instant, stage };

/// Condition keys that the policy of a key may not have: they are properties of the key, which it could change.
pub(super) const BARRED_FROM_KEYS: &[&str] =
    &["aws:resourcetag", "aws:resourcetag/", "kms:resourcetag", "kms:resourcetag/", "kms:resourcealiases"];

/// The partitions, in any of which a name may be.
const PARTITIONS: &[&str] =
    &["aws", "aws-cn", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-us-gov", "*"];

/// How what is behind the account begins in names of identities. The last one is younger than the text that lists them.
const OF_IDENTITIES: &[&str] = &[
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
    "role-template/",
];

fn stage(code: RefusalCode, fault: Option<Fault>) -> u8 {
    // What is left out is a fault of syntax, beside which nothing else is looked at.
    match (code, fault) {
        (RefusalCode::Version, Some(Fault::Old)) => 1,
        (RefusalCode::Effect, Some(Fault::Case))
        | (RefusalCode::Operand, _)
        | (RefusalCode::Resource, Some(Fault::Name(NameFlaw::Gap))) => 2,
        (RefusalCode::Identifier | RefusalCode::DuplicateIdentifier, _) => 3,
        (RefusalCode::MissingElement, Some(Fault::Element(Element::Principal))) => 4,
        (RefusalCode::MissingElement, Some(Fault::Element(Element::Action | Element::NotAction))) => 5,
        (RefusalCode::MissingElement, Some(Fault::Element(Element::Resource | Element::NotResource))) => 6,
        (RefusalCode::Resource, _) => 7,
        (RefusalCode::Action, Some(_)) => 8,
        (RefusalCode::BarredKey | RefusalCode::OverlyPermissiveCondition, _) => 9,
        (RefusalCode::Principal, Some(_)) => 10,
        _ => 0,
    }
}

fn action(text: &str) -> Option<Fault> {
    if text == "*" {
        return None;
    }
    let Some((service, name)) = text.split_once(':').filter(|(_, name)| !name.is_empty()) else {
        return Some(Fault::Action(ActionFlaw::Unprefixed));
    };
    if name.contains(':') {
        Some(Fault::Action(ActionFlaw::Colons))
    } else if service.contains(['*', '?']) {
        Some(Fault::Action(ActionFlaw::Wildcard))
    } else if service.is_empty() || !service.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)) {
        Some(Fault::Action(ActionFlaw::Service))
    } else {
        None
    }
}

fn resource(names: &NameSyntax, text: &str) -> Option<Fault> {
    let mut segments = text.splitn(names.segments, ':');
    let (scheme, partition) = (segments.next().unwrap_or_default(), segments.next());
    let flaw = match partition {
        None => Some(NameFlaw::Scheme),
        Some(partition) if !PARTITIONS.contains(&partition) => Some(NameFlaw::Partition),
        Some(_) if scheme != names.scheme => Some(NameFlaw::Scheme),
        Some(_) => of_service(&segments.collect::<Vec<_>>()),
    };
    flaw.map(Fault::Name)
}

/// What is wrong with a name behind its partition.
fn of_service(segments: &[&str]) -> Option<NameFlaw> {
    let (service, rest) = segments.split_first().map_or(("*", segments), |(service, rest)| (*service, rest));
    if service.is_empty() || rest.len() < 3 && rest.contains(&"") {
        return Some(NameFlaw::Gap);
    }
    if service.contains(['*', '?']) {
        return Some(NameFlaw::Service);
    }
    let part = |at: usize| rest.get(at).copied().unwrap_or("*");
    let (region, account, last) = (part(0), part(1), part(2));
    match service {
        // A name that ends early is anything that goes on like it.
        _ if rest.is_empty() => None,
        "iam" if !region.is_empty() => Some(NameFlaw::Region),
        "iam" if !["*", "root"].contains(&last) && !OF_IDENTITIES.iter().any(|start| last.starts_with(start)) => {
            Some(NameFlaw::Beginning)
        }
        "s3" if !region.is_empty() && account.is_empty() => Some(NameFlaw::Region),
        _ => None,
    }
}

/// Whether a name is of an identity. The content network has users of its own in the policies of buckets.
fn principal(text: &str) -> bool {
    let segments: Vec<&str> = text.splitn(6, ':').collect();
    match segments.as_slice() {
        [_, partition, "iam" | "sts", "", account, _] => {
            PARTITIONS.contains(partition) && (is_account(account) || *account == "cloudfront")
        }
        _ => false,
    }
}

/// Whether an operator for dates takes the text: seconds since 1970, or a date of ISO 8601 with a time and an offset,
/// each of which may be cut short.
fn instant(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if !lower.contains('t') && !lower.contains('-') {
        return lower.parse::<i64>().is_ok();
    }
    let (date, time) = lower.split_once('t').unwrap_or((&lower, ""));
    is_date(date) && is_time(time)
}

/// The years that the vendor's calendar has.
const YEARS: std::ops::RangeInclusive<i64> = -292_275_054..=292_278_993;

fn is_date(text: &str) -> bool {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let mut parts = digits.split('-');
    let year = parts.next().filter(|year| is_number(year)).and_then(|year| format!("{sign}{year}").parse::<i64>().ok());
    let (month, day) = (parts.next(), parts.next());
    year.is_some_and(|year| YEARS.contains(&year))
        && month.is_none_or(|month| is_within(month, 1, 12))
        && day.is_none_or(|day| is_within(day, 1, 31))
        && parts.next().is_none()
}

fn is_time(text: &str) -> bool {
    let (clock, offset) = match text.find(['z', '+', '-']).and_then(|at| text.split_at_checked(at)) {
        Some((clock, offset)) => (clock, offset),
        None => (text, ""),
    };
    is_clock(clock) && is_offset(offset)
}

fn is_clock(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut parts = whole.split(':');
    let (hour, minute, second) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    (hour.is_empty() && minute.is_none() || is_within(hour, 0, 23))
        && minute.is_none_or(|minute| is_within(minute, 0, 59))
        && second.is_none_or(|second| is_within(second, 0, 59))
        && fraction.is_none_or(|fraction| second.is_some() && fraction.len() < 10 && is_number(fraction))
        && parts.next().is_none()
}

fn is_offset(text: &str) -> bool {
    let Some(offset) = text.strip_prefix(['+', '-']) else { return matches!(text, "" | "z") };
    let (hour, minute) = offset.split_once(':').map_or((offset, None), |(hour, minute)| (hour, Some(minute)));
    let pair = |text: &str, most| text.len() == 2 && is_within(text, 0, most);
    pair(hour, 23) && minute.is_none_or(|minute| pair(minute, 59))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_within(text: &str, least: u32, most: u32) -> bool {
    is_number(text) && text.parse().is_ok_and(|number: u32| (least..=most).contains(&number))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::super::SPEC;
    use super::*;

    fn of_resource(text: &str) -> Option<NameFlaw> {
        match resource(&SPEC.names, text) {
            Some(Fault::Name(flaw)) => Some(flaw),
            None => None,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_of_resources_are_of_a_partition_and_a_service_and_have_no_gap() {
        for (text, flaw) in [
            ("arn:aws:s3:::bucket", None),
            ("arn:*:s3:::bucket", None),
            ("arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/*", None),
            ("arn:aws:s3", None),
            ("arn:aws:kms:*", None),
            ("arn:aws:s3:*:111122223333:accesspoint/a", None),
            ("arn:aws:iam::111122223333:root", None),
            ("arn:aws:iam::*:*", None),
            ("bucket", Some(NameFlaw::Scheme)),
            ("urn:aws:s3:::bucket", Some(NameFlaw::Scheme)),
            ("arn:", Some(NameFlaw::Partition)),
            ("arn:aws-xy:s3:::bucket", Some(NameFlaw::Partition)),
            ("arn:aws*:s3:::bucket", Some(NameFlaw::Partition)),
            ("arn:aws:", Some(NameFlaw::Gap)),
            ("arn:aws:s3:::", None),
            ("arn:aws:s3::a", Some(NameFlaw::Gap)),
            ("arn:aws", Some(NameFlaw::Service)),
            ("arn:aws:*:::bucket", Some(NameFlaw::Service)),
            ("arn:aws:km?:r:111122223333:key/*", Some(NameFlaw::Service)),
            ("arn:aws:s3:eu-west-1::bucket", Some(NameFlaw::Region)),
            ("arn:aws:iam:eu-west-1:111122223333:role/r", Some(NameFlaw::Region)),
            ("arn:aws:iam::111122223333:roles/r", Some(NameFlaw::Beginning)),
            ("arn:aws:iam::111122223333:role", Some(NameFlaw::Beginning)),
        ] {
            assert_eq!(of_resource(text), flaw, "{text}");
        }
    }

    #[test]
    fn an_action_has_one_colon_and_the_name_of_one_service() {
        for (text, flaw) in [
            ("*", None),
            ("kms:*", None),
            ("KMS:Encrypt", None),
            ("iam: any thing", None),
            ("", Some(ActionFlaw::Unprefixed)),
            ("kms:", Some(ActionFlaw::Unprefixed)),
            ("**", Some(ActionFlaw::Unprefixed)),
            ("kms:a:b", Some(ActionFlaw::Colons)),
            ("*:Decrypt", Some(ActionFlaw::Wildcard)),
            ("k?s:Decrypt", Some(ActionFlaw::Wildcard)),
            (":Decrypt", Some(ActionFlaw::Service)),
            ("k ms:Decrypt", Some(ActionFlaw::Service)),
            ("k_s:Decrypt", Some(ActionFlaw::Service)),
        ] {
            assert_eq!(action(text), flaw.map(Fault::Action), "{text}");
        }
    }

    #[test]
    fn principals_have_accounts_of_twelve_digits() {
        for text in ["arn:aws:iam::111122223333:user/a", "arn:aws-cn:sts::111122223333:assumed-role/r/s"] {
            assert!(principal(text), "{text}");
        }
        for text in [
            "arn:aws:iam::1111222233334:user/a",
            "arn:aws:iam::11112222333:role/r",
            "arn:aws:iam:::user/a",
            "arn:aws:iam::11112222333x:user/a",
            "arn:aws:iam:eu-west-1:111122223333:user/a",
            "arn:aws:kms::111122223333:user/a",
            "arn:amazon:iam::111122223333:user/a",
            "arn:aws:iam::111122223333",
        ] {
            assert!(!principal(text), "{text}");
        }
        assert!(is_account("000000000000") && !is_account("00000000000") && !is_account("0000000000000"));
    }

    #[test]
    fn dates_may_be_cut_short_but_not_be_wrong() {
        for text in [
            "0",
            "1700000000",
            "9223372036854775807",
            "2024",
            "2024-02",
            "2024-02-30",
            "2024-02-30T",
            "2024-02-30T5",
            "2024-02-30t05:06Z",
            "2024-02-30T05:06:07.123456789-23:59",
            "-1-12-31",
        ] {
            assert!(instant(text), "{text}");
        }
        for text in [
            "",
            "now",
            "1.5",
            "9223372036854775808",
            "2024-13",
            "2024-00-01",
            "2024-02-32",
            "2024-02-03-04",
            "2024-02-30T24:00",
            "2024-02-30T05:60",
            "2024-02-30T05:06:07+5",
            "2024-02-30T05:06:07+05:6",
            "2024-02-30T05:06:07.1234567890",
            "2024-02-30T05:06:07Zulu",
            "292278994-01",
        ] {
            assert!(!instant(text), "{text}");
        }
    }
}
