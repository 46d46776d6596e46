//! GetResources of the Resource Groups Tagging API.
//!
//! Follows the "Resource Groups Tagging API Reference", version 2017-01-26. Users and roles are not told: "The GetResources
//! operation does not currently support IAM users and roles".

use std::borrow::Cow;

use polykms_core::dialect::Wire;
use polykms_core::error::{Flaw, Kind, Result};
use polykms_core::tagged::{Among, Find, Found, Sort, Tagged, With};

use super::heard;
use crate::message::tagging::{GetResourcesRequest, GetResourcesResponse, ResourceTagMapping, Tag, TagFilter};
use crate::resource;

/// What of the resources that are built each type stands for.
const TYPES: [(&str, Sort); 4] =
    [("iam", Sort::Policy), ("iam:policy", Sort::Policy), ("kms", Sort::Key), ("kms:key", Sort::Key)];

/// GetResources.
pub(crate) struct GetResources;

impl Wire for GetResources {
    type Op = Find;
    type Ask<'a> = GetResourcesRequest<'a>;
    type Told<'a> = GetResourcesResponse<'a>;

    fn op(ask: GetResourcesRequest<'_>) -> Result<Find> {
        let GetResourcesRequest {
            pagination_token,
            tag_filters,
            resources_per_page,
            tags_per_page,
            resource_type_filters,
            include_compliance_details,
            exclude_compliant_resources,
            resource_arn_list,
        } = ask;
        without_policies(include_compliance_details, exclude_compliant_resources)?;
        let count = |number: Option<i64>| number.and_then(|number| usize::try_from(number).ok());
        Ok(Find {
            names: resource_arn_list.map(|list| list.into_iter().map(arn).collect()).transpose()?,
            among: resource_type_filters.map(|list| list.into_iter().map(among).collect()).transpose()?,
            with: tag_filters.map(|list| list.into_iter().map(with).collect()),
            size: count(resources_per_page),
            most_tags: count(tags_per_page),
            marker: pagination_token.map(Cow::into_owned),
            homes: resource::HOMES,
        })
    }

    fn told(output: &Found) -> Result<GetResourcesResponse<'_>> {
        let Found { items, next } = output;
        Ok(GetResourcesResponse {
            // Where there is no more, the vendor tells an empty one.
            pagination_token: Some(next.as_deref().unwrap_or_default().into()),
            resource_tag_mapping_list: Some(items.iter().map(mapping).collect()),
        })
    }

    fn ask(op: &Find) -> Result<GetResourcesRequest<'_>> {
        let Find { names, among, with, size, most_tags, marker, homes: _ } = op;
        let count = |number: &Option<usize>| number.and_then(|number| i64::try_from(number).ok());
        let filter = |With { name, values }: &'_ With| -> TagFilter<'_> {
            let values = values.as_ref().map(|values| values.iter().map(|value| value.clone().into()).collect());
            TagFilter { key: Some(name.clone().into()), values }
        };
        Ok(GetResourcesRequest {
            pagination_token: marker.as_deref().map(Cow::from),
            tag_filters: with.as_ref().map(|with| with.iter().map(filter).collect()),
            resources_per_page: count(size),
            tags_per_page: count(most_tags),
            resource_type_filters: among.as_ref().map(|among| among.iter().map(|one| (&one.word).into()).collect()),
            include_compliance_details: Some(false),
            exclude_compliant_resources: Some(false),
            resource_arn_list: names.as_ref().map(|names| names.iter().map(Cow::from).collect()),
        })
    }

    fn output(told: GetResourcesResponse<'_>) -> Result<Found> {
        let GetResourcesResponse { pagination_token, resource_tag_mapping_list } = told;
        Ok(Found {
            items: heard::had(resource_tag_mapping_list)?.into_iter().map(tagged).collect::<Result<_>>()?,
            next: pagination_token.filter(|token| !token.is_empty()).map(Cow::into_owned),
        })
    }
}

