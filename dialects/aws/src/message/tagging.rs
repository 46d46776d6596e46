//! Messages of `tagging`, generated from the vendor's model and `vendor/messages/tagging.json`; `just generate` writes them anew.

use std::borrow::Cow;

use polykms_core::dialect::message::{ANY, DefaultValue, List, Member, Shape};
use polykms_core::message;

use super::pattern;

message! {
    /// `GetResourcesRequest`.
    pub(crate) struct GetResourcesRequest = GET_RESOURCES_REQUEST;
    0 pagination_token: Cow<'a, str>;
    1 tag_filters: Vec<TagFilter<'a>>;
    2 resources_per_page: i64;
    3 tags_per_page: i64;
    4 resource_type_filters: Vec<Cow<'a, str>>;
    5 include_compliance_details: bool;
    6 exclude_compliant_resources: bool;
    7 resource_arn_list: Vec<Cow<'a, str>>;
}

const GET_RESOURCES_REQUEST: &[Member] = &[
    Member::new("PaginationToken", Shape::like(0, 2048, &pattern::ANYTHING)),
    Member::new("TagFilters", Shape::List(&List::new(Shape::Structure(TAG_FILTER), 0, 50))),
    Member::new("ResourcesPerPage", Shape::Integer(1, 100)),
    Member::new("TagsPerPage", Shape::Integer(100, 500)),
    Member::new("ResourceTypeFilters", Shape::List(&List::new(Shape::like(0, 256, &pattern::ANYTHING), 0, ANY))),
    Member::new("IncludeComplianceDetails", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("ExcludeCompliantResources", Shape::Flag).defaults_to(DefaultValue::Flag(false)),
    Member::new("ResourceARNList", Shape::List(&List::new(Shape::like(1, 1011, &pattern::ANYTHING), 1, 100))),
];

message! {
    /// `GetResourcesResponse`.
    pub(crate) struct GetResourcesResponse = GET_RESOURCES_RESPONSE;
    0 pagination_token: Cow<'a, str>;
    1 resource_tag_mapping_list: Vec<ResourceTagMapping<'a>>;
}

const GET_RESOURCES_RESPONSE: &[Member] = &[
    Member::new("PaginationToken", Shape::like(0, 2048, &pattern::ANYTHING)).required(),
    Member::new("ResourceTagMappingList", Shape::List(&List::new(Shape::Structure(RESOURCE_TAG_MAPPING), 0, ANY))).required(),
];

message! {
    /// `ResourceTagMapping`.
    pub(crate) struct ResourceTagMapping = RESOURCE_TAG_MAPPING;
    0 resource_arn: Cow<'a, str>;
    1 tags: Vec<Tag<'a>>;
}

const RESOURCE_TAG_MAPPING: &[Member] = &[
    Member::new("ResourceARN", Shape::like(1, 1011, &pattern::ANYTHING)).required(),
    Member::new("Tags", Shape::List(&List::new(Shape::Structure(TAG), 0, ANY))).required(),
    Member::new("ComplianceDetails", Shape::text(0, ANY)).unbuilt("there are no tag policies"),
];

message! {
    /// `Tag`.
    pub(crate) struct Tag = TAG;
    0 key: Cow<'a, str>;
    1 value: Cow<'a, str>;
}

const TAG: &[Member] = &[
    Member::new("Key", Shape::like(1, 128, &pattern::ANYTHING)).required(),
    Member::new("Value", Shape::like(0, 256, &pattern::ANYTHING)).required(),
];

message! {
    /// `TagFilter`.
    pub(crate) struct TagFilter = TAG_FILTER;
    0 key: Cow<'a, str>;
    1 values: Vec<Cow<'a, str>>;
}

const TAG_FILTER: &[Member] = &[
    Member::new("Key", Shape::like(1, 128, &pattern::ANYTHING)).required(),
    Member::new("Values", Shape::List(&List::new(Shape::like(0, 256, &pattern::ANYTHING), 0, 20))),
];
