"""Alibaba Cloud sessions: who am I, roles, session policies, temporary credentials."""

import base64
import datetime
import re

import pytest

from alibaba_names import (
    ACCOUNT,
    FORBIDDEN,
    MISMATCH,
    NO_PERMISSION,
    ROOT_ARN,
    UNKNOWN_ACCESS_KEY,
    allow,
    deny,
    policy,
    role_arn,
    trust,
    user_arn,
)
from refusal import refused

HELLO = base64.b64encode(b"hello").decode()
MAY_ASSUME = policy(allow("sts:AssumeRole"))


@pytest.fixture
def alice(alibaba):
    """A user who may take any role."""
    return alibaba.as_(alibaba.new_user("alice", MAY_ASSUME))


def no_role():
    return refused("NoPermission", 403, NO_PERMISSION)


def test_each_kind_of_caller_is_told_who_it_is(alibaba, alice):
    account = alibaba.sts("GetCallerIdentity")
    wanted = {"AccountId": ACCOUNT, "Arn": ROOT_ARN, "IdentityType": "Account", "PrincipalId": ACCOUNT}
    assert {name: account.get(name) for name in wanted} == wanted
    user = alibaba.ram("GetUser", UserName="alice")["User"]["UserId"]
    found = alice.sts("GetCallerIdentity")
    wanted = {
        "AccountId": ACCOUNT,
        "Arn": user_arn("alice"),
        "IdentityType": "RAMUser",
        "PrincipalId": user,
        "UserId": user,
    }
    assert {name: found.get(name) for name in wanted} == wanted
    alibaba.new_role("reader", trust(user_arn("alice")))
    role = alibaba.ram("GetRole", RoleName="reader")["Role"]["RoleId"]
    found = alice.as_(alice.assume("reader", "morning")).sts("GetCallerIdentity")
    wanted = {
        "AccountId": ACCOUNT,
        "Arn": f"acs:ram::{ACCOUNT}:assumed-role/reader/morning",
        "RoleId": role,
        "IdentityType": "AssumedRoleUser",
        "PrincipalId": f"{role}:morning",
    }
    assert {name: found.get(name) for name in wanted} == wanted


def test_nobody_can_be_denied_their_identity(alibaba):
    bob = alibaba.as_(alibaba.new_user("bob", policy(deny("*"))))
    assert bob.sts("GetCallerIdentity")["Arn"] == user_arn("bob")


