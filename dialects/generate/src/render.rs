//! Renders the messages of a service as Rust.

use std::fmt::Write as _;

use crate::model::{Field, Form, Service, Shape};
use crate::overlay::Overlay;

/// The text of the file.
pub(crate) fn render(service: &Service, overlay: &Overlay) -> Result<String, String> {
    let mut body = String::new();
    for (name, shape) in &service.shapes {
        message(&mut body, name, shape, overlay)?;
    }
    let mut text = format!(
        "//! Messages of `{}`, generated from the vendor's model and `vendor/messages/{}.json`; `just generate` writes them anew.\n\n",
        service.name, service.name
    );
    let uses = |wanted: &str| body.contains(wanted);
    if uses("Cow<") {
        text.push_str("use std::borrow::Cow;\n\n");
    }
    let mut names = vec!["Member", "Shape", "message"];
    let optional = [
        ("ANY", "ANY"),
        ("Blob<'a>", "Blob"),
        ("DefaultValue::", "DefaultValue"),
        ("&List::new(", "List"),
        ("&Map {", "Map"),
        ("Pairs<'a>", "Pairs"),
        ("Text::FREE", "Text"),
    ];
    names.extend(optional.into_iter().filter(|(mark, _)| uses(mark)).map(|(_, name)| name));
    names.sort_unstable();
    names.retain(|name| *name != "message");
    writeln!(text, "use polykms_core::dialect::message::{{{}}};", names.join(", ")).map_err(|e| e.to_string())?;
    text.push_str("use polykms_core::message;\n");
    if uses(": Time;") || uses("Vec<Time>") {
        text.push_str("use polykms_core::port::Time;\n");
    }
    if uses("pattern::") {
        text.push_str("\nuse super::pattern;\n");
    }
    Ok(text + &body)
}

fn message(text: &mut String, name: &str, shape: &Shape, overlay: &Overlay) -> Result<(), String> {
    let table = upper(name);
    let mut out = format!("\nmessage! {{\n    /// `{name}`.\n    pub(crate) struct {name} = {table};\n");
    match &shape.narrows {
        Some(whole) => writeln!(out, "    of {whole};").map_err(|e| e.to_string())?,
        None => fields(&mut out, shape)?,
    }
    writeln!(out, "}}\n\nconst {table}: &[Member] = &[").map_err(|e| e.to_string())?;
    for field in &shape.fields {
        writeln!(out, "    {},", member(field, overlay).map_err(|why| format!("{name}.{}: {why}", field.name))?)
            .map_err(|e| e.to_string())?;
    }
    out.push_str("];\n");
    text.push_str(&out);
    Ok(())
}

fn fields(out: &mut String, shape: &Shape) -> Result<(), String> {
    let read = || shape.fields.iter().enumerate().filter(|(_, field)| field.is_read());
    for (at, field) in read() {
        writeln!(out, "    {at} {}: {};", snake(&field.name), value(&field.form)).map_err(|e| e.to_string())?;
    }
    if !read().any(|(_, field)| value(&field.form).contains("<'a")) {
        out.push_str("    phantom;\n");
    }
    Ok(())
}

fn value(form: &Form) -> String {
    match form {
        Form::Text { .. } => "Cow<'a, str>".to_owned(),
        Form::Blob { .. } => "Blob<'a>".to_owned(),
        Form::Integer { .. } => "i64".to_owned(),
        Form::Flag => "bool".to_owned(),
        Form::Time => "Time".to_owned(),
        Form::List { of, .. } => format!("Vec<{}>", value(of)),
        Form::Map { .. } => "Pairs<'a>".to_owned(),
        Form::Structure(name) => format!("{name}<'a>"),
    }
}

