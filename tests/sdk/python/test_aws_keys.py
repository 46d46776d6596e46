"""The life of an AWS key: creation, description, listing, aliases, tags, key policy, deletion."""

import datetime
import json
import re

import pytest

from aws_names import (
    ACCOUNT,
    MISSING_KEY,
    REGION,
    ROOT_ARN,
    UUID,
    alias_arn,
    allow,
    delegation,
    key_arn,
    null,
    policy,
    violation,
)
from refusal import refused

ALIAS_HELP = "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def states(kms, key):
    return kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]


def tags_of(kms, key):
    return {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key)["Tags"]}


def aliases_of(kms, **parameters):
    found = [alias for page in kms.get_paginator("list_aliases").paginate(**parameters) for alias in page["Aliases"]]
    return [alias for alias in found if not alias["AliasName"].startswith("alias/aws/")]


def test_a_new_key_is_symmetric_and_enabled(kms):
    before = now()
    made = kms.create_key()["KeyMetadata"]
    assert UUID.fullmatch(made["KeyId"])
    assert made["Arn"] == key_arn(made["KeyId"])
    assert abs((made["CreationDate"] - before).total_seconds()) < 60
    wanted = {
        "AWSAccountId": ACCOUNT,
        "Enabled": True,
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
    }
    assert {name: made.get(name) for name in wanted} == wanted
    assert kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"] == made


def test_a_key_is_found_by_each_of_its_names(kms):
    made = kms.create_key(Description="found")["KeyMetadata"]
    kms.create_alias(AliasName="alias/found", TargetKeyId=made["KeyId"])
    for name in (made["KeyId"], made["Arn"], "alias/found", alias_arn("alias/found")):
        assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == made["KeyId"]


def test_keys_are_listed_page_by_page(kms):
    made = {kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(5)}
    first = kms.list_keys(Limit=2)
    assert (len(first["Keys"]), first["Truncated"]) == (2, True)
    second = kms.list_keys(Limit=2, Marker=first["NextMarker"])
    third = kms.list_keys(Limit=2, Marker=second["NextMarker"])
    assert third["Truncated"] is False and "NextMarker" not in third
    listed = [*first["Keys"], *second["Keys"], *third["Keys"]]
    assert len(listed) == 5 and {key["KeyId"] for key in listed} == made
    assert all(key["KeyArn"] == key_arn(key["KeyId"]) for key in listed)


def test_a_made_up_marker_is_refused(kms):
    with refused("InvalidMarkerException", 400):
        kms.list_keys(Marker="made up")


def test_a_description_can_be_changed_and_emptied(kms):
    key = kms.create_key(Description="one")["KeyMetadata"]["KeyId"]
    for text in ("two", ""):
        kms.update_key_description(KeyId=key, Description=text)
        assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == text


def test_a_key_is_disabled_and_enabled_again(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    for _ in range(2):
        kms.disable_key(KeyId=key)
        described = kms.describe_key(KeyId=key)["KeyMetadata"]
        assert (described["KeyState"], described["Enabled"]) == ("Disabled", False)
    for _ in range(2):
        kms.enable_key(KeyId=key)
        assert states(kms, key) == "Enabled"


@pytest.mark.parametrize("days", [None, 7, 30])
def test_a_deletion_is_scheduled_and_cancelled(kms, days):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    scheduled = kms.schedule_key_deletion(KeyId=key, **({"PendingWindowInDays": days} if days else {}))
    assert scheduled["KeyId"] == key_arn(key)
    assert scheduled["KeyState"] == "PendingDeletion" and scheduled["PendingWindowInDays"] == (days or 30)
    assert abs(scheduled["DeletionDate"] - now() - datetime.timedelta(days=days or 30)) < datetime.timedelta(days=1)
    described = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (described["KeyState"], described["Enabled"]) == ("PendingDeletion", False)
    assert described["DeletionDate"] == scheduled["DeletionDate"]
    assert kms.cancel_key_deletion(KeyId=key)["KeyId"] == key_arn(key)
    described = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert described["KeyState"] == "Disabled" and "DeletionDate" not in described


@pytest.mark.parametrize("days", [6, 31])
def test_a_deletion_window_outside_7_to_30_days_is_refused(kms, days):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    with refused("ValidationException", 400):
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=days)
    assert states(kms, key) == "Enabled"


