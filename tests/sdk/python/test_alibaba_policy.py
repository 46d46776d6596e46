"""Alibaba Cloud authorisation seen from the wire: who is denied what, in the vendor's exact words."""

import base64
import json

import pytest

from alibaba_names import (
    ACCOUNT,
    FORBIDDEN,
    NO_PERMISSION,
    REGION,
    alias_arn,
    allow,
    deny,
    key_arn,
    policy,
    tags,
    user_arn,
)
from refusal import refused

HELLO = base64.b64encode(b"hello").decode()
IDENTITY = "AccountLevelIdentityBasedPolicy"


def user(alibaba, *documents):
    return alibaba.as_(alibaba.new_user("alice", *documents))


def attach(alibaba, name, *statements):
    alibaba.ram("AttachPolicyToUser", UserName="alice", **alibaba.new_policy(name, policy(*statements)))


def detach(alibaba, name):
    alibaba.ram("DetachPolicyFromUser", UserName="alice", PolicyType="Custom", PolicyName=name)


def is_denied():
    return refused("Forbidden.NoPermission", 403, FORBIDDEN)


def check_detail(refusal, alice_id, action, kind):
    """What a denial tells about itself; the old SDK does not show it."""
    if refusal.body:
        wanted = {
            "AuthAction": action,
            "AuthPrincipalType": "SubUser",
            "AuthPrincipalOwnerId": ACCOUNT,
            "AuthPrincipalDisplayName": alice_id,
            "PolicyType": IDENTITY,
            "NoPermissionType": kind,
        }
        assert {name: refusal.denial.get(name) for name in wanted} == wanted


def every_operation(key):
    """The operations with the action and resource that each asks for, in an order that lets all succeed."""
    arn, container = key_arn(key), f"acs:kms:{REGION}:{ACCOUNT}:key"
    return [
        ("DescribeKey", arn, {"KeyId": key}),
        ("Encrypt", arn, {"KeyId": key, "Plaintext": HELLO}),
        ("GenerateDataKey", arn, {"KeyId": key}),
        ("GenerateDataKeyWithoutPlaintext", arn, {"KeyId": key}),
        ("UpdateKeyDescription", arn, {"KeyId": key, "Description": "d"}),
        ("ListAliasesByKeyId", arn, {"KeyId": key}),
        ("ListKeyVersions", arn, {"KeyId": key}),
        ("ListResourceTags", arn, {"KeyId": key}),
        ("TagResource", arn, {"KeyId": key, "Tags": tags(a="b")}),
        ("UntagResource", arn, {"KeyId": key, "TagKeys": '["a"]'}),
        ("GetKeyPolicy", arn, {"KeyId": key}),
        ("ListKeys", container, {}),
        ("ListAliases", f"acs:kms:{REGION}:{ACCOUNT}:alias", {}),
        ("CreateKey", container, {}),
        ("DisableKey", arn, {"KeyId": key}),
        ("EnableKey", arn, {"KeyId": key}),
        ("ScheduleKeyDeletion", arn, {"KeyId": key, "PendingWindowInDays": 7}),
        ("CancelKeyDeletion", arn, {"KeyId": key}),
    ]


def test_every_operation_is_denied_allowed_and_denied_again(alibaba):
    key = alibaba.new_key()
    alice = user(alibaba)
    alice_id = alibaba.ram("GetUser", UserName="alice")["User"]["UserId"]
    for number, (operation, resource, parameters) in enumerate(every_operation(key)):
        action = f"kms:{operation}"
        with is_denied() as seen:
            alice.kms(operation, **parameters)
        check_detail(seen.refusal, alice_id, action, "ImplicitDeny")
        attach(alibaba, f"deny-{number}", allow("kms:*"), deny(action))
        with is_denied() as seen:
            alice.kms(operation, **parameters)
        check_detail(seen.refusal, alice_id, action, "ExplicitDeny")
        detach(alibaba, f"deny-{number}")
        attach(alibaba, f"exact-{number}", allow(action, resource))
        alice.kms(operation, **parameters)
        detach(alibaba, f"exact-{number}")


