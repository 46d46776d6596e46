"""Rotation of keys, as the SDK of Alibaba Cloud asks for it."""

import base64

import pytest

from alibaba_names import MISSING_KEY
from refusal import refused

HELLO = base64.b64encode(b"hello").decode()


def described(alibaba, key):
    return alibaba.kms("DescribeKey", KeyId=key)["KeyMetadata"]


def told(metadata):
    return metadata["AutomaticRotation"], metadata.get("RotationInterval"), "NextRotationDate" in metadata


@pytest.mark.parametrize("interval, seconds", [("7d", "604800s"), ("8760h", "31536000s")])
def test_a_key_is_made_with_rotation(alibaba, interval, seconds):
    made = alibaba.kms("CreateKey", EnableAutomaticRotation=True, RotationInterval=interval)["KeyMetadata"]
    assert told(made) == told(described(alibaba, made["KeyId"])) == ("Enabled", seconds, True)


def test_rotation_is_switched_on_suspended_and_off(alibaba):
    key = alibaba.new_key()
    assert told(described(alibaba, key)) == ("Disabled", None, False)
    alibaba.kms("UpdateRotationPolicy", KeyId=key, EnableAutomaticRotation=True, RotationInterval="730d")
    assert told(described(alibaba, key)) == ("Enabled", "63072000s", True)
    alibaba.kms("DisableKey", KeyId=key)
    assert told(described(alibaba, key)) == ("Suspended", "63072000s", True)
    alibaba.kms("EnableKey", KeyId=key)
    alibaba.kms("UpdateRotationPolicy", KeyId=key, EnableAutomaticRotation=False)
    assert told(described(alibaba, key)) == ("Disabled", None, False)


@pytest.mark.parametrize("interval", ["6d", "731d", "30", "w"])
def test_an_interval_that_is_none_is_refused(alibaba, interval):
    key = alibaba.new_key()
    with refused("InvalidParameter", 400, 'The specified parameter "RotationInterval" is not valid.'):
        alibaba.kms("UpdateRotationPolicy", KeyId=key, EnableAutomaticRotation=True, RotationInterval=interval)


def test_an_interval_that_is_missing_is_named(alibaba):
    key = alibaba.new_key()
    with refused("MissingParameter", 400, 'The parameter "RotationInterval" is needed but not provided.'):
        alibaba.kms("UpdateRotationPolicy", KeyId=key, EnableAutomaticRotation=True)


def test_a_young_key_gets_no_other_version(alibaba):
    key = alibaba.new_key()
    with refused("Rejected.UnsupportedOperation", 400):
        alibaba.kms("CreateKeyVersion", KeyId=key)
    assert alibaba.kms("ListKeyVersions", KeyId=key)["TotalCount"] == 1


def test_a_key_that_is_not_there_does_not_rotate(alibaba):
    with refused("Forbidden.KeyNotFound", 404):
        alibaba.kms("CreateKeyVersion", KeyId=MISSING_KEY)
    with refused("Forbidden.KeyNotFound", 404):
        alibaba.kms("UpdateRotationPolicy", KeyId=MISSING_KEY, EnableAutomaticRotation=False)
