//! Tags of roles and policies: TagResources, UntagResources and ListTagResources.

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::dialect::message::Nothing;
use polykms_core::error::{Flaw, Result};
use polykms_core::identity::tagged::{self, Sort, Tagged};
use polykms_core::list::Listed;

use super::{asked_tags, part, part_of, tags};
use crate::message::ram::{
    ListTagResourcesRequest, ListTagResourcesResponse, TagOfResource, TagResourcesRequest, UntagResourcesRequest,
};
use crate::resource;
use crate::wire::{heard, invalid, missing};

const RESOURCE_NAMES: &str = "ResourceNames";
const RESOURCE_TYPE: &str = "ResourceType";
const TAG_KEYS: &str = "TagKeys";

/// The longest name of a role or policy.
const LONGEST_NAME: usize = 128;

type Texts<'a> = Option<Vec<Cow<'a, str>>>;

/// TagResources.
pub(crate) struct TagResources;

impl Wire for TagResources {
    type Op = tagged::TagMany;
    type Ask<'a> = TagResourcesRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: TagResourcesRequest<'_>) -> Result<tagged::TagMany> {
        let TagResourcesRequest { resource_names, resource_type, tag } = ask;
        Ok(tagged::TagMany { sort: sort(resource_type)?, names: names(resource_names)?, tags: tags(tag)? })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &tagged::TagMany) -> Result<TagResourcesRequest<'_>> {
        let tagged::TagMany { sort, names, tags } = op;
        Ok(TagResourcesRequest {
            resource_names: asked(names),
            resource_type: Some(word(*sort).into()),
            tag: asked_tags(tags),
        })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// UntagResources.
pub(crate) struct UntagResources;

impl Wire for UntagResources {
    type Op = tagged::UntagMany;
    type Ask<'a> = UntagResourcesRequest<'a>;
    type Told<'a> = Nothing<'a>;

    fn op(ask: UntagResourcesRequest<'_>) -> Result<tagged::UntagMany> {
        let UntagResourcesRequest { all, resource_names, resource_type, tag_keys, tag_key } = ask;
        let all = all.unwrap_or_default();
        // Named tags go before "all of them".
        let tag_keys = tag_keys.or(tag_key).map(texts).filter(|names| !names.is_empty());
        if tag_keys.is_none() && !all {
            return Err(missing(TAG_KEYS));
        }
        Ok(tagged::UntagMany { sort: sort(resource_type)?, names: names(resource_names)?, tag_keys, all })
    }

    fn told((): &()) -> Result<Nothing<'_>> {
        Ok(Nothing::default())
    }

    fn ask(op: &tagged::UntagMany) -> Result<UntagResourcesRequest<'_>> {
        let tagged::UntagMany { sort, names, tag_keys, all } = op;
        Ok(UntagResourcesRequest {
            all: Some(*all),
            resource_names: asked(names),
            resource_type: Some(word(*sort).into()),
            tag_keys: tag_keys.as_deref().and_then(asked),
            tag_key: None,
        })
    }

    fn output(_: Nothing<'_>) -> Result<()> {
        Ok(())
    }
}

/// ListTagResources.
pub(crate) struct ListTagResources;

impl Wire for ListTagResources {
    type Op = tagged::ListTagsOfMany;
    type Ask<'a> = ListTagResourcesRequest<'a>;
    type Told<'a> = ListTagResourcesResponse<'a>;

    fn op(ask: ListTagResourcesRequest<'_>) -> Result<tagged::ListTagsOfMany> {
        let ListTagResourcesRequest { next_token, page_size, resource_names, resource_type, tag } = ask;
        let some = resource_names.map(|some| names(Some(some))).transpose()?;
        let (sort, paging) = (sort(resource_type)?, part(next_token, page_size));
        Ok(tagged::ListTagsOfMany { sort, names: some, with: tags(tag)?, paging })
    }

    fn told(output: &Listed<Tagged>) -> Result<ListTagResourcesResponse<'_>> {
        let Listed { items, next, numbered: _ } = output;
        Ok(ListTagResourcesResponse {
            next_token: next.as_deref().map(Into::into),
            tag_resources: Some(items.iter().flat_map(told_tags).collect()),
        })
    }

    fn ask(op: &tagged::ListTagsOfMany) -> Result<ListTagResourcesRequest<'_>> {
        let tagged::ListTagsOfMany { sort, names, with, paging } = op;
        let (next_token, page_size) = part_of(paging)?;
        Ok(ListTagResourcesRequest {
            next_token,
            page_size,
            resource_names: names.as_deref().and_then(asked),
            resource_type: Some(word(*sort).into()),
            tag: asked_tags(with),
        })
    }

    fn output(told: ListTagResourcesResponse<'_>) -> Result<Listed<Tagged>> {
        let ListTagResourcesResponse { next_token, tag_resources } = told;
        let mut items = Vec::<Tagged>::new();
        for TagOfResource { resource_name, resource_type, tag_key, tag_value } in heard::had(tag_resources)? {
            let (sort, name) = (sort(resource_type)?, heard::text(resource_name)?);
            let tag = (heard::text(tag_key)?, heard::text(tag_value)?);
            match items.last_mut() {
                Some(last) if (last.sort, &last.name) == (sort, &name) => last.tags.push(tag),
                _ => items.push(Tagged { sort, name, tags: vec![tag] }),
            }
        }
        Ok(Listed { items, next: next_token.map(Cow::into_owned), numbered: None })
    }
}