def test_decrypt_is_judged_by_the_key_of_the_ciphertext(alibaba):
    mine, other = alibaba.new_key(), alibaba.new_key()
    blobs = [alibaba.kms("Encrypt", KeyId=key, Plaintext=HELLO)["CiphertextBlob"] for key in (mine, other)]
    alice = user(alibaba, policy(allow("kms:Decrypt", key_arn(mine))))
    assert alice.kms("Decrypt", CiphertextBlob=blobs[0])["Plaintext"] == HELLO
    with is_denied():
        alice.kms("Decrypt", CiphertextBlob=blobs[1])


def test_reencryption_needs_both_keys(alibaba):
    one, two = alibaba.new_key(), alibaba.new_key()
    blob = alibaba.kms("Encrypt", KeyId=one, Plaintext=HELLO)["CiphertextBlob"]
    alice = user(alibaba, policy(allow(["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom"])))
    with is_denied() as seen:
        alice.kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=two)
    assert seen.refusal.denial.get("AuthAction", "kms:ReEncryptTo") == "kms:ReEncryptTo"
    attach(alibaba, "both", allow("kms:ReEncrypt*"))
    alice.kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=two)


def test_an_alias_needs_permission_on_alias_and_key(alibaba):
    key = alibaba.new_key()
    alice = user(alibaba, policy(allow("kms:CreateAlias", "acs:kms:*:*:alias/*")))
    with is_denied():
        alice.kms("CreateAlias", AliasName="alias/a", KeyId=key)
    attach(alibaba, "key", allow("kms:CreateAlias", key_arn(key)))
    alice.kms("CreateAlias", AliasName="alias/a", KeyId=key)
    attach(alibaba, "delete", allow("kms:DeleteAlias", alias_arn("alias/a")))
    with is_denied():
        alice.kms("DeleteAlias", AliasName="alias/a")


def test_items_and_containers_are_different_resources(alibaba):
    key = alibaba.new_key()
    alice = user(alibaba, policy(allow("kms:*", "acs:kms:*:*:key/*")))
    alice.kms("DescribeKey", KeyId=key)
    for operation in ("ListKeys", "CreateKey"):
        with is_denied():
            alice.kms(operation)
    attach(alibaba, "wide", allow("kms:*", "acs:kms:*:*:key*"))
    for operation in ("ListKeys", "CreateKey"):
        alice.kms(operation)


def test_the_regions_are_open_to_every_caller(alibaba):
    alice = user(alibaba, policy(deny("*")))
    assert alice.kms("DescribeRegions")["Regions"]["Region"]


def test_a_tag_is_compared_as_the_operator_says(alibaba):
    keys = {value: alibaba.new_key(Tags=tags(Project=value)) for value in ("Apollo", "apollo", "Gemini")}
    condition = {"StringEqualsIgnoreCase": {"kms:tag/Project": ["Apollo"]}}
    alice = user(alibaba, policy(allow("kms:Encrypt", condition=condition)))
    alice.kms("Encrypt", KeyId=keys["Apollo"], Plaintext=HELLO)
    alice.kms("Encrypt", KeyId=keys["apollo"], Plaintext=HELLO)
    for key in (keys["Gemini"], alibaba.new_key()):
        with is_denied():
            alice.kms("Encrypt", KeyId=key, Plaintext=HELLO)


def test_a_condition_on_the_encryption_context(alibaba):
    key = alibaba.new_key()
    condition = {"StringEquals": {"kms:EncryptionContext:app": "a"}}
    alice = user(alibaba, policy(allow("kms:Encrypt", condition=condition)))
    alice.kms("Encrypt", KeyId=key, Plaintext=HELLO, EncryptionContext={"app": "a"})
    for more in ({}, {"EncryptionContext": {"app": "b"}}):
        with is_denied():
            alice.kms("Encrypt", KeyId=key, Plaintext=HELLO, **more)


