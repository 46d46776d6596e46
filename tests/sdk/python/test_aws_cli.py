"""The aws command: what people type, from the making of a key to its end."""

import pytest

from aws_client import AwsCli
from aws_names import INVALID_TOKEN, MISMATCH, MISSING_KEY, ROOT_ARN, allow, key_arn, policy, trust, user_arn
from refusal import refused


@pytest.fixture
def cli(server):
    return AwsCli(server.endpoint)


def test_a_key_from_its_making_to_its_end(cli):
    made = cli.call("kms", "CreateKey", Description="typed", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]
    key = made["KeyId"]
    cli.call("kms", "CreateAlias", AliasName="alias/typed", TargetKeyId=key)
    assert cli.call("kms", "ListKeys")["Keys"] == [{"KeyId": key, "KeyArn": made["Arn"]}]
    sealed = cli.call("kms", "Encrypt", KeyId="alias/typed", Plaintext=b"\0\xff", EncryptionContext={"a": "b"})
    opened = cli.call("kms", "Decrypt", CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"a": "b"})
    assert (opened["Plaintext"], opened["KeyId"]) == (b"\0\xff", key_arn(key))
    assert len(cli.call("kms", "GenerateDataKey", KeyId=key, KeySpec="AES_256")["Plaintext"]) == 32
    assert len(cli.call("kms", "GenerateRandom", NumberOfBytes=5)["Plaintext"]) == 5
    cli.call("kms", "DisableKey", KeyId=key)
    with refused("DisabledException", 400, f"{key_arn(key)} is disabled."):
        cli.call("kms", "Encrypt", KeyId=key, Plaintext=b"x")
    cli.call("kms", "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    cli.call("kms", "CancelKeyDeletion", KeyId=key)
    assert cli.call("kms", "DescribeKey", KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"


def test_identities_from_the_command_line(cli):
    alice = cli.as_(cli.new_user("alice", policy(allow("kms:ListKeys"))))
    assert alice.call("sts", "GetCallerIdentity")["Arn"] == user_arn("alice")
    assert cli.call("sts", "GetCallerIdentity")["Arn"] == ROOT_ARN
    cli.new_role("reader", trust(user_arn("alice")), policy(allow("kms:ListKeys")))
    assert alice.as_(alice.assume("reader")).call("kms", "ListKeys")["Keys"] == []
    assert [user["UserName"] for user in cli.call("iam", "ListUsers")["Users"]] == ["alice"]


def test_refusals_are_shown_with_code_and_words(cli):
    with refused("NotFoundException", 400, f"Key '{key_arn(MISSING_KEY)}' does not exist"):
        cli.call("kms", "DescribeKey", KeyId=MISSING_KEY)
    with refused("NoSuchEntity", 404, "The user with name none cannot be found."):
        cli.call("iam", "GetUser", UserName="none")
    with refused("InvalidSignatureException", 400, MISMATCH):
        cli.as_(("test", "wrong")).call("kms", "ListKeys")
    with refused("InvalidClientTokenId", 403, INVALID_TOKEN):
        cli.as_(("AKIAUNKNOWN000000000", "x")).call("sts", "GetCallerIdentity")
