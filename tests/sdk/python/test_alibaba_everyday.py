"""Alibaba Cloud as it is used every day: any text, parameters left out, pop-core, regions, system policies, trust keys."""

import base64
import json
import re

import pytest

from alibaba_client import canonical, common_parameters, get_json, sealed
from alibaba_names import NOT_BUILT, allow, policy, trust, user_arn
from aws_client import send
from refusal import refused

PEM = "-----BEGIN PRIVATE KEY-----\nMIIE+/8=\n-----END PRIVATE KEY-----\n"
SERVICE = {"Service": ["ecs.aliyuncs.com"]}


@pytest.mark.parametrize("text", ["p@ss w0rd&=%+", PEM, '{"user": "a", "n": [1]}', "密码 – é", "SGVsbG8", " SGVsbG8= "])
def test_any_text_is_encrypted_and_comes_back(alibaba, text):
    key = alibaba.new_key()
    blob = alibaba.kms("Encrypt", KeyId=key, Plaintext=text)["CiphertextBlob"]
    assert alibaba.kms("Decrypt", CiphertextBlob=blob)["Plaintext"] == text
    again = alibaba.kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=key)["CiphertextBlob"]
    assert alibaba.kms("Decrypt", CiphertextBlob=again)["Plaintext"] == text


def test_a_plaintext_is_not_longer_than_six_kilobytes(alibaba):
    key = alibaba.new_key()
    alibaba.kms("Encrypt", KeyId=key, Plaintext="-" * 6143)
    alibaba.kms("Encrypt", KeyId=key, Plaintext=base64.b64encode(bytes(6143)).decode())
    for text in ("-" * 6144, base64.b64encode(bytes(6144)).decode()):
        with refused("InvalidParameter", 400):
            alibaba.kms("Encrypt", KeyId=key, Plaintext=text)


@pytest.mark.parametrize("service, operation", [("kms", "ListKeys"), ("ram", "ListUsers"), ("sts", "GetCallerIdentity")])
def test_a_common_parameter_that_is_missing_is_named(server, service, operation):
    names = ["AccessKeyId", "Timestamp", "Signature", "SignatureMethod", "SignatureVersion", "Action", "Version"]
    for missing in names + (["SignatureNonce"] if service != "kms" else []):
        common = common_parameters(service, operation)
        common.pop(missing, None)
        request = sealed("GET", common, "test")
        if missing == "Signature":
            request.pop("Signature")
        status, answer = get_json(server, request)
        said = (status, answer["Code"], answer["Message"])
        assert said == (400, f"Missing{missing}", f"{missing} is mandatory for this action."), missing


def test_a_request_without_anything_of_a_signature_lacks_the_access_key(server):
    for version in ("2016-01-20", "2015-05-01", "2015-04-01"):
        status, answer = get_json(server, {"Action": "TagResources" if version != "2015-04-01" else "AssumeRole", "Version": version})
        assert (status, answer["Code"]) == (400, "MissingAccessKeyId")


def test_pop_core_writes_the_operation_into_a_header_in_its_own_way(server):
    for method, place in (("GET", "query"), ("POST", "form")):
        request = canonical(sealed(method, {**common_parameters("kms", "ListKeys"), "PageSize": "1"}, "test"))
        unsigned = {"x-acs-action": "listKeys", "x-acs-version": "2015-05-01"}
        if place == "query":
            status, _, body = send(server, "GET", f"/?{request}", headers=unsigned)
        else:
            form = {"content-type": "application/x-www-form-urlencoded"}
            status, _, body = send(server, "POST", "/", request.encode(), {**unsigned, **form})
        assert status == 200 and json.loads(body)["TotalCount"] == 0, body


def test_names_of_roles_have_no_underscore(alibaba):
    document = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": SERVICE})
    with refused("InvalidParameter.RoleName.InvalidChars", 400):
        alibaba.ram("CreateRole", RoleName="a_b", AssumeRolePolicyDocument=document)
    with refused("EntityNotExist.Role", 404):
        alibaba.ram("GetRole", RoleName="a_b")
    alibaba.ram("CreateRole", RoleName="a.b-c", AssumeRolePolicyDocument=document)


