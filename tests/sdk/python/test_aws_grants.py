"""Grants on keys, as boto3 asks for them."""

import re

import pytest

from aws_names import allow, policy, user_arn
from refusal import refused

DENIED = "AccessDeniedException"


@pytest.fixture
def key(kms):
    return kms.create_key()["KeyMetadata"]


@pytest.fixture
def ann(aws):
    """A user without a policy."""
    return aws.as_(aws.new_user("ann"))


def granted(kms, key, *operations, **more):
    return kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=user_arn("ann"), Operations=list(operations), **more)


def test_a_grant_is_made_listed_used_and_revoked(kms, key, ann):
    with refused(DENIED, 400):
        ann.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    made = granted(kms, key, "Encrypt", "DescribeKey", Name="a-name")
    assert re.fullmatch(r"[0-9a-f]{64}", made["GrantId"]) and re.fullmatch(r"[A-Za-z0-9_-]+", made["GrantToken"])
    blob = ann.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", GrantTokens=[made["GrantToken"]])["CiphertextBlob"]
    ann.kms.describe_key(KeyId=key["KeyId"])
    with refused(DENIED, 400):
        ann.kms.decrypt(CiphertextBlob=blob)
    (listed,) = kms.list_grants(KeyId=key["KeyId"])["Grants"]
    assert (listed["KeyId"], listed["GrantId"], listed["Name"]) == (key["Arn"], made["GrantId"], "a-name")
    assert (listed["GranteePrincipal"], listed["Operations"]) == (user_arn("ann"), ["Encrypt", "DescribeKey"])
    kms.revoke_grant(KeyId=key["KeyId"], GrantId=made["GrantId"])
    with refused(DENIED, 400):
        ann.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    with refused("NotFoundException", 400):
        kms.revoke_grant(KeyId=key["KeyId"], GrantId=made["GrantId"])


def test_a_made_up_token_is_refused_and_a_true_one_gives_nothing_more(kms, aws, key, ann):
    true = granted(kms, key, "Encrypt")["GrantToken"]
    for token in ("made-up", true[:20] + ("A" if true[20] != "A" else "B") + true[21:]):
        with refused("InvalidGrantTokenException", 400):
            kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", GrantTokens=[token])
    eve = aws.as_(aws.new_user("eve"))
    with refused(DENIED, 400):
        eve.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", GrantTokens=[true])
    with refused(DENIED, 400):
        ann.kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256", GrantTokens=[true])


@pytest.mark.parametrize(
    "kind, context, opens",
    [
        ("EncryptionContextEquals", {"a": "b"}, True),
        ("EncryptionContextEquals", {"a": "b", "c": "d"}, False),
        ("EncryptionContextSubset", {"a": "b", "c": "d"}, True),
        ("EncryptionContextSubset", {"A": "b"}, False),
        ("EncryptionContextSubset", {"a": "B"}, False),
    ],
)
def test_a_constraint_wants_its_pairs(kms, key, ann, kind, context, opens):
    granted(kms, key, "Encrypt", Constraints={kind: {"a": "b"}})
    asked = {"KeyId": key["KeyId"], "Plaintext": b"x", "EncryptionContext": context}
    if opens:
        ann.kms.encrypt(**asked)
    else:
        with refused(DENIED, 400):
            ann.kms.encrypt(**asked)


def test_a_grant_made_by_a_grant_gives_no_more(kms, aws, key, ann):
    aws.new_user("bob")
    granted(kms, key, "Encrypt", "CreateGrant", Constraints={"EncryptionContextSubset": {"a": "b"}})

    def pass_on(operations, constraints):
        ann.kms.create_grant(
            KeyId=key["KeyId"], GranteePrincipal=user_arn("bob"), Operations=operations, Constraints=constraints
        )

    pass_on(["Encrypt"], {"EncryptionContextEquals": {"a": "b"}})
    pass_on(["Encrypt"], {"EncryptionContextSubset": {"a": "b", "c": "d"}})
    for operations, constraints in (
        (["Encrypt", "Decrypt"], {"EncryptionContextSubset": {"a": "b"}}),
        (["Encrypt"], {"EncryptionContextSubset": {"c": "d"}}),
    ):
        with refused(DENIED, 400):
            pass_on(operations, constraints)


def test_a_namesake_has_nothing_of_a_grant(kms, aws, key):
    aws.iam.create_user(UserName="ann")
    granted(kms, key, "Encrypt")
    aws.iam.delete_user(UserName="ann")
    (listed,) = kms.list_grants(KeyId=key["KeyId"])["Grants"]
    assert listed["GranteePrincipal"].startswith("AIDA")
    twin = aws.as_(aws.new_user("ann"))
    with refused(DENIED, 400):
        twin.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")


def test_a_grant_is_retired_by_whom_it_names(kms, aws, key, ann):
    bob = aws.as_(aws.new_user("bob"))
    made = granted(kms, key, "Encrypt", RetiringPrincipal=user_arn("bob"))
    (listed,) = kms.list_retirable_grants(RetiringPrincipal=user_arn("bob"))["Grants"]
    assert listed["GrantId"] == made["GrantId"]
    with refused(DENIED, 400):
        ann.kms.retire_grant(GrantToken=made["GrantToken"])
    bob.kms.retire_grant(GrantToken=made["GrantToken"])
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == []
    with refused("NotFoundException", 400):
        bob.kms.retire_grant(KeyId=key["Arn"], GrantId=made["GrantId"])


def test_a_policy_says_which_grants_may_be_made(kms, aws, key):
    condition = {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt"]}}
    maker = aws.as_(aws.new_user("maker", policy(allow("kms:CreateGrant", condition=condition))))
    aws.new_user("ann")
    granted(maker.kms, key, "Encrypt")
    with refused(DENIED, 400):
        granted(maker.kms, key, "Encrypt", "Decrypt")