def test_an_alias_is_made_moved_and_deleted(kms):
    one, two = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.create_alias(AliasName="alias/life", TargetKeyId=one)
    (alias,) = aliases_of(kms, KeyId=one)
    assert (alias["AliasName"], alias["AliasArn"]) == ("alias/life", alias_arn("alias/life"))
    assert alias["TargetKeyId"] == one and alias["CreationDate"] <= alias["LastUpdatedDate"]
    kms.update_alias(AliasName="alias/life", TargetKeyId=two)
    assert aliases_of(kms, KeyId=one) == []
    assert kms.describe_key(KeyId="alias/life")["KeyMetadata"]["KeyId"] == two
    kms.delete_alias(AliasName="alias/life")
    assert aliases_of(kms) == []
    assert states(kms, two) == "Enabled"


def test_aliases_are_listed_page_by_page(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    names = [f"alias/page/{number}" for number in range(5)]
    for name in names:
        kms.create_alias(AliasName=name, TargetKeyId=key)
    assert sorted(alias["AliasName"] for alias in aliases_of(kms, PaginationConfig={"PageSize": 2})) == names
    assert sorted(alias["AliasName"] for alias in aliases_of(kms, KeyId=key, Limit=3)) == names


def test_an_alias_name_is_taken_only_once(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/once", TargetKeyId=key)
    text = f"An alias with the name {alias_arn('alias/once')} already exists"
    with refused("AlreadyExistsException", 400, text):
        kms.create_alias(AliasName="alias/once", TargetKeyId=key)


def test_an_alias_needs_its_prefix(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    text = f'Alias must start with the prefix "alias/". Please see {ALIAS_HELP}'
    with refused("ValidationException", 400, text):
        kms.create_alias(AliasName="no-prefix", TargetKeyId=key)


def test_an_alias_of_the_vendor_cannot_be_made(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    with refused({"NotAuthorizedException", "InvalidAliasNameException", "ValidationException"}, 400):
        kms.create_alias(AliasName="alias/aws/mine", TargetKeyId=key)


def test_what_does_not_exist_is_not_found(aws, kms):
    with refused("NotFoundException", 400, f"Key '{key_arn(MISSING_KEY)}' does not exist"):
        kms.describe_key(KeyId=MISSING_KEY)
    with refused("NotFoundException", 400, f"Key '{key_arn(MISSING_KEY)}' does not exist"):
        kms.encrypt(KeyId=key_arn(MISSING_KEY), Plaintext=b"x")
    for name in ("fake-key-id", "134f2428cec14b25a1ae9048164dba47"):
        with refused("NotFoundException", 400, f"Invalid keyId '{name}'"):
            kms.describe_key(KeyId=name)
    with refused("NotFoundException", 400, f"Alias {alias_arn('alias/none')} is not found."):
        kms.encrypt(KeyId="alias/none", Plaintext=b"x")
    with refused("NotFoundException", 400, f"Alias {alias_arn('alias/none')} is not found."):
        kms.delete_alias(AliasName="alias/none")


def test_a_key_lives_in_one_region(aws, kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    elsewhere = aws.in_("eu-west-1").kms
    with refused("NotFoundException", 400, f"Key '{key_arn(key, 'eu-west-1')}' does not exist"):
        elsewhere.describe_key(KeyId=key)
    with refused("NotFoundException", 400, f"Invalid arn {REGION}"):
        elsewhere.describe_key(KeyId=key_arn(key))
    assert elsewhere.list_keys()["Keys"] == []


def test_tags_are_set_replaced_and_removed(kms):
    key = kms.create_key(Tags=[{"TagKey": "Project", "TagValue": "Apollo"}])["KeyMetadata"]["KeyId"]
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "Project", "TagValue": "Gemini"}, {"TagKey": "empty", "TagValue": ""}])
    assert tags_of(kms, key) == {"Project": "Gemini", "empty": ""}
    kms.untag_resource(KeyId=key, TagKeys=["Project", "never there"])
    assert tags_of(kms, key) == {"empty": ""}


def test_tags_out_of_bounds_are_refused(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    twice = [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "a", "TagValue": "2"}]
    many = [{"TagKey": f"k{number}", "TagValue": ""} for number in range(51)]
    with refused("TagException", 400, "Duplicate tag keys"):
        kms.tag_resource(KeyId=key, Tags=twice)
    with refused("TagException", 400, "Too many tags"):
        kms.create_key(Tags=many)
    with refused("TagException", 400, "Tags beginning with aws: are reserved"):
        kms.tag_resource(KeyId=key, Tags=[{"TagKey": "aws:x", "TagValue": ""}])
    long = violation("tags.1.member.tagValue", "Member must have length less than or equal to 256", "v" * 257)
    with refused("ValidationException", 400, long):
        kms.create_key(Tags=[{"TagKey": "k", "TagValue": "v" * 257}])
    long = violation("tags.1.member.tagKey", "Member must have length less than or equal to 128", "k" * 129)
    with refused("ValidationException", 400, long):
        kms.create_key(Tags=[{"TagKey": "k" * 129, "TagValue": ""}])
    assert tags_of(kms, key) == {}


def test_the_fiftieth_tag_is_the_last(kms):
    key = kms.create_key(Tags=[{"TagKey": f"k{number}", "TagValue": ""} for number in range(50)])["KeyMetadata"][
        "KeyId"
    ]
    with refused({"TagException", "LimitExceededException"}, 400):
        kms.tag_resource(KeyId=key, Tags=[{"TagKey": "one more", "TagValue": ""}])
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "k7", "TagValue": "replaced"}])
    assert len(tags_of(kms, key)) == 50


