//! Reads the models of AWS: the service models of the official SDKs, in the short form of `vendor/`.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::model::{Field, Form, Service, Shape};

#[derive(Deserialize)]
struct Model {
    metadata: Metadata,
    operations: Ordered<Operation>,
    structures: Ordered<Ordered<Value>>,
}

#[derive(Deserialize)]
struct Metadata {
    protocol: String,
}

#[derive(Deserialize)]
struct Operation {
    input: Option<Ordered<Value>>,
    output: Option<Ordered<Value>>,
}

#[derive(Deserialize)]
struct Value {
    #[serde(rename = "type")]
    kind: String,
    min: Option<f64>,
    max: Option<f64>,
    pattern: Option<String>,
    #[serde(default, rename = "enum")]
    one_of: Vec<String>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    sensitive: bool,
    of: Option<Box<Value>>,
    shape: Option<String>,
}

/// The members of an object, in their order.
struct Ordered<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Ordered<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Ordered(members))
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// Reads a model.
pub(crate) fn read(name: &str, text: &str) -> Result<Service, String> {
    let Model { metadata, operations, structures } =
        serde_json::from_str(text).map_err(|error| format!("{name}: {error}"))?;
    let mut service = Service { name: name.to_owned(), ..Service::default() };
    for (shape, members) in structures.0 {
        service.shapes.insert(shape, structure(members)?);
    }
    for (operation, Operation { input, output }) in operations.0 {
        // Messages are named after their operation, whatever the model calls them: some models share them.
        let request = message(&mut service, input, format!("{operation}Request"))?;
        let answer = message(&mut service, output, format!("{operation}Response"))?;
        service.operations.insert(operation, [request, answer]);
    }
    if metadata.protocol == "query" {
        sort_answers(&mut service);
    }
    Ok(service)
}

/// Puts the members of what stands in answers alone in the order of their names: that of XML means nothing.
fn sort_answers(service: &mut Service) {
    for name in service.answers() {
        if let Some(shape) = service.shapes.get_mut(&name) {
            shape.fields.sort_by(|one, other| one.name.cmp(&other.name));
        }
    }
}

fn message(service: &mut Service, members: Option<Ordered<Value>>, name: String) -> Result<Option<String>, String> {
    let Some(members) = members.filter(|members| !members.0.is_empty()) else { return Ok(None) };
    service.shapes.insert(name.clone(), structure(members)?);
    Ok(Some(name))
}

fn structure(members: Ordered<Value>) -> Result<Shape, String> {
    let field = |(name, value): (String, Value)| {
        let (required, sensitive) = (value.required, value.sensitive);
        Ok(Field { required, sensitive, ..Field::new(&name, form(value)?) })
    };
    Ok(Shape { fields: members.0.into_iter().map(field).collect::<Result<_, String>>()?, narrows: None })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "limits of the models are whole and fit")]
fn form(value: Value) -> Result<Form, String> {
    let Value { kind, min, max, pattern, one_of, required: _, sensitive: _, of, shape } = value;
    let length = |number: Option<f64>| number.map(|number| number as u64);
    let whole = |number: Option<f64>| number.map(|number| number as i64);
    Ok(match kind.as_str() {
        "string" => Form::Text { min: length(min), max: length(max), pattern, one_of, listed: None },
        "blob" => Form::Blob { min: length(min), max: length(max) },
        "integer" | "long" => Form::Integer { min: whole(min), max: whole(max) },
        "boolean" => Form::Flag,
        "timestamp" => Form::Time,
        "list" => {
            let of = form(*of.ok_or("a list of nothing")?)?;
            Form::List { of: Box::new(of), min: length(min), max: length(max), joined: false, numbered: false }
        }
        "map" => Form::Map { min: length(min), max: length(max) },
        "structure" => Form::Structure(shape.ok_or("a structure without a name")?),
        other => return Err(format!("unknown type `{other}`")),
    })
}