def test_a_permission_that_ended_is_denied(alibaba):
    key = alibaba.new_key()
    ended = {"DateLessThan": {"acs:CurrentTime": "2020-01-01T00:00:00+08:00"}}
    alice = user(alibaba, policy(allow("kms:Encrypt", condition=ended)))
    with is_denied():
        alice.kms("Encrypt", KeyId=key, Plaintext=HELLO)
    attach(
        alibaba, "still", allow("kms:Encrypt", condition={"DateLessThan": {"acs:CurrentTime": "2099-01-01T00:00:00Z"}})
    )
    alice.kms("Encrypt", KeyId=key, Plaintext=HELLO)


def test_actions_are_compared_without_case(alibaba):
    key = alibaba.new_key()
    alice = user(alibaba, policy(allow("KMS:encrypt")))
    alice.kms("Encrypt", KeyId=key, Plaintext=HELLO)


def test_a_key_policy_or_an_identity_policy_suffices(alibaba):
    key = alibaba.new_key()
    alice = user(alibaba)
    default = json.loads(alibaba.kms("GetKeyPolicy", KeyId=key)["Policy"])["Statement"]
    with is_denied():
        alice.kms("Encrypt", KeyId=key, Plaintext=HELLO)
    direct = allow(["kms:Encrypt"], ["*"], principal={"RAM": [user_arn("alice")]})
    alibaba.kms("SetKeyPolicy", KeyId=key, Policy=policy(*default, direct))
    alice.kms("Encrypt", KeyId=key, Plaintext=HELLO)
    stop = deny(["kms:Encrypt"], ["*"], principal={"RAM": [user_arn("alice")]})
    attach(alibaba, "all", allow("kms:*"))
    alibaba.kms("SetKeyPolicy", KeyId=key, Policy=policy(*default, stop))
    with is_denied():
        alice.kms("Encrypt", KeyId=key, Plaintext=HELLO)
    alice.kms("GenerateDataKey", KeyId=key)


def test_a_groups_policies_reach_its_members(alibaba):
    alice = user(alibaba)
    alibaba.ram("CreateGroup", GroupName="team")
    alibaba.ram("AttachPolicyToGroup", GroupName="team", **alibaba.new_policy("list", policy(allow("kms:ListKeys"))))
    alibaba.ram("AddUserToGroup", GroupName="team", UserName="alice")
    alice.kms("ListKeys")
    alibaba.ram("RemoveUserFromGroup", GroupName="team", UserName="alice")
    with is_denied():
        alice.kms("ListKeys")


def test_ram_denies_in_its_own_words(alibaba):
    alice = user(alibaba, policy(allow("kms:*")))
    everyone = f"acs:ram:*:{ACCOUNT}:user/*"
    new = {"UserName": "bob", "DisplayName": "Bob"}
    with refused("NoPermission", 403, NO_PERMISSION) as seen:
        alice.ram("CreateUser", **new)
    assert seen.refusal.denial.get("AuthAction", "ram:CreateUser") == "ram:CreateUser"
    attach(alibaba, "create", allow("ram:CreateUser", everyone))
    alice.ram("CreateUser", **new)
    with refused("NoPermission", 403, NO_PERMISSION):
        alice.ram("AttachPolicyToUser", UserName="alice", PolicyType="System", PolicyName="AdministratorAccess")


@pytest.mark.parametrize("resource", [f"acs:ram:*:{ACCOUNT}:user/alice", f"acs:ram:*:{ACCOUNT}:policy/give"])
def test_attaching_needs_permission_on_user_and_policy(alibaba, resource):
    alice = user(alibaba, policy(allow("ram:AttachPolicyToUser", resource)))
    give = alibaba.new_policy("give", policy(allow("kms:ListKeys")))
    with refused("NoPermission", 403, NO_PERMISSION):
        alice.ram("AttachPolicyToUser", UserName="alice", **give)
    both = [f"acs:ram:*:{ACCOUNT}:user/alice", f"acs:ram:*:{ACCOUNT}:policy/give"]
    attach(alibaba, "both", allow("ram:AttachPolicyToUser", both))
    alice.ram("AttachPolicyToUser", UserName="alice", **give)
