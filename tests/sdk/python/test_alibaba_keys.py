"""The life of an Alibaba Cloud key, with both generations of SDKs."""

import base64
import datetime
import json
import re

import pytest

from alibaba_names import ACCOUNT, MISSING_KEY, REGION, TIME, UUID, alias_arn, allow, key_arn, policy, tags
from refusal import refused

SOON = {"PendingWindowInDays": 7}
HELLO = base64.b64encode(b"hello").decode()


def unset(value):
    return value in (None, "")


def aliases(answer):
    return [alias["AliasName"] for alias in answer["Aliases"]["Alias"]]


def tags_of(alibaba, key):
    found = alibaba.kms("ListResourceTags", KeyId=key)["Tags"]["Tag"]
    return {tag["TagKey"]: tag["TagValue"] for tag in found}


def described(alibaba, key):
    return alibaba.kms("DescribeKey", KeyId=key)["KeyMetadata"]


def test_a_new_key_is_symmetric_and_enabled(alibaba):
    answer = alibaba.kms("CreateKey", Description="text")
    made = answer["KeyMetadata"]
    assert UUID.fullmatch(made["KeyId"]) and UUID.fullmatch(made["PrimaryKeyVersion"])
    assert UUID.fullmatch(answer["RequestId"]) and TIME.fullmatch(made["CreationDate"])
    wanted = {
        "Arn": key_arn(made["KeyId"]),
        "Creator": ACCOUNT,
        "Description": "text",
        "KeySpec": "Aliyun_AES_256",
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT/DECRYPT",
        "Origin": "Aliyun_KMS",
        "ProtectionLevel": "SOFTWARE",
        "AutomaticRotation": "Disabled",
    }
    assert {name: made.get(name) for name in wanted} == wanted
    assert unset(made.get("DeleteDate")) and unset(made.get("MaterialExpireTime"))
    found = described(alibaba, made["KeyId"])
    assert {name: found.get(name) for name in wanted} == wanted


def test_a_key_is_found_by_each_of_its_names(alibaba):
    key = alibaba.new_key()
    alibaba.kms("CreateAlias", AliasName="alias/found", KeyId=key)
    for name in (key, key_arn(key), "alias/found", alias_arn("alias/found")):
        assert described(alibaba, name)["KeyId"] == key


def test_keys_are_listed_page_by_page(alibaba):
    made = {alibaba.new_key() for _ in range(5)}
    pages = [alibaba.kms("ListKeys", PageNumber=number, PageSize=2) for number in (1, 2, 3, 4)]
    assert [page["TotalCount"] for page in pages] == [5] * 4
    assert [(page["PageNumber"], page["PageSize"]) for page in pages] == [(1, 2), (2, 2), (3, 2), (4, 2)]
    keys = [key for page in pages for key in page["Keys"]["Key"]]
    assert len(keys) == 5 and {key["KeyId"] for key in keys} == made
    assert all(key["KeyArn"] == key_arn(key["KeyId"]) for key in keys)


def test_a_page_holds_ten_keys_unless_asked_otherwise(alibaba):
    for _ in range(11):
        alibaba.new_key()
    page = alibaba.kms("ListKeys")
    assert (len(page["Keys"]["Key"]), page["PageNumber"], page["PageSize"], page["TotalCount"]) == (10, 1, 10, 11)


@pytest.mark.parametrize("page", [{"PageNumber": 0}, {"PageSize": 0}, {"PageSize": 101}])
def test_a_page_out_of_bounds_is_refused(alibaba, page):
    with refused("InvalidParameter", 400):
        alibaba.kms("ListKeys", **page)


def test_keys_are_listed_by_their_state(alibaba):
    one, two = alibaba.new_key(), alibaba.new_key()
    alibaba.kms("DisableKey", KeyId=two)
    for state, key in (("Enabled", one), ("Disabled", two)):
        filters = json.dumps([{"Key": "KeyState", "Values": [state]}])
        found = alibaba.kms("ListKeys", Filters=filters)["Keys"]["Key"]
        assert [entry["KeyId"] for entry in found] == [key]


def test_a_description_can_be_changed(alibaba):
    key = alibaba.new_key(Description="one")
    alibaba.kms("UpdateKeyDescription", KeyId=key, Description="zwei, größer")
    assert described(alibaba, key)["Description"] == "zwei, größer"


def test_a_key_is_disabled_and_enabled_again(alibaba):
    key = alibaba.new_key()
    for operation, state in (
        ("DisableKey", "Disabled"),
        ("DisableKey", "Disabled"),
        ("EnableKey", "Enabled"),
        ("EnableKey", "Enabled"),
    ):
        alibaba.kms(operation, KeyId=key)
        assert alibaba.state(key) == state