def test_a_role_session_has_temporary_credentials(alibaba, alice):
    alibaba.new_role("reader", trust(user_arn("alice")))
    role = alibaba.ram("GetRole", RoleName="reader")["Role"]["RoleId"]
    answer = alice.sts("AssumeRole", RoleArn=role_arn("reader"), RoleSessionName="s1", DurationSeconds=900)
    assert answer["AssumedRoleUser"] == {"Arn": f"{role_arn('reader')}/s1", "AssumedRoleId": f"{role}:s1"}
    made = answer["Credentials"]
    assert made["AccessKeyId"].startswith("STS.") and made["AccessKeySecret"] and made["SecurityToken"]
    ends = datetime.datetime.strptime(made["Expiration"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    assert abs((ends - datetime.datetime.now(datetime.timezone.utc)).total_seconds() - 900) < 60


def test_the_account_itself_takes_no_role(alibaba):
    alibaba.new_role("reader", trust(ROOT_ARN), policy(allow("kms:*")))
    with refused("NoPermission", 403):
        alibaba.assume("reader")


def test_a_role_needs_trust_and_permission(alibaba, alice):
    alibaba.new_user("bob")
    alibaba.new_role("for-account", trust(ROOT_ARN))
    alibaba.new_role("for-bob", trust(user_arn("bob")))
    alice.assume("for-account")
    with no_role() as seen:
        alice.assume("for-bob")
    assert seen.refusal.denial.get("PolicyType", "AssumeRolePolicy") == "AssumeRolePolicy"
    carol = alibaba.as_(alibaba.new_user("carol"))
    with no_role() as seen:
        carol.assume("for-account")
    assert seen.refusal.denial.get("AuthAction", "sts:AssumeRole") == "sts:AssumeRole"


def test_a_missing_role_is_missing_for_those_who_may(alice):
    with refused("EntityNotExist.Role", 404):
        alice.assume("none")


def test_session_parameters_have_bounds(alibaba, alice):
    alibaba.new_role("reader", trust(user_arn("alice")))
    for name, wrong in (
        ("RoleArn", {"RoleArn": "nothing-valid"}),
        ("RoleSessionName", {"RoleSessionName": "a b"}),
        ("RoleSessionName", {"RoleSessionName": "x"}),
        ("DurationSeconds", {"DurationSeconds": 899}),
        ("DurationSeconds", {"DurationSeconds": 3601}),
        ("PolicyGrammar", {"Policy": "{"}),
        ("PolicySize", {"Policy": policy(allow("kms:" + "x" * 2048))}),
    ):
        good = {"RoleArn": role_arn("reader"), "RoleSessionName": "session"}
        with refused(f"InvalidParameter.{name}", 400):
            alice.sts("AssumeRole", **{**good, **wrong})


def test_a_session_policy_only_takes_away(alibaba, alice):
    key = alibaba.new_key()
    alibaba.new_role("reader", trust(user_arn("alice")), policy(allow(["kms:Encrypt", "kms:Decrypt"])))
    only = policy(allow(["kms:Encrypt", "kms:GenerateDataKey"]))
    session = alice.as_(alice.assume("reader", Policy=only))
    blob = session.kms("Encrypt", KeyId=key, Plaintext=HELLO)["CiphertextBlob"]
    with refused("Forbidden.NoPermission", 403, FORBIDDEN) as seen:
        session.kms("GenerateDataKey", KeyId=key)
    assert seen.refusal.denial.get("PolicyType", "AccountLevelIdentityBasedPolicy") == "AccountLevelIdentityBasedPolicy"
    with refused("Forbidden.NoPermission", 403, FORBIDDEN) as seen:
        session.kms("Decrypt", CiphertextBlob=blob)
    assert seen.refusal.denial.get("PolicyType", "SessionPolicy") == "SessionPolicy"


def test_temporary_credentials_need_their_own_token(new_sdk):
    alice = new_sdk.as_(new_sdk.new_user("alice", MAY_ASSUME))
    new_sdk.new_role("reader", trust(user_arn("alice")), policy(allow("kms:*")))
    key_id, secret, token = alice.assume("reader")
    _, _, other = alice.assume("reader", "other")
    with refused("InvalidAccessKeyId.NotFound", 404):
        alice.as_((key_id, secret)).kms("ListKeys")
    for asked in ("sts", "ram"):
        with refused("MissingSecurityToken", 400):
            getattr(alice.as_((key_id, secret)), asked)("GetCallerIdentity" if asked == "sts" else "ListUsers")
    mine = re.compile(r"InvalidSecurityToken\.(Malformed|MismatchWithAccessKey)")
    for wrong in (other, "x", token[:-5] + ("A" if token[-5] != "A" else "B") + token[-4:]):
        with refused(mine, {400, 403}):
            alice.as_((key_id, secret, wrong)).sts("GetCallerIdentity")
    with refused("SignatureDoesNotMatch", 400, MISMATCH):
        alice.as_((key_id, "wrong", token)).kms("ListKeys")


def test_a_session_ends_with_its_role(alibaba, alice):
    alibaba.new_role("reader", trust(user_arn("alice")), policy(allow("kms:ListKeys")))
    session = alice.as_(alice.assume("reader"))
    session.kms("ListKeys")
    alibaba.ram("DetachPolicyFromRole", RoleName="reader", PolicyType="Custom", PolicyName="reader-p0")
    with refused("Forbidden.NoPermission", 403, FORBIDDEN):
        session.kms("ListKeys")
    alibaba.ram("DeleteRole", RoleName="reader")
    with refused(
        {"InvalidAccessKeyId.NotFound", "Forbidden.NoPermission"}, {403, 404}, {UNKNOWN_ACCESS_KEY, FORBIDDEN}
    ):
        session.kms("ListKeys")