/// Refuses what asks for how resources comply with tag policies.
fn without_policies(include: Option<bool>, exclude: Option<bool>) -> Result<()> {
    match (include.unwrap_or_default(), exclude.unwrap_or_default()) {
        (true, _) => Err(Kind::Unsupported.because("there are no tag policies").naming("IncludeComplianceDetails")),
        (false, true) => {
            let message = "ExcludeCompliantResources can be used only if IncludeComplianceDetails is true";
            Err(Kind::Invalid(Flaw::Value).verbatim(message))
        }
        (false, false) => Ok(()),
    }
}

fn arn(text: Cow<'_, str>) -> Result<String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, service, _, _, resource]
            if !partition.is_empty() && !service.is_empty() && !resource.is_empty() =>
        {
            Ok(text.into_owned())
        }
        _ => Err(Kind::InvalidArn.verbatim(format!("{text} not a valid AmazonResourceName (ARN)"))),
    }
}

/// What a type of resources stands for: `service` or `service:type`. There are more services than are built here.
fn among(word: Cow<'_, str>) -> Result<Among> {
    let (service, kind) = word.split_once(':').unwrap_or((&*word, "any"));
    let is_service = service.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if service.is_empty() || !is_service || kind.is_empty() {
        let message = format!("{word} is not a valid resource type: it must be service[:resourceType]");
        return Err(Kind::Invalid(Flaw::Format).verbatim(message));
    }
    let sort = TYPES.iter().find(|(known, _)| *known == word).map(|(_, sort)| *sort);
    Ok(Among { sort, word: word.into_owned() })
}

fn with(TagFilter { key, values }: TagFilter<'_>) -> With {
    let values = values.map(|values| values.into_iter().map(Cow::into_owned).collect());
    With { name: key.unwrap_or_default().into_owned(), values }
}

fn mapping(Tagged { name, tags }: &Tagged) -> ResourceTagMapping<'_> {
    let tag = |(name, value): &'_ (String, String)| -> Tag<'_> {
        Tag { key: Some(name.clone().into()), value: Some(value.clone().into()) }
    };
    ResourceTagMapping { resource_arn: Some(name.into()), tags: Some(tags.iter().map(tag).collect()) }
}

fn tagged(mapping: ResourceTagMapping<'_>) -> Result<Tagged> {
    let ResourceTagMapping { resource_arn, tags } = mapping;
    let pair = |Tag { key, value }: Tag<'_>| Ok((heard::text(key)?, heard::text(value)?));
    Ok(Tagged {
        name: heard::text(resource_arn)?,
        tags: heard::had(tags)?.into_iter().map(pair).collect::<Result<_>>()?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn types_of_resources_are_services_with_what_they_have() {
        for (word, sort) in [
            ("kms", Some(Sort::Key)),
            ("kms:key", Some(Sort::Key)),
            ("iam", Some(Sort::Policy)),
            ("iam:policy", Some(Sort::Policy)),
            ("kms:alias", None),
            ("iam:role", None),
            ("ec2:instance", None),
            ("elasticloadbalancing:loadbalancer/app", None),
        ] {
            assert_eq!(among(word.into()).unwrap().sort, sort, "{word}");
        }
        for word in ["", "KMS", "kms:", ":key", "k ms"] {
            assert_eq!(among(word.into()).unwrap_err().kind(), Kind::Invalid(Flaw::Format), "{word}");
        }
    }

    #[test]
    fn what_is_named_is_named_by_its_arn() {
        for text in ["arn:aws:kms:us-east-1:111122223333:key/k", "arn:aws:s3:::bucket"] {
            assert_eq!(arn(text.into()).unwrap(), text);
        }
        for text in ["key/k", "arn:", "arn:aws:kms", "arn:aws::::x", "arn:aws:kms:us-east-1:111122223333:"] {
            let error = arn(text.into()).unwrap_err();
            assert_eq!(error.vendor_message().unwrap(), format!("{text} not a valid AmazonResourceName (ARN)"));
        }
    }
}
