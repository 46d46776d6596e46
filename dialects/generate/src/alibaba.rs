//! Reads the models of Alibaba Cloud: what SDKs, metadata and documents of its OpenAPI say, in the short form of `vendor/`.

use serde_json::Value;

use crate::model::{Field, Form, Service, Shape};

/// Parameters of the protocol, which no operation reads, and what every answer has.
const PROTOCOL: [&str; 2] = ["RegionId", "RequestId"];

/// Reads a model.
pub(crate) fn read(name: &str, text: &str) -> Result<Service, String> {
    let model: Value = serde_json::from_str(text).map_err(|error| format!("{name}: {error}"))?;
    let mut service = Service { name: name.to_owned(), ..Service::default() };
    let operations = model.get("operations").and_then(Value::as_object).into_iter().flatten();
    for (operation, parts) in operations {
        let request = message(&mut service, parts.get("request"), format!("{operation}Request"))?;
        let answer = message(&mut service, parts.get("response"), format!("{operation}Response"))?;
        service.operations.insert(operation.clone(), [request, answer]);
    }
    Ok(service)
}

fn message(service: &mut Service, fields: Option<&Value>, name: String) -> Result<Option<String>, String> {
    let mut shape = structure(service, fields, &name)?;
    shape.fields.retain(|field| !PROTOCOL.contains(&field.name.as_str()));
    if shape.fields.is_empty() {
        return Ok(None);
    }
    service.shapes.insert(name.clone(), shape);
    Ok(Some(name))
}

fn structure(service: &mut Service, fields: Option<&Value>, name: &str) -> Result<Shape, String> {
    let mut shape = Shape::default();
    for field in fields.and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| field.get(key).and_then(Value::as_str);
        let own = text("name").ok_or(format!("a member of {name} has no name"))?;
        let form = form(service, field, text("type").unwrap_or_default(), &format!("{name}{own}"))?;
        let required = field.get("required").and_then(Value::as_bool).unwrap_or_default();
        shape.fields.push(Field { required, ..Field::new(own, form) });
    }
    Ok(shape)
}

fn form(service: &mut Service, field: &Value, kind: &str, name: &str) -> Result<Form, String> {
    Ok(match kind {
        // Clients send empty parameters for what they were not given.
        "string" | "string(json)" => {
            Form::Text { min: Some(1), max: None, pattern: None, one_of: Vec::new(), listed: None }
        }
        "integer" => Form::Integer { min: None, max: None },
        "boolean" => Form::Flag,
        "map" | "map<string,any>" => Form::Map { min: None, max: None },
        "list" | "list<string>" => {
            Form::List { of: Box::new(Form::text()), min: None, max: None, joined: false, numbered: false }
        }
        "object" => {
            nested(service, field, name)?;
            Form::Structure(name.to_owned())
        }
        "list<object>" => {
            nested(service, field, name)?;
            Form::List {
                of: Box::new(Form::Structure(name.to_owned())),
                min: None,
                max: None,
                joined: false,
                numbered: false,
            }
        }
        other => return Err(format!("{name}: unknown type `{other}`")),
    })
}

fn nested(service: &mut Service, field: &Value, name: &str) -> Result<(), String> {
    let shape = structure(service, field.get("fields"), name)?;
    service.shapes.insert(name.to_owned(), shape);
    Ok(())
}
