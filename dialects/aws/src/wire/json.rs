//! The JSON protocol, version 1.1: typed arguments in, one object out.
//!
//! Follows "AWS JSON 1.1 protocol" of Smithy. Every type here refuses what is no value of its kind in words like those of AWS;
//! texts are borrowed from the body where they can be.
//!
//! # Invariants
//! - No member may stand twice in an object, and no object may be written as a list.
//! - Values of the request are never repeated by an error of this file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use polykms_core::dialect::Payload;
use polykms_core::error::{Error, Kind, Result};
use polykms_core::key::EncryptionContext;
use polykms_core::port::Time;
use polykms_core::secret::Plaintext;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

/// The output of an operation that has none.
pub(crate) const NOTHING: Payload = Payload::Json(Bytes::new());

/// Reads the arguments; an empty body has none.
///
/// # Errors
/// [`Kind::Unreadable`] for anything that is not an object with members of these types.
pub(crate) fn decode<'a, T: Deserialize<'a>>(arguments: &'a Payload) -> Result<T> {
    let Payload::Json(body) = arguments else {
        return Err(Kind::Internal.because("the arguments are not JSON"));
    };
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    match serde_json::from_slice::<Object<T>>(body) {
        Ok(Object(arguments)) => Ok(arguments),
        Err(error) if error.is_data() => Err(Kind::Unreadable.verbatim(without_place(&error))),
        Err(_) => Err(Error::from(Kind::Unreadable)),
    }
}

/// Writes an output; `room` is about how many bytes it will take.
///
/// # Errors
/// [`Kind::Internal`] when it cannot be written.
pub(crate) fn encode<T: Serialize>(output: &T, room: usize) -> Result<Payload> {
    let mut body = Vec::with_capacity(room);
    match serde_json::to_writer(&mut body, output) {
        Ok(()) => Ok(Payload::Json(Bytes::from(body))),
        Err(_) => Err(Kind::Internal.because("an output cannot be written")),
    }
}

fn without_place(error: &serde_json::Error) -> String {
    let whole = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    whole.strip_suffix(place.as_str()).unwrap_or(&whole).to_owned()
}

/// The words for a value of the wrong kind, for all kinds but those a visitor takes.
macro_rules! refuse {
    ($what:literal: $($kind:ident)*) => { $(refuse!(@$kind $what);)* };
    (@bool $what:literal) => {
        fn visit_bool<E: de::Error>(self, value: bool) -> std::result::Result<Self::Value, E> {
            let token = if value { "TRUE_VALUE" } else { "FALSE_VALUE" };
            Err(E::custom(format_args!("{token} can not be converted to {}", $what)))
        }
    };
    (@number $what:literal) => {
        fn visit_i64<E: de::Error>(self, _: i64) -> std::result::Result<Self::Value, E> {
            Err(E::custom(concat!("NUMBER_VALUE can not be converted to ", $what)))
        }

        fn visit_u64<E: de::Error>(self, _: u64) -> std::result::Result<Self::Value, E> {
            Err(E::custom(concat!("NUMBER_VALUE can not be converted to ", $what)))
        }

        fn visit_f64<E: de::Error>(self, _: f64) -> std::result::Result<Self::Value, E> {
            Err(E::custom(concat!("NUMBER_VALUE can not be converted to ", $what)))
        }
    };
    (@string $what:literal) => {
        fn visit_str<E: de::Error>(self, _: &str) -> std::result::Result<Self::Value, E> {
            Err(E::custom(concat!("STRING_VALUE can not be converted to ", $what)))
        }
    };
    (@null $what:literal) => {
        fn visit_unit<E: de::Error>(self) -> std::result::Result<Self::Value, E> {
            Err(E::custom(concat!("NULL_VALUE can not be converted to ", $what)))
        }
    };
    (@list $what:literal) => {
        fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> std::result::Result<Self::Value, A::Error> {
            Err(de::Error::custom("Start of list found where not expected"))
        }
    };
    (@object $what:literal) => {
        fn visit_map<A: MapAccess<'de>>(self, _: A) -> std::result::Result<Self::Value, A::Error> {
            Err(de::Error::custom("Start of structure or map found where not expected."))
        }
    };
}

