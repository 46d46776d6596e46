"""AWS identities: users, access keys, groups, roles, inline and managed policies."""

import json
import re

import pytest

from aws_names import ACCOUNT, allow, policy, policy_arn, role_arn, trust, user_arn
from refusal import refused

DOCUMENT = policy(allow("kms:Encrypt"))
TRUST = trust(f"arn:aws:iam::{ACCOUNT}:root")
REMOVE_FIRST = re.compile(r"Cannot delete entity, must .+ first\.")


def missing_user(name):
    return f"The user with name {name} cannot be found."


def names(found, member):
    return sorted(item[member] for item in found)


def test_a_user_lives(iam):
    made = iam.create_user(UserName="alice", Path="/team/")["User"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/team/alice" and made["Path"] == "/team/"
    assert re.fullmatch(r"AIDA[A-Z0-9]{12,}", made["UserId"])
    assert iam.get_user(UserName="alice")["User"]["UserId"] == made["UserId"]
    iam.create_user(UserName="bob")
    assert names(iam.list_users()["Users"], "UserName") == ["alice", "bob"]
    assert names(iam.list_users(PathPrefix="/team/")["Users"], "UserName") == ["alice"]
    iam.delete_user(UserName="alice")
    assert names(iam.list_users()["Users"], "UserName") == ["bob"]
    with refused("NoSuchEntity", 404, missing_user("alice")):
        iam.get_user(UserName="alice")


def test_a_user_made_again_is_another_user(iam):
    first = iam.create_user(UserName="alice")["User"]["UserId"]
    iam.delete_user(UserName="alice")
    assert iam.create_user(UserName="alice")["User"]["UserId"] != first


def test_users_are_listed_page_by_page(iam):
    for number in range(5):
        iam.create_user(UserName=f"user{number}")
    pages = list(iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["Users"]) for page in pages] == [2, 2, 1]
    assert [user["UserName"] for page in pages for user in page["Users"]] == [f"user{number}" for number in range(5)]


def test_a_user_name_is_taken_only_once(iam):
    iam.create_user(UserName="alice")
    with refused("EntityAlreadyExists", 409, "User with name alice already exists."):
        iam.create_user(UserName="alice")


def test_access_keys_live(iam):
    iam.create_user(UserName="alice")
    made = iam.create_access_key(UserName="alice")["AccessKey"]
    assert re.fullmatch(r"AKIA[A-Z0-9]{12,}", made["AccessKeyId"])
    assert (made["UserName"], made["Status"], len(made["SecretAccessKey"])) == ("alice", "Active", 40)
    second = iam.create_access_key(UserName="alice")["AccessKey"]
    with refused("LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2"):
        iam.create_access_key(UserName="alice")
    iam.update_access_key(UserName="alice", AccessKeyId=made["AccessKeyId"], Status="Inactive")
    listed = {key["AccessKeyId"]: key for key in iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]}
    assert listed[made["AccessKeyId"]]["Status"] == "Inactive" and listed[second["AccessKeyId"]]["Status"] == "Active"
    assert all("SecretAccessKey" not in key for key in listed.values())
    iam.delete_access_key(UserName="alice", AccessKeyId=made["AccessKeyId"])
    assert names(iam.list_access_keys(UserName="alice")["AccessKeyMetadata"], "AccessKeyId") == [second["AccessKeyId"]]
    with refused("NoSuchEntity", 404):
        iam.delete_access_key(UserName="alice", AccessKeyId=made["AccessKeyId"])


