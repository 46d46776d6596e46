"""Which operation a key allows in which state: the key state table of AWS KMS."""

import re

import pytest

from aws_names import key_arn
from refusal import refused

PENDING_DELETION = r" is pending deletion(\.| \(or pending replica deletion\)\.)"
NOT_PENDING_DELETION = r" is not pending deletion(\.| \(or pending replica deletion\)\.)"

CRYPTO = {
    "Encrypt": lambda kms, key: kms.encrypt(KeyId=key.id, Plaintext=b"x"),
    "Decrypt": lambda kms, key: kms.decrypt(CiphertextBlob=key.blob),
    "GenerateDataKey": lambda kms, key: kms.generate_data_key(KeyId=key.id, KeySpec="AES_256"),
    "GenerateDataKeyWithoutPlaintext": lambda kms, key: kms.generate_data_key_without_plaintext(
        KeyId=key.id, KeySpec="AES_256"
    ),
    "ReEncryptFrom": lambda kms, key: kms.re_encrypt(CiphertextBlob=key.blob, DestinationKeyId=key.other),
    "ReEncryptTo": lambda kms, key: kms.re_encrypt(CiphertextBlob=key.other_blob, DestinationKeyId=key.id),
    "EnableKeyRotation": lambda kms, key: kms.enable_key_rotation(KeyId=key.id),
    "DisableKeyRotation": lambda kms, key: kms.disable_key_rotation(KeyId=key.id),
    "RotateKeyOnDemand": lambda kms, key: kms.rotate_key_on_demand(KeyId=key.id),
}
ALWAYS = {
    "DescribeKey": lambda kms, key: kms.describe_key(KeyId=key.id),
    "GetKeyRotationStatus": lambda kms, key: kms.get_key_rotation_status(KeyId=key.id),
    "ListKeyRotations": lambda kms, key: kms.list_key_rotations(KeyId=key.id),
    "GetKeyPolicy": lambda kms, key: kms.get_key_policy(KeyId=key.id),
    "PutKeyPolicy": lambda kms, key: kms.put_key_policy(KeyId=key.id, Policy=key.policy),
    "ListAliases": lambda kms, key: kms.list_aliases(KeyId=key.id),
    "ListResourceTags": lambda kms, key: kms.list_resource_tags(KeyId=key.id),
    "DeleteAlias": lambda kms, key: kms.delete_alias(AliasName=key.alias),
}
UNTIL_DELETION = {
    "CreateAlias": lambda kms, key: kms.create_alias(AliasName="alias/new", TargetKeyId=key.id),
    "UpdateAlias": lambda kms, key: kms.update_alias(AliasName=key.other_alias, TargetKeyId=key.id),
    "TagResource": lambda kms, key: kms.tag_resource(KeyId=key.id, Tags=[{"TagKey": "a", "TagValue": "b"}]),
    "UntagResource": lambda kms, key: kms.untag_resource(KeyId=key.id, TagKeys=["a"]),
    "UpdateKeyDescription": lambda kms, key: kms.update_key_description(KeyId=key.id, Description="d"),
    "EnableKey": lambda kms, key: kms.enable_key(KeyId=key.id),
    "DisableKey": lambda kms, key: kms.disable_key(KeyId=key.id),
    "ScheduleKeyDeletion": lambda kms, key: kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7),
}


class Key:
    """A key with everything that the operations need, and another key beside it."""

    def __init__(self, kms):
        self.id, self.other = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
        self.arn = key_arn(self.id)
        self.alias, self.other_alias = "alias/this", "alias/other"
        kms.create_alias(AliasName=self.alias, TargetKeyId=self.id)
        kms.create_alias(AliasName=self.other_alias, TargetKeyId=self.other)
        self.blob = kms.encrypt(KeyId=self.id, Plaintext=b"x")["CiphertextBlob"]
        self.other_blob = kms.encrypt(KeyId=self.other, Plaintext=b"x")["CiphertextBlob"]
        self.policy = kms.get_key_policy(KeyId=self.id)["Policy"]

    def says(self, rest):
        return re.compile(re.escape(self.arn) + rest)


@pytest.fixture
def key(kms):
    return Key(kms)


def run(table, name, kms, key):
    return table[name](kms, key)


@pytest.mark.parametrize("name", [*CRYPTO, *ALWAYS, *UNTIL_DELETION])
def test_an_enabled_key_does_everything(kms, key, name):
    run({**CRYPTO, **ALWAYS, **UNTIL_DELETION}, name, kms, key)


@pytest.mark.parametrize("name", CRYPTO)
def test_a_disabled_key_does_no_cryptography(kms, key, name):
    kms.disable_key(KeyId=key.id)
    with refused("DisabledException", 400, f"{key.arn} is disabled."):
        run(CRYPTO, name, kms, key)
    kms.enable_key(KeyId=key.id)
    run(CRYPTO, name, kms, key)


@pytest.mark.parametrize("name", [*ALWAYS, *UNTIL_DELETION])
def test_a_disabled_key_can_still_be_kept(kms, key, name):
    kms.disable_key(KeyId=key.id)
    run({**ALWAYS, **UNTIL_DELETION}, name, kms, key)


@pytest.mark.parametrize("name", [*CRYPTO, *UNTIL_DELETION])
def test_a_key_that_waits_for_deletion_refuses(kms, key, name):
    kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7)
    with refused("KMSInvalidStateException", 400, key.says(PENDING_DELETION)):
        run({**CRYPTO, **UNTIL_DELETION}, name, kms, key)
    kms.cancel_key_deletion(KeyId=key.id)
    kms.enable_key(KeyId=key.id)
    run({**CRYPTO, **UNTIL_DELETION}, name, kms, key)


@pytest.mark.parametrize("name", ALWAYS)
def test_a_key_that_waits_for_deletion_can_be_looked_at(kms, key, name):
    kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7)
    run(ALWAYS, name, kms, key)


def test_an_alias_leaves_a_key_that_waits_for_deletion(kms, key):
    kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7)
    kms.update_alias(AliasName=key.alias, TargetKeyId=key.other)
    assert kms.describe_key(KeyId=key.alias)["KeyMetadata"]["KeyId"] == key.other


@pytest.mark.parametrize("disable", [False, True])
def test_only_a_scheduled_deletion_is_cancelled(kms, key, disable):
    if disable:
        kms.disable_key(KeyId=key.id)
    with refused("KMSInvalidStateException", 400, key.says(NOT_PENDING_DELETION)):
        kms.cancel_key_deletion(KeyId=key.id)
