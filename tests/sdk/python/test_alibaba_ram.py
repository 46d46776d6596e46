"""Alibaba Cloud identities: users, access keys, groups, roles and policies, with both generations of SDKs."""

import json
import re

import pytest

from alibaba_names import ACCOUNT, TIME, allow, policy, role_arn, trust
from refusal import refused

DOCUMENT = policy(allow("kms:Encrypt"))
TRUST = trust(f"acs:ram::{ACCOUNT}:root")


def names(answer, plural, member):
    singular = {"Policies": "Policy"}.get(plural, plural.removesuffix("s"))
    return sorted(item[member] for item in answer[plural][singular])


def new_user(alibaba, name="alice"):
    return alibaba.ram("CreateUser", UserName=name, DisplayName=name.capitalize())["User"]


def test_a_user_lives(alibaba):
    made = alibaba.ram("CreateUser", UserName="alice", DisplayName="Alice", Comments="text", Email="alice@example.com")[
        "User"
    ]
    assert re.fullmatch(r"\d{15,20}", made["UserId"]) and TIME.fullmatch(made["CreateDate"])
    found = alibaba.ram("GetUser", UserName="alice")["User"]
    wanted = {
        "UserName": "alice",
        "DisplayName": "Alice",
        "Comments": "text",
        "Email": "alice@example.com",
        "UserId": made["UserId"],
    }
    assert {name: found.get(name) for name in wanted} == wanted
    new_user(alibaba, "bob")
    assert names(alibaba.ram("ListUsers"), "Users", "UserName") == ["alice", "bob"]
    alibaba.ram("UpdateUser", UserName="alice", NewDisplayName="Alicia")
    assert alibaba.ram("GetUser", UserName="alice")["User"]["DisplayName"] == "Alicia"
    alibaba.ram("DeleteUser", UserName="alice")
    assert names(alibaba.ram("ListUsers"), "Users", "UserName") == ["bob"]
    for operation in ("GetUser", "DeleteUser"):
        with refused("EntityNotExist.User", 404):
            alibaba.ram(operation, UserName="alice")


def test_users_are_listed_page_by_page(alibaba):
    for number in range(5):
        new_user(alibaba, f"user{number}")
    seen, marker, pages = [], {}, 0
    while True:
        page = alibaba.ram("ListUsers", MaxItems=2, **marker)
        seen += names(page, "Users", "UserName")
        pages += 1
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}
    assert (pages, seen) == (3, [f"user{number}" for number in range(5)])


def test_a_user_name_has_a_form_and_is_taken_only_once(alibaba):
    new_user(alibaba)
    with refused("EntityAlreadyExists.User", 409):
        new_user(alibaba)
    with refused("InvalidParameter.UserName.InvalidChars", 400):
        alibaba.ram("CreateUser", UserName="with space", DisplayName="x")
    with refused("InvalidParameter.UserName.Length", 400):
        alibaba.ram("CreateUser", UserName="x" * 65, DisplayName="x")


def test_missing_parameters_are_named(new_sdk):
    with refused("MissingParameter", 400, re.compile(".*UserName.*")):
        new_sdk.ram("GetUser")


def test_access_keys_live(alibaba):
    new_user(alibaba)
    made = alibaba.ram("CreateAccessKey", UserName="alice")["AccessKey"]
    assert re.fullmatch(r"LTAI[A-Za-z0-9]{8,}", made["AccessKeyId"]) and len(made["AccessKeySecret"]) >= 30
    assert made["Status"] == "Active" and TIME.fullmatch(made["CreateDate"])
    second = alibaba.ram("CreateAccessKey", UserName="alice")["AccessKey"]
    with refused("LimitExceeded.User.AccessKey", 409):
        alibaba.ram("CreateAccessKey", UserName="alice")
    alibaba.ram("UpdateAccessKey", UserName="alice", UserAccessKeyId=made["AccessKeyId"], Status="Inactive")
    listed = {
        key["AccessKeyId"]: key for key in alibaba.ram("ListAccessKeys", UserName="alice")["AccessKeys"]["AccessKey"]
    }
    assert listed[made["AccessKeyId"]]["Status"] == "Inactive" and listed[second["AccessKeyId"]]["Status"] == "Active"
    assert all("AccessKeySecret" not in key for key in listed.values())
    alibaba.ram("DeleteAccessKey", UserName="alice", UserAccessKeyId=made["AccessKeyId"])
    assert names(alibaba.ram("ListAccessKeys", UserName="alice"), "AccessKeys", "AccessKeyId") == [
        second["AccessKeyId"]
    ]
    with refused("EntityNotExist.User.AccessKey", 404):
        alibaba.ram("DeleteAccessKey", UserName="alice", UserAccessKeyId=made["AccessKeyId"])