@pytest.mark.parametrize("days", [7, 30, 366])
def test_a_deletion_is_scheduled_and_cancelled(alibaba, days):
    key = alibaba.new_key()
    alibaba.kms("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=days)
    found = described(alibaba, key)
    assert found["KeyState"] == "PendingDeletion" and TIME.fullmatch(found["DeleteDate"])
    due = datetime.datetime.strptime(found["DeleteDate"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    now = datetime.datetime.now(datetime.timezone.utc)
    assert abs(due - now - datetime.timedelta(days=days)) < datetime.timedelta(minutes=5)
    alibaba.kms("CancelKeyDeletion", KeyId=key)
    found = described(alibaba, key)
    assert found["KeyState"] == "Enabled" and unset(found.get("DeleteDate"))


@pytest.mark.parametrize("days", [6, 367])
def test_a_deletion_window_outside_7_to_366_days_is_refused(alibaba, days):
    key = alibaba.new_key()
    with refused("InvalidParameter", 400):
        alibaba.kms("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=days)
    assert alibaba.state(key) == "Enabled"


def test_a_protected_key_is_not_deleted(alibaba):
    key = alibaba.new_key()
    alibaba.kms("SetDeletionProtection", ProtectedResourceArn=key_arn(key), EnableDeletionProtection=True)
    assert described(alibaba, key)["DeletionProtection"] == "Enabled"
    with refused("Rejected.UnsupportedOperation", 400):
        alibaba.kms("ScheduleKeyDeletion", KeyId=key, **SOON)
    alibaba.kms("SetDeletionProtection", ProtectedResourceArn=key_arn(key), EnableDeletionProtection=False)
    alibaba.kms("ScheduleKeyDeletion", KeyId=key, **SOON)


def test_an_alias_is_made_moved_and_deleted(alibaba):
    one, two = alibaba.new_key(), alibaba.new_key()
    alibaba.kms("CreateAlias", AliasName="alias/life", KeyId=one)
    (alias,) = alibaba.kms("ListAliases")["Aliases"]["Alias"]
    assert alias == {"AliasName": "alias/life", "AliasArn": alias_arn("alias/life"), "KeyId": one}
    alibaba.kms("UpdateAlias", AliasName="alias/life", KeyId=two)
    assert aliases(alibaba.kms("ListAliasesByKeyId", KeyId=one)) == []
    assert aliases(alibaba.kms("ListAliasesByKeyId", KeyId=two)) == ["alias/life"]
    alibaba.kms("DeleteAlias", AliasName="alias/life")
    assert aliases(alibaba.kms("ListAliases")) == []
    with refused("Forbidden.AliasNotFound", 404):
        alibaba.kms("DeleteAlias", AliasName="alias/life")


def test_aliases_are_listed_page_by_page(alibaba):
    key = alibaba.new_key()
    for number in range(3):
        alibaba.kms("CreateAlias", AliasName=f"alias/page{number}", KeyId=key)
    for operation, more in (("ListAliases", {}), ("ListAliasesByKeyId", {"KeyId": key})):
        pages = [alibaba.kms(operation, PageNumber=number, PageSize=2, **more) for number in (1, 2)]
        assert [page["TotalCount"] for page in pages] == [3, 3]
        assert sorted(aliases(pages[0]) + aliases(pages[1])) == ["alias/page0", "alias/page1", "alias/page2"]


def test_an_alias_name_has_a_form_and_is_taken_only_once(alibaba):
    key = alibaba.new_key()
    alibaba.kms("CreateAlias", AliasName="alias/once", KeyId=key)
    with refused("AliasAlreadyExists", 400):
        alibaba.kms("CreateAlias", AliasName="alias/once", KeyId=key)
    for name in ("no-prefix", "alias/", "alias/with space", "alias/" + "x" * 250, "alias/acs/mine"):
        with refused({"InvalidParameter", "Unsupported.Alias"}, 400):
            alibaba.kms("CreateAlias", AliasName=name, KeyId=key)


def test_what_does_not_exist_is_not_found(alibaba):
    for operation, more in (
        ("DescribeKey", {}),
        ("Encrypt", {"Plaintext": HELLO}),
        ("EnableKey", {}),
        ("GetKeyPolicy", {}),
    ):
        with refused("Forbidden.KeyNotFound", 404):
            alibaba.kms(operation, KeyId=MISSING_KEY, **more)
    for operation, more in (("DescribeKey", {}), ("Encrypt", {"Plaintext": HELLO})):
        with refused("Forbidden.AliasNotFound", 404):
            alibaba.kms(operation, KeyId="alias/none", **more)


def test_a_key_lives_in_one_region(new_sdk):
    key = new_sdk.new_key()
    assert {region["RegionId"] for region in new_sdk.kms("DescribeRegions")["Regions"]["Region"]} >= {REGION}
    assert described(new_sdk, key)["Arn"].split(":")[2] == REGION


def test_tags_are_set_replaced_and_removed(alibaba):
    key = alibaba.new_key(Tags=tags(Project="Apollo"))
    alibaba.kms("TagResource", KeyId=key, Tags=tags(Project="Gemini", more="x"))
    assert tags_of(alibaba, key) == {"Project": "Gemini", "more": "x"}
    alibaba.kms("UntagResource", KeyId=key, TagKeys='["Project"]')
    assert tags_of(alibaba, key) == {"more": "x"}
    listed = alibaba.kms("ListResourceTags", KeyId=key)["Tags"]["Tag"]
    assert listed[0]["KeyId"] == key


def test_tags_out_of_bounds_are_refused(alibaba):
    key = alibaba.new_key()
    many = json.dumps([{"TagKey": f"k{number}", "TagValue": "v"} for number in range(21)])
    for broken in (
        many,
        tags(**{"acs:x": "v"}),
        tags(**{"aliyun": "v"}),
        tags(**{"k" * 129: "v"}),
        tags(k="v" * 129),
        "{",
        "[1]",
    ):
        with refused({"InvalidParameter", "Rejected.LimitExceeded", "ParseRequestParameterException"}, 400):
            alibaba.kms("TagResource", KeyId=key, Tags=broken)
    assert tags_of(alibaba, key) == {}


def test_many_resources_are_tagged_at_once(new_sdk):
    keys = [new_sdk.new_key(), new_sdk.new_key()]
    where = {"RegionId": REGION, "ResourceType": "key", "ResourceId": keys}
    new_sdk.kms("TagResources", Tag=[{"Key": "Project", "Value": "Apollo"}], **where)
    assert [tags_of(new_sdk, key) for key in keys] == [{"Project": "Apollo"}] * 2
    listed = new_sdk.kms("ListTagResources", **where)["TagResources"]["TagResource"]
    assert sorted((tag["ResourceId"], tag["TagKey"], tag["TagValue"]) for tag in listed) == sorted(
        (key, "Project", "Apollo") for key in keys
    )
    new_sdk.kms("UntagResources", TagKey=["Project"], **where)
    assert [tags_of(new_sdk, key) for key in keys] == [{}, {}]


def test_a_key_policy_is_read_and_replaced(alibaba):
    key = alibaba.new_key()
    (default,) = json.loads(alibaba.kms("GetKeyPolicy", KeyId=key, PolicyName="default")["Policy"])["Statement"]
    assert default["Effect"] == "Allow" and default["Principal"] == {"RAM": [f"acs:ram::{ACCOUNT}:root"]}
    mine = policy({**allow(["kms:*"], ["*"], principal={"RAM": [f"acs:ram::{ACCOUNT}:*"]}), "Sid": "all"})
    alibaba.kms("SetKeyPolicy", KeyId=key, PolicyName="default", Policy=mine)
    assert json.loads(alibaba.kms("GetKeyPolicy", KeyId=key)["Policy"]) == json.loads(mine)
    for broken in ("{", policy(allow("ecs:*", ["*"], principal={"RAM": ["*"]})), policy(allow("kms:*", ["*"]))):
        with refused({"MalformedPolicyDocument", "InvalidParameter"}, 400):
            alibaba.kms("SetKeyPolicy", KeyId=key, PolicyName="default", Policy=broken)


def test_missing_parameters_are_named(new_sdk):
    for operation, name in (("DescribeKey", "KeyId"), ("CreateAlias", "AliasName"), ("Decrypt", "CiphertextBlob")):
        more = {"KeyId": new_sdk.new_key()} if operation == "CreateAlias" else {}
        with refused("MissingParameter", 400, re.compile(f".*{name}.*")):
            new_sdk.kms(operation, **more)


@pytest.mark.parametrize(("name", "value"), [("KeySpec", "AES_9000"), ("KeyUsage", "DANCE"), ("Origin", "aliyun_kms")])
def test_values_that_do_not_exist_are_refused(alibaba, name, value):
    with refused("InvalidParameter", 400):
        alibaba.kms("CreateKey", **{name: value})
