"""Which operation a key allows in which state: the key state table of Alibaba Cloud KMS."""

import base64

import pytest

from alibaba_names import ANY_STATE, rejected, tags
from refusal import refused

SOON = {"PendingWindowInDays": 7}
HELLO = base64.b64encode(b"hello").decode()

CRYPTO = {
    "Encrypt": lambda a, k: a.kms("Encrypt", KeyId=k.id, Plaintext=HELLO),
    "Decrypt": lambda a, k: a.kms("Decrypt", CiphertextBlob=k.blob),
    "GenerateDataKey": lambda a, k: a.kms("GenerateDataKey", KeyId=k.id),
    "GenerateDataKeyWithoutPlaintext": lambda a, k: a.kms("GenerateDataKeyWithoutPlaintext", KeyId=k.id),
    "ReEncryptFrom": lambda a, k: a.kms("ReEncrypt", CiphertextBlob=k.blob, DestinationKeyId=k.other),
    "ReEncryptTo": lambda a, k: a.kms("ReEncrypt", CiphertextBlob=k.other_blob, DestinationKeyId=k.id),
    "UpdateRotationPolicy": lambda a, k: a.kms(
        "UpdateRotationPolicy", KeyId=k.id, EnableAutomaticRotation=True, RotationInterval="30d"
    ),
}
UNTIL_DELETION = {
    "UpdateKeyDescription": lambda a, k: a.kms("UpdateKeyDescription", KeyId=k.id, Description="d"),
    "TagResource": lambda a, k: a.kms("TagResource", KeyId=k.id, Tags=tags(a="b")),
    "UntagResource": lambda a, k: a.kms("UntagResource", KeyId=k.id, TagKeys='["a"]'),
    "UpdateAlias": lambda a, k: a.kms("UpdateAlias", AliasName="alias/other", KeyId=k.id),
}
TRANSITIONS = {
    "EnableKey": lambda a, k: a.kms("EnableKey", KeyId=k.id),
    "DisableKey": lambda a, k: a.kms("DisableKey", KeyId=k.id),
    "ScheduleKeyDeletion": lambda a, k: a.kms("ScheduleKeyDeletion", KeyId=k.id, **SOON),
    "CreateAlias": lambda a, k: a.kms("CreateAlias", AliasName="alias/new", KeyId=k.id),
}
ALWAYS = {
    "DescribeKey": lambda a, k: a.kms("DescribeKey", KeyId=k.id),
    "ListAliasesByKeyId": lambda a, k: a.kms("ListAliasesByKeyId", KeyId=k.id),
    "ListResourceTags": lambda a, k: a.kms("ListResourceTags", KeyId=k.id),
    "ListKeyVersions": lambda a, k: a.kms("ListKeyVersions", KeyId=k.id),
    "GetKeyPolicy": lambda a, k: a.kms("GetKeyPolicy", KeyId=k.id),
    "DeleteAlias": lambda a, k: a.kms("DeleteAlias", AliasName="alias/this"),
}
KEPT = {**UNTIL_DELETION, **TRANSITIONS, **ALWAYS}
ALL = {**CRYPTO, **KEPT}


class Key:
    """A key with everything that the operations need, and another key beside it."""

    def __init__(self, owner):
        self.id, self.other = owner.new_key(), owner.new_key()
        owner.kms("CreateAlias", AliasName="alias/this", KeyId=self.id)
        owner.kms("CreateAlias", AliasName="alias/other", KeyId=self.other)
        self.blob = owner.kms("Encrypt", KeyId=self.id, Plaintext=HELLO)["CiphertextBlob"]
        self.other_blob = owner.kms("Encrypt", KeyId=self.other, Plaintext=HELLO)["CiphertextBlob"]


@pytest.fixture
def key(alibaba):
    return Key(alibaba)


@pytest.mark.parametrize("name", ALL)
def test_an_enabled_key_does_everything(alibaba, key, name):
    ALL[name](alibaba, key)


@pytest.mark.parametrize("name", CRYPTO)
def test_a_disabled_key_does_no_cryptography(alibaba, key, name):
    alibaba.kms("DisableKey", KeyId=key.id)
    with refused("Rejected.Disabled", 409, rejected("Disabled")):
        CRYPTO[name](alibaba, key)
    alibaba.kms("EnableKey", KeyId=key.id)
    CRYPTO[name](alibaba, key)


@pytest.mark.parametrize("name", KEPT)
def test_a_disabled_key_can_still_be_kept(alibaba, key, name):
    alibaba.kms("DisableKey", KeyId=key.id)
    KEPT[name](alibaba, key)


@pytest.mark.parametrize("name", [*CRYPTO, *UNTIL_DELETION])
def test_a_key_that_waits_for_deletion_is_not_used(alibaba, key, name):
    alibaba.kms("ScheduleKeyDeletion", KeyId=key.id, **SOON)
    with refused("Rejected.PendingDeletion", 409, rejected("PendingDeletion")):
        ALL[name](alibaba, key)
    alibaba.kms("CancelKeyDeletion", KeyId=key.id)
    ALL[name](alibaba, key)


@pytest.mark.parametrize("name", TRANSITIONS)
def test_a_key_that_waits_for_deletion_changes_no_state(alibaba, key, name):
    alibaba.kms("ScheduleKeyDeletion", KeyId=key.id, **SOON)
    with refused("Rejected.StateModifiedFailed", 409, ANY_STATE):
        TRANSITIONS[name](alibaba, key)
    assert alibaba.state(key.id) == "PendingDeletion"


@pytest.mark.parametrize("name", ALWAYS)
def test_a_key_that_waits_for_deletion_can_be_looked_at(alibaba, key, name):
    alibaba.kms("ScheduleKeyDeletion", KeyId=key.id, **SOON)
    ALWAYS[name](alibaba, key)


@pytest.mark.parametrize("disable", [False, True])
def test_only_a_scheduled_deletion_is_cancelled(alibaba, key, disable):
    if disable:
        alibaba.kms("DisableKey", KeyId=key.id)
    with refused("Rejected.StateModifiedFailed", 409, ANY_STATE):
        alibaba.kms("CancelKeyDeletion", KeyId=key.id)