def test_a_user_with_belongings_is_not_deleted(alibaba):
    key = alibaba.new_user("alice", DOCUMENT)[0]
    alibaba.ram("CreateGroup", GroupName="team")
    alibaba.ram("AddUserToGroup", GroupName="team", UserName="alice")
    releases = {
        "DeleteConflict.User.AccessKey": ("DeleteAccessKey", {"UserAccessKeyId": key}),
        "DeleteConflict.User.Policy": ("DetachPolicyFromUser", {"PolicyType": "Custom", "PolicyName": "alice-p0"}),
        "DeleteConflict.User.Group": ("RemoveUserFromGroup", {"GroupName": "team"}),
    }
    open_conflicts = set(releases)
    while open_conflicts:
        with refused(open_conflicts, 409) as seen:
            alibaba.ram("DeleteUser", UserName="alice")
        operation, more = releases[seen.refusal.code]
        alibaba.ram(operation, UserName="alice", **more)
        open_conflicts.remove(seen.refusal.code)
    alibaba.ram("DeleteUser", UserName="alice")


def test_a_policy_lives(alibaba):
    made = alibaba.ram("CreatePolicy", PolicyName="mine", PolicyDocument=DOCUMENT, Description="text")["Policy"]
    assert (made["PolicyType"], made["DefaultVersion"], made["PolicyName"]) == ("Custom", "v1", "mine")
    found = alibaba.ram("GetPolicy", PolicyName="mine", PolicyType="Custom")
    assert json.loads(found["DefaultPolicyVersion"]["PolicyDocument"]) == json.loads(DOCUMENT)
    assert found["Policy"]["AttachmentCount"] == 0 and found["Policy"]["Description"] == "text"
    assert names(alibaba.ram("ListPolicies", PolicyType="Custom"), "Policies", "PolicyName") == ["mine"]
    with refused("EntityAlreadyExists.Policy", 409):
        alibaba.ram("CreatePolicy", PolicyName="mine", PolicyDocument=DOCUMENT)
    with refused("InvalidParameter.PolicyName.InvalidChars", 400):
        alibaba.ram("CreatePolicy", PolicyName="with space", PolicyDocument=DOCUMENT)
    alibaba.ram("DeletePolicy", PolicyName="mine")
    with refused("EntityNotExist.Policy", 404):
        alibaba.ram("GetPolicy", PolicyName="mine", PolicyType="Custom")


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[]",
        policy(),
        policy({"Effect": "Maybe", "Action": "*", "Resource": "*"}),
        policy({"Effect": "Allow", "Action": "*"}),
        policy({"Effect": "Allow", "NotAction": "a:b", "Action": "a:b", "Resource": "*"}),
        json.dumps({"Version": "2012-10-17", "Statement": [allow("*")]}),
        policy(allow("*", condition={"ForEachValue:StringEquals": {"acs:SourceIp": "x"}})),
        policy({"Effect": "Allow", "Action": "*", "NotResource": "*"}),
    ],
)
def test_a_broken_policy_is_refused(alibaba, document):
    with refused("MalformedPolicyDocument", 400):
        alibaba.ram("CreatePolicy", PolicyName="broken", PolicyDocument=document)
    assert names(alibaba.ram("ListPolicies", PolicyType="Custom"), "Policies", "PolicyName") == []


def test_a_policy_has_versions(alibaba):
    alibaba.ram("CreatePolicy", PolicyName="mine", PolicyDocument=DOCUMENT)
    other = policy(allow("kms:Decrypt"))
    made = alibaba.ram("CreatePolicyVersion", PolicyName="mine", PolicyDocument=other, SetAsDefault=True)[
        "PolicyVersion"
    ]
    assert (made["VersionId"], made["IsDefaultVersion"]) == ("v2", True)
    found = alibaba.ram("GetPolicy", PolicyName="mine", PolicyType="Custom")["DefaultPolicyVersion"]
    assert (found["VersionId"], json.loads(found["PolicyDocument"])) == ("v2", json.loads(other))
    listed = alibaba.ram("ListPolicyVersions", PolicyName="mine", PolicyType="Custom")
    assert names(listed, "PolicyVersions", "VersionId") == ["v1", "v2"]
    alibaba.ram("SetDefaultPolicyVersion", PolicyName="mine", VersionId="v1")
    with refused("DeleteConflict.Policy.Version.Default", 409):
        alibaba.ram("DeletePolicyVersion", PolicyName="mine", VersionId="v1")
    with refused("DeleteConflict.Policy.Version", 409):
        alibaba.ram("DeletePolicy", PolicyName="mine")
    alibaba.ram("DeletePolicyVersion", PolicyName="mine", VersionId="v2")
    alibaba.ram("DeletePolicy", PolicyName="mine")


