//! Completing requests: members that are not there get the values that their declarations say.

use std::borrow::Cow;

use super::{DefaultValue, Fill, Scalar, Shape, Slots};

/// Gives every member that is not there the value that it has then, so that one request is one message, however much of it
/// was left to be understood.
pub fn complete(message: &mut dyn Slots<'_>) {
    for (at, member) in message.all().iter().enumerate() {
        let Some(field) = message.slot(at) else { continue };
        match (field.is_there(), member.default) {
            (true, _) => inside(field, &member.shape),
            (false, Some(value)) => set(field, value),
            (false, None) => {}
        }
    }
}

/// Completes the structures that a value is, or has on it.
fn inside(field: &mut dyn Fill<'_>, shape: &Shape) {
    match shape {
        Shape::Structure(_) => field.slots().into_iter().for_each(complete),
        Shape::List(list) if matches!(list.of, Shape::Structure(_) | Shape::List(_)) => {
            field.each(&mut |item| inside(item, &list.of));
        }
        _ => {}
    }
}

fn set(field: &mut dyn Fill<'_>, value: DefaultValue) {
    let text = |text| Scalar::Text(Cow::Borrowed(text));
    let taken = match value {
        DefaultValue::Text(value) => field.set(text(value)),
        DefaultValue::Integer(number) => field.set(Scalar::Integer(number)),
        DefaultValue::Flag(flag) => field.set(Scalar::Flag(flag)),
        DefaultValue::Texts(all) => all.iter().all(|one| field.push().is_some_and(|item| item.set(text(*one)))),
    };
    debug_assert!(taken, "a default is no value of its member");
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::super::{ANY, List, Member};
    use super::*;
    use crate::message;

    message! {
        /// A request.
        struct Asked = ASKED;
        0 path: Cow<'a, str>;
        1 limit: i64;
        2 dry_run: bool;
        3 name: Cow<'a, str>;
        4 tags: Vec<Tag<'a>>;
        5 arns: Vec<Cow<'a, str>>;
    }

    message! {
        /// An item.
        struct Tag = TAG;
        0 value: Cow<'a, str>;
    }

    const TAG: &[Member] = &[Member::new("Value", Shape::text(0, ANY)).defaults_to(DefaultValue::Text(""))];

    const ASKED: &[Member] = &[
        Member::new("Path", Shape::text(0, ANY)).defaults_to(DefaultValue::Text("/")),
        Member::new("Limit", Shape::Integer(1, 1000)).defaults_to(DefaultValue::Integer(100)),
        Member::new("DryRun", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
        Member::new("Name", Shape::text(0, ANY)),
        Member::new("Tags", Shape::List(&List::new(Shape::Structure(TAG), 0, ANY))),
        Member::new("Arns", Shape::List(&List::new(Shape::text(0, ANY), 0, ANY)))
            .defaults_to(DefaultValue::Texts(&["*"])),
    ];

    #[test]
    fn members_that_are_not_there_get_their_values_and_others_keep_theirs() {
        let mut asked = Asked { limit: Some(7), tags: Some(vec![Tag::default()]), ..Asked::default() };
        complete(&mut asked);
        let Asked { path, limit, dry_run, name, tags, arns } = asked;
        assert_eq!(arns.unwrap(), ["*"]);
        assert_eq!(tags.unwrap()[0].value.as_deref(), Some(""));
        assert_eq!((path.as_deref(), limit, dry_run, name), (Some("/"), Some(7), Some(false), None));
    }
}