/// Each tag of a role or policy, with its name.
fn told_tags(of: &Tagged) -> impl Iterator<Item = TagOfResource<'_>> {
    let Tagged { sort, name, tags } = of;
    tags.iter().map(move |(key, value)| TagOfResource {
        resource_name: Some(name.into()),
        resource_type: Some(word(*sort).into()),
        tag_key: Some(key.into()),
        tag_value: Some(value.into()),
    })
}

const SORTS: [Sort; 2] = [Sort::Role, Sort::Policy];

/// A kind in the vendor's words.
fn word(sort: Sort) -> &'static str {
    match sort {
        Sort::Role => "role",
        Sort::Policy => "policy",
    }
}

fn sort(kind: Option<Cow<'_, str>>) -> Result<Sort> {
    let kind = kind.unwrap_or_default();
    let known = SORTS.into_iter().find(|sort| kind.eq_ignore_ascii_case(word(*sort)));
    known.ok_or_else(|| invalid(Flaw::Value, RESOURCE_TYPE))
}

/// The names of roles or policies.
fn names(given: Texts<'_>) -> Result<Vec<String>> {
    let fits = |name: &String| name.len() <= LONGEST_NAME && resource::is_name(name);
    let names = given.map(texts).unwrap_or_default();
    match names.is_empty() {
        true => Err(missing(RESOURCE_NAMES)),
        false if names.iter().all(fits) => Ok(names),
        false => Err(invalid(Flaw::Characters, RESOURCE_NAMES)),
    }
}

fn texts(list: Vec<Cow<'_, str>>) -> Vec<String> {
    list.into_iter().map(Cow::into_owned).collect()
}

/// Texts as a request has them; none of them is no list.
fn asked(list: &[String]) -> Texts<'_> {
    (!list.is_empty()).then(|| list.iter().map(Cow::from).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use polykms_core::error::Kind;

    use super::*;
    use crate::wire::tests::decoded;

    const ROLE: (&str, &str) = ("ResourceType", "role");

    #[test]
    fn lists_come_numbered_or_as_json() {
        for pairs in [
            &[ROLE, ("ResourceNames.1", "a"), ("ResourceNames.2", "b"), ("Tag.1.Key", "k"), ("Tag.1.Value", "v")][..],
            &[ROLE, ("ResourceNames", r#"["a","b"]"#), ("Tag", r#"[{"Key":"k","Value":"v"}]"#)],
        ] {
            let tagged::TagMany { sort, names, tags } = decoded::<TagResources>(pairs).unwrap();
            assert_eq!((sort, names), (Sort::Role, vec!["a".to_owned(), "b".to_owned()]));
            assert_eq!(tags, [("k".to_owned(), "v".to_owned())].into());
        }
        for keys in [&[("TagKeys", r#"["k"]"#)][..], &[("TagKeys.1", "k")], &[("TagKey.1", "k")]] {
            let untag =
                decoded::<UntagResources>(&[&[("ResourceType", "Policy"), ("ResourceNames.1", "a")], keys].concat());
            let tagged::UntagMany { sort, tag_keys, all, .. } = untag.unwrap();
            assert_eq!((sort, tag_keys, all), (Sort::Policy, Some(vec!["k".to_owned()]), false));
        }
    }

    #[test]
    fn what_names_no_role_or_policy_is_refused() {
        let refused = |pairs: &[(&str, &str)]| {
            let error = decoded::<TagResources>(&[pairs, &[("Tag.1.Key", "k")]].concat()).unwrap_err();
            (error.kind(), error.subject().unwrap_or_default().to_owned())
        };
        let flaw = |flaw, name: &str| (Kind::Invalid(flaw), name.to_owned());
        assert_eq!(refused(&[ROLE]), flaw(Flaw::Missing, RESOURCE_NAMES));
        assert_eq!(refused(&[("ResourceNames.1", "a")]), flaw(Flaw::Missing, RESOURCE_TYPE));
        assert_eq!(refused(&[("ResourceType", "user"), ("ResourceNames.1", "a")]), flaw(Flaw::Value, RESOURCE_TYPE));
        assert_eq!(refused(&[ROLE, ("ResourceNames.1", "a\u{1f}b")]), flaw(Flaw::Characters, RESOURCE_NAMES));
        let none = decoded::<UntagResources>(&[ROLE, ("ResourceNames.1", "a")]).unwrap_err();
        assert_eq!(none.subject(), Some(TAG_KEYS));
        assert!(decoded::<UntagResources>(&[ROLE, ("ResourceNames.1", "a"), ("All", "true")]).unwrap().all);
        assert!(decoded::<ListTagResources>(&[ROLE]).unwrap().names.is_none());
    }
}