def test_a_new_key_has_the_default_policy(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    made = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    (only,) = made["Statement"]
    assert (made["Version"], made["Id"]) == ("2012-10-17", "key-default-1")
    assert only == {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": ROOT_ARN},
        "Action": "kms:*",
        "Resource": "*",
    }


def test_a_key_policy_is_replaced_as_a_whole(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    document = policy(delegation(), allow("kms:Encrypt", principal={"AWS": ROOT_ARN}))
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document)
    assert json.loads(kms.get_key_policy(KeyId=key)["Policy"]) == json.loads(document)


@pytest.mark.parametrize(
    "document", ["{", "[]", '"text"', '{"Version":"2012-10-17"}', '{"Version":"1999","Statement":[]}']
)
def test_a_broken_key_policy_is_refused(kms, document):
    with refused("MalformedPolicyDocumentException", 400):
        kms.create_key(Policy=document)
    assert kms.list_keys()["Keys"] == []


def test_a_key_policy_that_locks_its_writer_out_is_refused(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    locked = policy(allow("kms:Encrypt", principal={"AWS": ROOT_ARN}))
    text = "The new key policy will not allow you to update the key policy in the future."
    with refused("MalformedPolicyDocumentException", 400, text):
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=locked)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=locked, BypassPolicyLockoutSafetyCheck=True)


def test_missing_parameters_are_named(aws):
    unchecked = aws.unchecked("kms")
    with refused("ValidationException", 400, null("keyId")):
        unchecked.describe_key()
    with refused("ValidationException", 400, null("keyId")):
        unchecked.encrypt(Plaintext=b"x")
    with refused(
        "ValidationException", 400, re.compile(r"2 validation errors detected: Value null at '\w+'.*; Value null.*")
    ):
        unchecked.create_alias()


def test_values_outside_an_enumeration_are_named(kms):
    for name, member, value in (("KeySpec", "keySpec", "HMAC_random"), ("KeyUsage", "keyUsage", "RANDOM")):
        start = violation(member, "Member must satisfy enum value set: [", value)
        with refused("ValidationException", 400, re.compile(re.escape(start) + r".+\]")):
            kms.create_key(**{name: value})


def test_a_key_spec_is_honoured_or_refused_but_never_replaced(kms):
    text = "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
    with refused({"ValidationException", "UnsupportedOperationException"}, 400) as seen:
        kms.create_key(KeySpec="RSA_2048")
    assert seen.refusal.code != "ValidationException" or seen.refusal.message == text
    with refused({"ValidationException", "UnsupportedOperationException"}, 400):
        kms.create_key(KeySpec="SYMMETRIC_DEFAULT", KeyUsage="SIGN_VERIFY")
    assert kms.list_keys()["Keys"] == []
