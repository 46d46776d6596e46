"""Resources found by their tags, with boto3."""

from aws_names import ACCOUNT, allow, policy
from refusal import refused


def found(aws, **parameters):
    pages = aws.resourcegroupstaggingapi.get_paginator("get_resources").paginate(**parameters)
    return {one["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in one["Tags"]} for page in pages for one in page["ResourceTagMappingList"]}


def new_key(aws, **tags):
    tags = [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
    return aws.kms.create_key(Tags=tags)["KeyMetadata"]["Arn"]


def test_tagged_resources_are_found(aws):
    red, blue = new_key(aws, team="red", env="prod"), new_key(aws, team="blue", env="prod")
    new_key(aws)
    far = new_key(aws.in_("eu-west-1"), team="red")
    tags = [{"Key": "team", "Value": "red"}]
    own = aws.iam.create_policy(PolicyName="own", PolicyDocument=policy(allow("kms:*")), Tags=tags)["Policy"]["Arn"]
    aws.iam.create_user(UserName="tagged", Tags=tags)
    assert found(aws) == {red: {"team": "red", "env": "prod"}, blue: {"team": "blue", "env": "prod"}, own: {"team": "red"}}
    assert found(aws.in_("eu-west-1")) == {far: {"team": "red"}}
    assert set(found(aws, PaginationConfig={"PageSize": 1})) == {red, blue, own}
    assert set(found(aws, TagFilters=[{"Key": "team", "Values": ["red", "green"]}])) == {red, own}
    assert set(found(aws, TagFilters=[{"Key": "team", "Values": ["red"]}, {"Key": "env"}])) == {red}
    assert set(found(aws, ResourceTypeFilters=["kms:key"])) == {red, blue}
    assert set(found(aws, ResourceTypeFilters=["iam"])) == {own}
    assert set(found(aws, ResourceARNList=[blue, own])) == {blue, own}
    aws.kms.untag_resource(KeyId=blue, TagKeys=["team", "env"])
    assert set(found(aws)) == {red, own}


def test_refusals_are_those_of_the_service(aws):
    tagging = aws.resourcegroupstaggingapi
    key = new_key(aws, team="red")
    new_key(aws, team="red")
    with refused("InvalidParameterException", 400):
        tagging.get_resources(ResourceARNList=[key], TagFilters=[{"Key": "team"}])
    with refused("InvalidParameterException", 400):
        tagging.get_resources(PaginationToken="made up")
    token = tagging.get_resources(ResourcesPerPage=1)["PaginationToken"]
    with refused("InvalidParameterException", 400):
        tagging.get_resources(ResourcesPerPage=1, PaginationToken=token, ResourceTypeFilters=["kms"])
    with refused("UnsupportedOperationException", 400):
        tagging.get_resources(IncludeComplianceDetails=True)
    with refused("UnsupportedOperationException", 400):
        tagging.get_tag_keys()


def test_it_takes_its_own_permission(aws):
    key = new_key(aws, team="red")
    nobody = aws.as_(aws.new_user("nobody", policy(allow("kms:*"))))
    text = (
        f"User: arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: tag:GetResources"
        " because no identity-based policy allows the tag:GetResources action"
    )
    with refused("AccessDeniedException", 400, text):
        nobody.resourcegroupstaggingapi.get_resources()
    reader = aws.as_(aws.new_user("reader", policy(allow("tag:GetResources"))))
    assert set(found(reader)) == {key}