def test_a_user_with_belongings_is_not_deleted(iam):
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
    iam.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=DOCUMENT)
    iam.create_group(GroupName="team")
    iam.add_user_to_group(GroupName="team", UserName="alice")
    for release in (
        lambda: iam.delete_access_key(UserName="alice", AccessKeyId=key),
        lambda: iam.delete_user_policy(UserName="alice", PolicyName="p"),
        lambda: iam.remove_user_from_group(GroupName="team", UserName="alice"),
    ):
        with refused("DeleteConflict", 409, REMOVE_FIRST):
            iam.delete_user(UserName="alice")
        release()
    iam.delete_user(UserName="alice")


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_inline_policies_live(iam, kind):
    owner = new_principal(iam, kind)
    call = lambda verb, **more: getattr(iam, f"{verb}_{kind}_policy")(**owner, **more)  # noqa: E731
    call("put", PolicyName="p", PolicyDocument=DOCUMENT)
    assert call("get", PolicyName="p")["PolicyDocument"] == json.loads(DOCUMENT)
    replaced = policy(allow("kms:Decrypt"))
    call("put", PolicyName="p", PolicyDocument=replaced)
    assert call("get", PolicyName="p")["PolicyDocument"] == json.loads(replaced)
    listed = getattr(iam, f"list_{kind}_policies")(**owner)
    assert listed["PolicyNames"] == ["p"]
    call("delete", PolicyName="p")
    with refused("NoSuchEntity", 404):
        call("get", PolicyName="p")
    with refused("MalformedPolicyDocument", 400):
        call("put", PolicyName="p", PolicyDocument="{")


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_a_managed_policy_is_attached_and_detached(iam, kind):
    owner = new_principal(iam, kind)
    arn = iam.create_policy(PolicyName="managed", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    getattr(iam, f"attach_{kind}_policy")(**owner, PolicyArn=arn)
    listed = getattr(iam, f"list_attached_{kind}_policies")(**owner)["AttachedPolicies"]
    assert listed == [{"PolicyName": "managed", "PolicyArn": arn}]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    with refused("DeleteConflict", 409):
        iam.delete_policy(PolicyArn=arn)
    getattr(iam, f"detach_{kind}_policy")(**owner, PolicyArn=arn)
    assert getattr(iam, f"list_attached_{kind}_policies")(**owner)["AttachedPolicies"] == []
    with refused("NoSuchEntity", 404):
        getattr(iam, f"detach_{kind}_policy")(**owner, PolicyArn=arn)
    text = f"Policy {policy_arn('none')} does not exist or is not attachable."
    with refused("NoSuchEntity", 404, text):
        getattr(iam, f"attach_{kind}_policy")(**owner, PolicyArn=policy_arn("none"))


def test_a_managed_policy_lives(iam):
    made = iam.create_policy(PolicyName="managed", PolicyDocument=DOCUMENT, Description="text")["Policy"]
    assert made["Arn"] == policy_arn("managed") and re.fullmatch(r"ANPA[A-Z0-9]{12,}", made["PolicyId"])
    assert (made["DefaultVersionId"], made["AttachmentCount"]) == ("v1", 0)
    assert iam.get_policy(PolicyArn=made["Arn"])["Policy"]["PolicyId"] == made["PolicyId"]
    version = iam.get_policy_version(PolicyArn=made["Arn"], VersionId="v1")["PolicyVersion"]
    assert version["Document"] == json.loads(DOCUMENT) and version["IsDefaultVersion"] is True
    assert names(iam.list_policies(Scope="Local")["Policies"], "PolicyName") == ["managed"]
    with refused("EntityAlreadyExists", 409):
        iam.create_policy(PolicyName="managed", PolicyDocument=DOCUMENT)
    iam.delete_policy(PolicyArn=made["Arn"])
    with refused("NoSuchEntity", 404, f"Policy {made['Arn']} was not found."):
        iam.delete_policy(PolicyArn=made["Arn"])


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[]",
        "{}",
        policy({"Effect": "Maybe", "Action": "*", "Resource": "*"}),
        policy({"Effect": "Allow", "Action": "*"}),
        policy(allow("kms:Encrypt", principal="*")),
        policy(allow("no-colon")),
    ],
)
def test_a_broken_policy_is_refused(iam, document):
    with refused("MalformedPolicyDocument", 400):
        iam.create_policy(PolicyName="broken", PolicyDocument=document)
    iam.create_user(UserName="alice")
    with refused("MalformedPolicyDocument", 400):
        iam.put_user_policy(UserName="alice", PolicyName="broken", PolicyDocument=document)


def test_a_group_lives(iam):
    made = iam.create_group(GroupName="team")["Group"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:group/team" and re.fullmatch(r"AGPA[A-Z0-9]{12,}", made["GroupId"])
    iam.create_user(UserName="alice")
    iam.add_user_to_group(GroupName="team", UserName="alice")
    assert names(iam.get_group(GroupName="team")["Users"], "UserName") == ["alice"]
    assert names(iam.list_groups_for_user(UserName="alice")["Groups"], "GroupName") == ["team"]
    assert names(iam.list_groups()["Groups"], "GroupName") == ["team"]
    with refused("DeleteConflict", 409, REMOVE_FIRST):
        iam.delete_group(GroupName="team")
    iam.remove_user_from_group(GroupName="team", UserName="alice")
    iam.delete_group(GroupName="team")
    with refused("NoSuchEntity", 404, "The group with name team cannot be found."):
        iam.get_group(GroupName="team")


def test_a_role_lives(iam):
    made = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST, Description="text")["Role"]
    assert made["Arn"] == role_arn("reader") and re.fullmatch(r"AROA[A-Z0-9]{12,}", made["RoleId"])
    found = iam.get_role(RoleName="reader")["Role"]
    assert found["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert (found["MaxSessionDuration"], found["Description"]) == (3600, "text")
    assert names(iam.list_roles()["Roles"], "RoleName") == ["reader"]
    iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=DOCUMENT)
    with refused("DeleteConflict", 409, REMOVE_FIRST):
        iam.delete_role(RoleName="reader")
    iam.delete_role_policy(RoleName="reader", PolicyName="p")
    iam.delete_role(RoleName="reader")
    with refused("NoSuchEntity", 404, "The role with name reader cannot be found."):
        iam.get_role(RoleName="reader")
    with refused("MalformedPolicyDocument", 400):
        iam.create_role(RoleName="broken", AssumeRolePolicyDocument="{")


def test_a_user_name_has_a_form(aws):
    iam = aws.unchecked("iam")
    for name in ("with space", "a/b", "x" * 65, ""):
        with refused("ValidationError", 400):
            iam.create_user(UserName=name)
    assert iam.list_users()["Users"] == []


def test_a_caller_without_a_name_is_meant_itself(aws):
    alice = aws.as_(aws.new_user("alice", policy(allow("iam:*"))))
    assert alice.iam.get_user()["User"]["Arn"] == user_arn("alice")
    assert names(alice.iam.list_access_keys()["AccessKeyMetadata"], "AccessKeyId") == [alice.credentials[0]]


def new_principal(iam, kind):
    """Makes a user, group or role; answers the parameter that names it."""
    name = {f"{kind.capitalize()}Name": "principal"}
    more = {"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}
    getattr(iam, f"create_{kind}")(**name, **more)
    return name