/// An object with named members.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> std::result::Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members)).map(Object)
            }

            refuse!("an Object": bool number string null list);
        }

        deserializer.deserialize_any(Members(PhantomData))
    }
}

/// A list.
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Items<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(List(items))
            }

            refuse!("a List": bool number string null object);
        }

        deserializer.deserialize_any(Items(PhantomData))
    }
}

/// A text, borrowed from the body unless it holds escapes.
pub(crate) struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Characters;

        impl<'de> Visitor<'de> for Characters {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> std::result::Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }

            fn visit_str<E>(self, text: &str) -> std::result::Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }

            refuse!("a String": bool number null list object);
        }

        deserializer.deserialize_any(Characters).map(Text)
    }
}

/// The text of an optional member.
pub(crate) fn text<'t>(member: &'t Option<Text<'_>>) -> Option<&'t str> {
    member.as_ref().map(Text::as_str)
}

/// A whole number; a fraction is cut off.
#[derive(Clone, Copy)]
pub(crate) struct Number(pub(crate) i64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Digits;

        impl<'de> Visitor<'de> for Digits {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_i64<E>(self, number: i64) -> std::result::Result<Self::Value, E> {
                Ok(Number(number))
            }

            fn visit_u64<E>(self, number: u64) -> std::result::Result<Self::Value, E> {
                Ok(Number(i64::try_from(number).unwrap_or(i64::MAX)))
            }

            #[expect(
                clippy::cast_possible_truncation,
                reason = "the cast cuts off and saturates, which is what is wanted"
            )]
            fn visit_f64<E>(self, number: f64) -> std::result::Result<Self::Value, E> {
                Ok(Number(number as i64))
            }

            refuse!("an Integer": bool string null list object);
        }

        deserializer.deserialize_any(Digits)
    }
}

/// The number of an optional member.
pub(crate) fn number(member: Option<Number>) -> Option<i64> {
    member.map(|Number(number)| number)
}

/// True or false.
#[derive(Clone, Copy)]
pub(crate) struct Flag(pub(crate) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Truth;

        impl<'de> Visitor<'de> for Truth {
            type Value = Flag;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a boolean")
            }

            fn visit_bool<E>(self, flag: bool) -> std::result::Result<Self::Value, E> {
                Ok(Flag(flag))
            }

            refuse!("a Boolean": number string null list object);
        }

        deserializer.deserialize_any(Truth)
    }
}

/// Whether an optional member is there and true.
pub(crate) fn flag(member: Option<Flag>) -> bool {
    member.is_some_and(|Flag(flag)| flag)
}

/// Bytes in base64 (RFC 4648, section 4, padded).
pub(crate) struct Blob(pub(crate) Vec<u8>);

/// Bytes in base64 that nobody but the caller may see.
pub(crate) struct SecretBlob(pub(crate) Plaintext);

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(InBase64).map(Blob)
    }
}

impl<'de> Deserialize<'de> for SecretBlob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(InBase64).map(|bytes| SecretBlob(Plaintext::new(bytes)))
    }
}

struct InBase64;

impl<'de> Visitor<'de> for InBase64 {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("base64")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Self::Value, E> {
        STANDARD.decode(text).map_err(|_| E::custom("Invalid base64"))
    }

    refuse!("a Blob": bool number null list object);
}

/// Bytes of all names and values of an encryption context; the audit trail repeats them.
const LONGEST_CONTEXT: usize = 8192;

/// An encryption context: names and values, each name once. Whole numbers and booleans count as their text.
#[derive(Default)]
pub(crate) struct Context(pub(crate) EncryptionContext);

impl<'de> Deserialize<'de> for Context {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Context;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> std::result::Result<Self::Value, A::Error> {
                let (mut context, mut length) = (BTreeMap::new(), 0_usize);
                while let Some((name, Plain(value))) = pairs.next_entry::<String, Plain>()? {
                    length = length.saturating_add(name.len()).saturating_add(value.len());
                    if length > LONGEST_CONTEXT {
                        return Err(de::Error::custom("the encryption context is too long"));
                    }
                    if context.insert(name, value).is_some() {
                        return Err(de::Error::custom("duplicate key in a map"));
                    }
                }
                Ok(Context(context))
            }

            refuse!("a Map": bool number string null list);
        }

        deserializer.deserialize_any(Pairs)
    }
}