fn member(field: &Field, overlay: &Overlay) -> Result<String, String> {
    let Field { name, form, required, sensitive, waived: _, unbuilt, ignored, refused, former, default } = field;
    // What is not read has no shape of its own.
    let shape = match field.is_read() {
        true => self::shape(form, overlay)?,
        false => "Shape::text(0, ANY)".to_owned(),
    };
    let mut text = format!("Member::new({name:?}, {shape})");
    if *required && field.is_read() {
        text.push_str(".required()");
    }
    if *sensitive {
        text.push_str(".sensitive()");
    }
    let marks = [("unbuilt", unbuilt), ("ignored", ignored), ("refused", refused), ("former", former)];
    for (mark, said) in marks.into_iter().filter_map(|(mark, said)| Some((mark, said.as_ref()?))) {
        write!(text, ".{mark}({said:?})").map_err(|e| e.to_string())?;
    }
    if let Some(value) = default {
        write!(text, ".defaults_to({})", default_value(form, value)?).map_err(|e| e.to_string())?;
    }
    Ok(text)
}

fn default_value(form: &Form, value: &serde_json::Value) -> Result<String, String> {
    match (form, value) {
        (Form::Text { .. }, serde_json::Value::String(text)) => Ok(format!("DefaultValue::Text({text:?})")),
        (Form::Integer { .. }, serde_json::Value::Number(number)) => Ok(format!("DefaultValue::Integer({number})")),
        (Form::Flag, serde_json::Value::Bool(flag)) => Ok(format!("DefaultValue::Flag({flag})")),
        (Form::List { .. }, serde_json::Value::Array(texts)) if texts.iter().all(serde_json::Value::is_string) => {
            let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
            Ok(format!("DefaultValue::Texts(&[{}])", texts.join(", ")))
        }
        _ => Err(format!("{value} is no value of its kind")),
    }
}

fn shape(form: &Form, overlay: &Overlay) -> Result<String, String> {
    let most = |max: &Option<u64>| max.map_or_else(|| "ANY".to_owned(), |max| max.to_string());
    let least = |min: &Option<u64>| min.unwrap_or_default();
    Ok(match form {
        Form::Text { one_of, listed, .. } if !one_of.is_empty() => {
            let known: Vec<String> = one_of.iter().map(|one| format!("{one:?}")).collect();
            match listed {
                None => format!("Shape::one_of(&[{}])", known.join(", ")),
                Some(listed) => format!("Shape::listed(&[{}], {listed:?})", known.join(", ")),
            }
        }
        Form::Text { min, max, pattern: None, .. } => format!("Shape::text({}, {})", least(min), most(max)),
        Form::Text { min, max, pattern: Some(pattern), .. } => {
            let name = overlay.patterns.get(pattern).ok_or(format!("no name for the pattern {pattern:?}"))?;
            format!("Shape::like({}, {}, &pattern::{name})", least(min), most(max))
        }
        Form::Blob { min, max } => format!("Shape::Blob({}, {})", least(min), most(max)),
        Form::Integer { min, max } => format!(
            "Shape::Integer({}, {})",
            min.map_or("i64::MIN".to_owned(), |min| min.to_string()),
            max.map_or("i64::MAX".to_owned(), |max| max.to_string())
        ),
        Form::Flag => "Shape::Flag".to_owned(),
        Form::Time => "Shape::Time".to_owned(),
        Form::List { of, min, max, joined, numbered } => {
            let how = match (joined, numbered) {
                (true, _) => ".joined()",
                (false, true) => ".numbered()",
                (false, false) => "",
            };
            format!("Shape::List(&List::new({}, {}, {}){how})", shape(of, overlay)?, least(min), most(max))
        }
        Form::Map { min, max } => format!(
            "Shape::Map(&Map {{ name: Text::FREE, value: Shape::text(0, ANY), min: {}, max: {} }})",
            least(min),
            most(max)
        ),
        Form::Structure(name) => format!("Shape::Structure({})", upper(name)),
    })
}

/// `KeyId` as `key_id`, `AWSAccountId` as `aws_account_id`.
fn snake(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (at, one) in characters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| characters.get(at));
        let after = characters.get(at + 1);
        let starts = one.is_ascii_uppercase()
            && before.is_some_and(|before| {
                !before.is_ascii_uppercase() || after.is_some_and(|after| after.is_ascii_lowercase())
            });
        if starts && !text.ends_with('_') {
            text.push('_');
        }
        text.push(if *one == '.' || *one == '-' { '_' } else { one.to_ascii_lowercase() });
    }
    match text.as_str() {
        "type" | "use" | "in" | "as" | "match" => text + "_",
        _ => text,
    }
}

fn upper(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}