def test_sts_names_what_is_wrong_in_its_codes(server, new_sdk):
    alice = new_sdk.as_(new_sdk.new_user("alice", policy(allow("sts:AssumeRole"))))
    new_sdk.new_role("reader", trust(user_arn("alice")))
    good = {"RoleArn": "acs:ram::1000000000000000:role/reader", "RoleSessionName": "session"}
    for code, wrong in [
        ("MissingParameter.RoleArn", {"RoleArn": None}),
        ("MissingParameter.RoleSessionName", {"RoleSessionName": None}),
        ("InvalidParameter.RoleArn", {"RoleArn": "nobody"}),
        ("InvalidParameter.RoleSessionName", {"RoleSessionName": "a b"}),
        ("InvalidParameter.DurationSeconds", {"DurationSeconds": "60"}),
        ("InvalidParameter.PolicyGrammar", {"Policy": "{"}),
        ("InvalidParameter.PolicySize", {"Policy": "x" * 2049}),
        ("EntityNotExist.Role", {"RoleArn": "acs:ram::1000000000000000:role/nobody"}),
    ]:
        asked = {name: value for name, value in {**good, **wrong}.items() if value is not None}
        common = common_parameters("sts", "AssumeRole", alice.credentials[0])
        status, answer = get_json(server, sealed("GET", {**common, **asked}, alice.credentials[1]))
        assert (status // 100, answer["Code"]) == (4, code), answer


@pytest.mark.parametrize("host", ["kms.cn-shanghai.localhost", "kms.cn-shanghai.aliyuncs.com", "kms-vpc.cn-shanghai.aliyuncs.com:443"])
def test_the_host_chooses_the_region_where_the_request_signs_none(server, new_sdk, host):
    request = canonical(sealed("GET", common_parameters("kms", "CreateKey"), "test"))
    status, _, body = send(server, "GET", f"/?{request}", headers={"Host": host})
    made = json.loads(body)["KeyMetadata"]
    assert status == 200 and made["Arn"].startswith("acs:kms:cn-shanghai:")
    assert new_sdk.kms("ListKeys")["TotalCount"] == 0
    with refused("InvalidParameter", 400):
        status, _, body = send(server, "GET", "/?" + canonical(sealed("GET", {**common_parameters("kms", "ListKeys"), "RegionId": "cn-beijing"}, "test")), headers={"Host": host})
        answer = json.loads(body)
        from refusal import Refusal, Refused

        raise Refused(Refusal(answer["Code"], status, answer["Message"]))


def test_what_is_not_built_is_said_in_the_message(alibaba):
    with refused("UnsupportedOperation", 400, re.compile(re.escape(NOT_BUILT) + " `CreateLoginProfile`: .*")):
        alibaba.ram("CreateLoginProfile", UserName="alice", Password="x")


def test_the_system_policies_are_there_by_name_and_counted(alibaba):
    everything, marker = [], {}
    while True:
        page = alibaba.ram("ListPolicies", PolicyType="System", MaxItems=1000, **marker)
        everything += page["Policies"]["Policy"]
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}
    names = [one["PolicyName"] for one in everything]
    assert len(names) >= 402 and names == sorted(names) and len(set(names)) == len(names)
    assert all({"AttachmentCount", "CreateDate", "UpdateDate", "DefaultVersion"} <= set(one) for one in everything)
    alibaba.new_user("alice")
    attached = {"PolicyType": "System", "PolicyName": "AliyunOSSReadOnlyAccess"}
    alibaba.ram("AttachPolicyToUser", UserName="alice", **attached)
    found = alibaba.ram("GetPolicy", **attached)
    assert found["Policy"]["AttachmentCount"] == 1 and "Generated" in found["Policy"]["Description"]
    assert json.loads(found["DefaultPolicyVersion"]["PolicyDocument"])["Statement"][0]["Resource"] == "*"
    [version] = alibaba.ram("ListPolicyVersions", **attached)["PolicyVersions"]["PolicyVersion"]
    assert version["VersionId"] == "v1" and version["CreateDate"]


def test_policies_over_sets_of_values_decide_who_may_be_trusted(new_sdk):
    only_services = {"ForAllValues:StringEquals": {"ram:TrustedPrincipalTypes": "Service"}}
    not_ecs = {"ForAnyValue:StringEquals": {"ram:ServiceNames": ["ecs.aliyuncs.com"]}}
    document = policy(
        allow(["ram:CreateRole", "ram:UpdateRole"], condition=only_services),
        {"Effect": "Deny", "Action": "ram:CreateRole", "Resource": "*", "Condition": not_ecs},
    )
    alice = new_sdk.as_(new_sdk.new_user("alice", document))
    to = lambda principal: policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal})
    alice.ram("CreateRole", RoleName="fc", AssumeRolePolicyDocument=to({"Service": ["fc.aliyuncs.com"]}))
    with refused("NoPermission", 403):
        alice.ram("CreateRole", RoleName="ecs", AssumeRolePolicyDocument=to(SERVICE))
    with refused("NoPermission", 403):
        alice.ram("CreateRole", RoleName="me", AssumeRolePolicyDocument=to({"RAM": [user_arn("alice")]}))
    alice.ram("UpdateRole", RoleName="fc", NewAssumeRolePolicyDocument=to(SERVICE))
    with refused("NoPermission", 403):
        alice.ram("UpdateRole", RoleName="fc", NewAssumeRolePolicyDocument=to({"RAM": [user_arn("alice")]}))