/// The context of an optional member; none is empty.
pub(crate) fn context(member: Option<Context>) -> EncryptionContext {
    member.unwrap_or_default().0
}

/// A value of an encryption context.
struct Plain(String);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Scalar;

        impl<'de> Visitor<'de> for Scalar {
            type Value = Plain;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E>(self, text: &str) -> std::result::Result<Self::Value, E> {
                Ok(Plain(text.to_owned()))
            }

            fn visit_string<E>(self, text: String) -> std::result::Result<Self::Value, E> {
                Ok(Plain(text))
            }

            fn visit_i64<E>(self, number: i64) -> std::result::Result<Self::Value, E> {
                Ok(Plain(number.to_string()))
            }

            fn visit_u64<E>(self, number: u64) -> std::result::Result<Self::Value, E> {
                Ok(Plain(number.to_string()))
            }

            fn visit_bool<E>(self, flag: bool) -> std::result::Result<Self::Value, E> {
                Ok(Plain(flag.to_string()))
            }

            // A fraction has more than one text: which one was meant cannot be told.
            fn visit_f64<E: de::Error>(self, _: f64) -> std::result::Result<Self::Value, E> {
                Err(E::custom("NUMBER_VALUE can not be converted to a String"))
            }

            refuse!("a String": null list object);
        }

        deserializer.deserialize_any(Scalar)
    }
}

/// Bytes to be written in base64.
pub(crate) struct Base64<'a>(pub(crate) &'a [u8]);

impl Serialize for Base64<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        // What is written may be a plaintext: no copy of it stays behind.
        let mut text = Zeroizing::new(String::with_capacity(self.0.len().div_ceil(3) * 4));
        STANDARD.encode_string(self.0, &mut text);
        serializer.serialize_str(&text)
    }
}

/// An instant to be written as seconds since 1970, with milliseconds.
pub(crate) struct Epoch(pub(crate) Time);

impl Serialize for Epoch {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of every year that can be written fit into 53 bits")]
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0.as_millisecond() as f64 / 1000.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Arguments<'a> {
        #[serde(borrow)]
        key_id: Option<Text<'a>>,
        limit: Option<Number>,
        dry_run: Option<Flag>,
        plaintext: Option<SecretBlob>,
        encryption_context: Option<Context>,
        #[serde(borrow)]
        tags: Option<List<Object<Pair<'a>>>>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Pair<'a> {
        #[serde(borrow)]
        tag_key: Option<Text<'a>>,
    }

    fn json(body: &str) -> Payload {
        Payload::Json(Bytes::copy_from_slice(body.as_bytes()))
    }

    fn refusal(body: &str) -> Option<String> {
        let body = json(body);
        let error = decode::<Arguments<'_>>(&body).err().unwrap_or_else(|| panic!("{body:?} was taken"));
        assert_eq!(error.kind(), Kind::Unreadable);
        error.vendor_message().map(str::to_owned)
    }

    #[test]
    fn members_are_read_and_unknown_ones_ignored() {
        let body = json(
            r#"{"KeyId":"k\u0065y","Limit":7.9,"DryRun":true,"Plaintext":"aGk=","Other":[{"x":1}],
                "EncryptionContext":{"b":"2","a":1,"c":true},"Tags":[{"TagKey":"t"}]}"#,
        );
        let Arguments { key_id, limit, dry_run, plaintext, encryption_context, tags } = decode(&body).unwrap();
        assert_eq!(text(&key_id), Some("key"));
        assert_eq!(number(limit), Some(7));
        assert!(flag(dry_run));
        assert_eq!(plaintext.unwrap().0.expose(), b"hi");
        let pairs: Vec<_> = context(encryption_context).into_iter().collect();
        assert_eq!(pairs, [("a", "1"), ("b", "2"), ("c", "true")].map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(text(&tags.unwrap().0[0].0.tag_key), Some("t"));
    }

    #[test]
    fn null_and_an_empty_body_are_no_arguments() {
        for body in ["", "{}", r#"{"KeyId":null,"Limit":null,"EncryptionContext":null,"Tags":null}"#] {
            let body = json(body);
            let Arguments { key_id, limit, dry_run, plaintext, encryption_context, tags } = decode(&body).unwrap();
            assert!(key_id.is_none() && limit.is_none() && !flag(dry_run) && plaintext.is_none());
            assert!(context(encryption_context).is_empty() && tags.is_none());
        }
    }