@pytest.mark.parametrize("kind", ["User", "Group", "Role"])
def test_a_policy_is_attached_and_detached(alibaba, kind):
    owner = {f"{kind}Name": "principal"}
    more = {"User": {"DisplayName": "x"}, "Role": {"AssumeRolePolicyDocument": TRUST}}.get(kind, {})
    alibaba.ram(f"Create{kind}", **owner, **more)
    mine = alibaba.new_policy("mine", DOCUMENT)
    alibaba.ram(f"AttachPolicyTo{kind}", **owner, **mine)
    with refused(f"EntityAlreadyExists.{kind}.Policy", 409):
        alibaba.ram(f"AttachPolicyTo{kind}", **owner, **mine)
    (listed,) = alibaba.ram(f"ListPoliciesFor{kind}", **owner)["Policies"]["Policy"]
    assert (listed["PolicyName"], listed["PolicyType"], listed["DefaultVersion"]) == ("mine", "Custom", "v1")
    assert names(alibaba.ram("ListEntitiesForPolicy", **mine), f"{kind}s", f"{kind}Name") == ["principal"]
    assert alibaba.ram("GetPolicy", **mine)["Policy"]["AttachmentCount"] == 1
    with refused(f"DeleteConflict.Policy.{kind}", 409):
        alibaba.ram("DeletePolicy", PolicyName="mine")
    alibaba.ram(f"DetachPolicyFrom{kind}", **owner, **mine)
    with refused(f"EntityNotExist.{kind}.Policy", 404):
        alibaba.ram(f"DetachPolicyFrom{kind}", **owner, **mine)
    with refused("EntityNotExist.Policy", 404):
        alibaba.ram(f"AttachPolicyTo{kind}", **owner, PolicyType="Custom", PolicyName="none")


def test_a_policy_of_the_vendor_is_attached(alibaba):
    caller = alibaba.as_(alibaba.new_user("alice"))
    full = {"PolicyType": "System", "PolicyName": "AliyunKMSFullAccess"}
    alibaba.ram("AttachPolicyToUser", UserName="alice", **full)
    assert caller.kms("ListKeys")["TotalCount"] == 0
    alibaba.ram("DetachPolicyFromUser", UserName="alice", **full)
    with refused("Forbidden.NoPermission", 403):
        caller.kms("ListKeys")


def test_a_group_lives(alibaba):
    made = alibaba.ram("CreateGroup", GroupName="team", Comments="text")["Group"]
    assert (made["GroupName"], made["Comments"]) == ("team", "text")
    new_user(alibaba)
    alibaba.ram("AddUserToGroup", GroupName="team", UserName="alice")
    with refused("EntityAlreadyExists.User.Group", 409):
        alibaba.ram("AddUserToGroup", GroupName="team", UserName="alice")
    assert names(alibaba.ram("ListUsersForGroup", GroupName="team"), "Users", "UserName") == ["alice"]
    assert names(alibaba.ram("ListGroupsForUser", UserName="alice"), "Groups", "GroupName") == ["team"]
    assert names(alibaba.ram("ListGroups"), "Groups", "GroupName") == ["team"]
    with refused("DeleteConflict.Group.User", 409):
        alibaba.ram("DeleteGroup", GroupName="team")
    alibaba.ram("RemoveUserFromGroup", GroupName="team", UserName="alice")
    with refused("EntityNotExist.User.Group", 404):
        alibaba.ram("RemoveUserFromGroup", GroupName="team", UserName="alice")
    alibaba.ram("DeleteGroup", GroupName="team")
    with refused("EntityNotExist.Group", 404):
        alibaba.ram("GetGroup", GroupName="team")


def test_a_role_lives(alibaba):
    made = alibaba.ram("CreateRole", RoleName="reader", AssumeRolePolicyDocument=TRUST, Description="text")["Role"]
    assert made["Arn"] == role_arn("reader") and re.fullmatch(r"\d{15,20}", made["RoleId"])
    found = alibaba.ram("GetRole", RoleName="reader")["Role"]
    assert json.loads(found["AssumeRolePolicyDocument"]) == json.loads(TRUST)
    assert (found["MaxSessionDuration"], found["Description"]) == (3600, "text")
    assert names(alibaba.ram("ListRoles"), "Roles", "RoleName") == ["reader"]
    alibaba.ram("UpdateRole", RoleName="reader", NewAssumeRolePolicyDocument=TRUST, NewMaxSessionDuration=7200)
    assert alibaba.ram("GetRole", RoleName="reader")["Role"]["MaxSessionDuration"] == 7200
    alibaba.ram("AttachPolicyToRole", RoleName="reader", **alibaba.new_policy("mine", DOCUMENT))
    with refused("DeleteConflict.Role.Policy", 409):
        alibaba.ram("DeleteRole", RoleName="reader")
    alibaba.ram("DetachPolicyFromRole", RoleName="reader", PolicyType="Custom", PolicyName="mine")
    alibaba.ram("DeleteRole", RoleName="reader")
    with refused("EntityNotExist.Role", 404):
        alibaba.ram("GetRole", RoleName="reader")
    with refused("MalformedPolicyDocument", 400):
        alibaba.ram("CreateRole", RoleName="broken", AssumeRolePolicyDocument=TRUST.replace("Statement", "Sentence"))
    with refused("EntityAlreadyExists.Role", 409):
        for _ in range(2):
            alibaba.ram("CreateRole", RoleName="twice", AssumeRolePolicyDocument=TRUST)