def tags_of(alibaba, sort, name):
    answer = alibaba.ram("ListTagResources", ResourceType=sort, ResourceNames=json.dumps([name]))["TagResources"]
    assert all(one["ResourceType"] == sort and one["ResourceName"] == name for one in answer)
    return {one["TagKey"]: one["TagValue"] for one in answer}


@pytest.mark.parametrize("sort", ["role", "policy"])
def test_roles_and_policies_are_tagged_as_terraform_does_it(old_sdk, sort):
    document = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": SERVICE})
    old_sdk.ram("CreateRole", RoleName="one", AssumeRolePolicyDocument=document)
    old_sdk.new_policy("one", policy(allow("kms:*")))
    names = json.dumps(["one"])
    assert tags_of(old_sdk, sort, "one") == {}
    pairs = json.dumps([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    old_sdk.ram("TagResources", ResourceType=sort, ResourceNames=names, Tag=pairs)
    old_sdk.ram("TagResources", ResourceType=sort, **{"ResourceNames.1": "one", "Tag.1.Key": "c", "Tag.1.Value": "3"})
    assert tags_of(old_sdk, sort, "one") == {"a": "1", "b": "", "c": "3"}
    everything = old_sdk.ram("ListTagResources", ResourceType=sort)["TagResources"]
    assert [one["TagKey"] for one in everything] == ["a", "b", "c"]
    for wanted, count in [({"Key": "a", "Value": "1"}, 3), ({"Key": "a"}, 3), ({"Key": "a", "Value": "2"}, 0), ({"Key": "x"}, 0)]:
        found = old_sdk.ram("ListTagResources", ResourceType=sort, Tag=json.dumps([wanted]))["TagResources"]
        assert len(found) == count, wanted
    old_sdk.ram("UntagResources", ResourceType=sort, ResourceNames=names, TagKeys=json.dumps(["a", "none"]))
    old_sdk.ram("UntagResources", ResourceType=sort, **{"ResourceNames.1": "one", "TagKey.1": "b"})
    assert tags_of(old_sdk, sort, "one") == {"c": "3"}
    old_sdk.ram("UntagResources", ResourceType=sort, ResourceNames=names, All="true")
    assert tags_of(old_sdk, sort, "one") == {}
    missing = {"role": "EntityNotExist.Role", "policy": "EntityNotExist.Policy"}[sort]
    for operation, more in [("TagResources", {"Tag": pairs}), ("UntagResources", {"All": "true"}), ("ListTagResources", {})]:
        with refused(missing, 404):
            old_sdk.ram(operation, ResourceType=sort, ResourceNames=json.dumps(["one", "none"]), **more)
    many = json.dumps([{"Key": f"k{number}", "Value": ""} for number in range(20)])
    old_sdk.ram("TagResources", ResourceType=sort, ResourceNames=names, Tag=many)
    with refused("LimitExceeded.Resource", 409):
        old_sdk.ram("TagResources", ResourceType=sort, ResourceNames=names, Tag=json.dumps([{"Key": "x", "Value": ""}]))


def test_the_new_sdk_tags_roles_too(new_sdk):
    new_sdk.new_role("one", trust("acs:ram::1000000000000000:root"))
    named = {"ResourceType": "role", "ResourceNames": ["one"]}
    new_sdk.ram("TagResources", **named, Tag=[{"Key": "a", "Value": "1"}])
    [told] = new_sdk.ram("ListTagResources", **named)["TagResources"]
    assert (told["ResourceName"], told["TagKey"], told["TagValue"]) == ("one", "a", "1")
    new_sdk.ram("UntagResources", **named, TagKeys=["a"])
    assert new_sdk.ram("ListTagResources", **named)["TagResources"] == []
    alice = new_sdk.as_(new_sdk.new_user("alice", policy(allow("ram:ListTagResources"))))
    alice.ram("ListTagResources", **named)
    with refused("NoPermission", 403):
        alice.ram("TagResources", **named, Tag=[{"Key": "a", "Value": "1"}])


def test_a_user_is_removed_by_force_as_terraform_does_it(alibaba):
    alibaba.ram("CreateUser", UserName="alice", DisplayName="alice")
    for operation, code in [
        ("GetLoginProfile", "EntityNotExist.User.LoginProfile"),
        ("DeleteLoginProfile", "EntityNotExist.User.LoginProfile"),
        ("GetUserMFAInfo", "EntityNotExist.User.MFADevice"),
        ("UnbindMFADevice", "EntityNotExist.User.MFADevice"),
    ]:
        with refused(code, 404):
            alibaba.ram(operation, UserName="alice")
        with refused("EntityNotExist.User", 404):
            alibaba.ram(operation, UserName="nobody")
    alibaba.ram("DeleteUser", UserName="alice")