    #[test]
    fn an_encryption_context_is_bounded() {
        let of = |length: usize| format!(r#"{{"EncryptionContext":{{"a":"{}"}}}}"#, "x".repeat(length));
        assert!(decode::<Arguments<'_>>(&json(&of(LONGEST_CONTEXT - 1))).is_ok());
        assert_eq!(refusal(&of(LONGEST_CONTEXT)).as_deref(), Some("the encryption context is too long"));
    }

    #[test]
    fn what_is_no_json_is_refused_without_words() {
        for body in ["{", "{}}", "{\"KeyId\":\"\\ud800\"}", "nul", "{\"KeyId\":'a'}", "{\"a\":1,}"] {
            assert_eq!(refusal(body), None, "{body}");
        }
        assert!(decode::<Arguments<'_>>(&Payload::Json(Bytes::from_static(b"{\"KeyId\":\"\xff\"}"))).is_err());
    }

    #[test]
    fn values_of_the_wrong_kind_are_refused_without_being_repeated() {
        for (body, words) in [
            (r#"{"KeyId":5}"#, "NUMBER_VALUE can not be converted to a String"),
            (r#"{"KeyId":true}"#, "TRUE_VALUE can not be converted to a String"),
            (r#"{"KeyId":["secret"]}"#, "Start of list found where not expected"),
            (r#"{"KeyId":{}}"#, "Start of structure or map found where not expected."),
            (r#"{"Limit":"secret"}"#, "STRING_VALUE can not be converted to an Integer"),
            (r#"{"DryRun":"true"}"#, "STRING_VALUE can not be converted to a Boolean"),
            (r#"{"Plaintext":"secret!"}"#, "Invalid base64"),
            (r#"{"Plaintext":"aGk"}"#, "Invalid base64"),
            (r#"{"EncryptionContext":{"a":null}}"#, "NULL_VALUE can not be converted to a String"),
            (r#"{"EncryptionContext":{"a":1.5}}"#, "NUMBER_VALUE can not be converted to a String"),
            (r#"{"EncryptionContext":["a"]}"#, "Start of list found where not expected"),
            (r#"{"Tags":"secret"}"#, "STRING_VALUE can not be converted to a List"),
            (r#"{"Tags":[["secret"]]}"#, "Start of list found where not expected"),
            (r#"{"Tags":[null]}"#, "NULL_VALUE can not be converted to an Object"),
            (r#"["secret"]"#, "Start of list found where not expected"),
            (r#""secret""#, "STRING_VALUE can not be converted to an Object"),
            ("null", "NULL_VALUE can not be converted to an Object"),
        ] {
            assert_eq!(refusal(body).as_deref(), Some(words), "{body}");
        }
    }

    #[test]
    fn nothing_may_stand_twice() {
        for body in [
            r#"{"KeyId":"a","KeyId":"a"}"#,
            r#"{"EncryptionContext":{"a":"1","a":"1"}}"#,
            r#"{"EncryptionContext":{"a":"1","\u0061":"2"}}"#,
            r#"{"Tags":[{"TagKey":"a","TagKey":"b"}]}"#,
        ] {
            assert!(refusal(body).unwrap().starts_with("duplicate"), "{body}");
        }
    }

    #[test]
    fn unknown_members_of_any_depth_cost_no_stack() {
        let deep = json(&format!("{{\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000)));
        assert!(decode::<Arguments<'_>>(&deep).is_ok());
    }

    #[test]
    fn instants_are_seconds_with_milliseconds() {
        let written = |text: &str| serde_json::to_string(&Epoch(text.parse().unwrap())).unwrap();
        assert_eq!(written("2024-01-02T03:04:05.678912Z"), "1704164645.678");
        assert_eq!(written("2024-01-02T03:04:05Z"), "1704164645.0");
    }

    #[test]
    fn bytes_are_written_in_padded_base64() {
        assert_eq!(serde_json::to_string(&Base64(b"\xfb\xff\xfe\x00")).unwrap(), "\"+//+AA==\"");
    }
}
