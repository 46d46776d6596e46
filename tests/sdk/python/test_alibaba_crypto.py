"""Alibaba Cloud cryptography judged from outside, with both generations of SDKs."""

import base64
import os
import re

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from alibaba_names import UUID
from refusal import refused

CONTEXT = {"purpose": "test", "größe": "é*~+/ &="}
VERSION, NONCE, TAG = 36, 12, 16


def text(data):
    return base64.b64encode(data).decode()


def blob(answer):
    return base64.b64decode(answer["CiphertextBlob"], validate=True)


@pytest.fixture
def key(alibaba):
    return alibaba.new_key()


@pytest.mark.parametrize("size", [1, 32, 4096])
@pytest.mark.parametrize("context", [{}, {"EncryptionContext": CONTEXT}], ids=["no context", "context"])
def test_what_was_encrypted_decrypts_to_the_same(alibaba, key, size, context):
    plaintext = text(os.urandom(size))
    sealed = alibaba.kms("Encrypt", KeyId=key, Plaintext=plaintext, **context)
    assert sealed["KeyId"] == key and UUID.fullmatch(sealed["KeyVersionId"])
    opened = alibaba.kms("Decrypt", CiphertextBlob=sealed["CiphertextBlob"], **context)
    assert opened["Plaintext"] == plaintext
    assert (opened["KeyId"], opened["KeyVersionId"]) == (key, sealed["KeyVersionId"])


def test_a_ciphertext_is_laid_out_as_the_vendor_lays_it_out(alibaba, key):
    version = alibaba.kms("DescribeKey", KeyId=key)["KeyMetadata"]["PrimaryKeyVersion"]
    plaintext = text(b"hello")
    sealed = alibaba.kms("Encrypt", KeyId=key, Plaintext=plaintext)
    assert sealed["KeyVersionId"] == version
    assert blob(sealed)[:VERSION].decode("ascii") == version
    assert len(blob(sealed)) == VERSION + NONCE + len(plaintext) + TAG
    made = alibaba.kms("GenerateDataKey", KeyId=key)
    assert blob(made)[:VERSION].decode("ascii") == version == made["KeyVersionId"]
    assert len(blob(made)) == VERSION + NONCE + len(text(bytes(32))) + TAG == 108


def test_the_same_plaintext_never_gives_the_same_nonce_or_ciphertext(alibaba, key):
    made = [blob(alibaba.kms("Encrypt", KeyId=key, Plaintext=text(b"same"))) for _ in range(30)]
    assert len({one[VERSION : VERSION + NONCE] for one in made}) == 30
    assert len({one[VERSION + NONCE :] for one in made}) == 30


def test_every_name_of_a_key_encrypts(alibaba, key):
    alibaba.kms("CreateAlias", AliasName="alias/crypto", KeyId=key)
    arn = alibaba.kms("DescribeKey", KeyId=key)["KeyMetadata"]["Arn"]
    for name in (key, arn, "alias/crypto"):
        sealed = alibaba.kms("Encrypt", KeyId=name, Plaintext=text(b"x"))
        assert sealed["KeyId"] == key
        assert alibaba.kms("Decrypt", CiphertextBlob=sealed["CiphertextBlob"])["Plaintext"] == text(b"x")


def test_the_order_of_an_encryption_context_does_not_matter(alibaba, key):
    sealed = alibaba.kms("Encrypt", KeyId=key, Plaintext=text(b"x"), EncryptionContext={"a": "1", "b": "2"})
    opened = alibaba.kms("Decrypt", CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"b": "2", "a": "1"})
    assert opened["Plaintext"] == text(b"x")


@pytest.mark.parametrize(
    "context", [None, {"a": "1"}, {"a": "1", "b": "3"}, {"A": "1", "b": "2"}, {"a": "1", "b": "2", "c": "3"}]
)
def test_another_encryption_context_does_not_open(alibaba, key, context):
    sealed = alibaba.kms("Encrypt", KeyId=key, Plaintext=text(b"x"), EncryptionContext={"a": "1", "b": "2"})
    more = {"EncryptionContext": context} if context else {}
    with refused("InvalidParameter", 400):
        alibaba.kms("Decrypt", CiphertextBlob=sealed["CiphertextBlob"], **more)


def test_no_changed_byte_goes_unnoticed(new_sdk):
    key = new_sdk.new_key()
    sealed = blob(new_sdk.kms("Encrypt", KeyId=key, Plaintext=text(b"x")))
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1 << (place % 7)
        if place < VERSION:
            with refused({"Forbidden.KeyNotFound", "InvalidParameter"}, {404, 400}):
                new_sdk.kms("Decrypt", CiphertextBlob=text(bytes(changed)))
        else:
            with refused("InvalidParameter", 400):
                new_sdk.kms("Decrypt", CiphertextBlob=text(bytes(changed)))


def test_a_version_of_another_key_does_not_open(alibaba, key):
    other = alibaba.new_key()
    mine, others = (blob(alibaba.kms("Encrypt", KeyId=name, Plaintext=text(b"x"))) for name in (key, other))
    with refused("InvalidParameter", 400):
        alibaba.kms("Decrypt", CiphertextBlob=text(others[:VERSION] + mine[VERSION:]))


def test_a_cut_or_made_up_ciphertext_does_not_open(alibaba, key):
    sealed = blob(alibaba.kms("Encrypt", KeyId=key, Plaintext=text(b"x")))
    for length in (1, 16, VERSION, VERSION + NONCE, VERSION + NONCE + TAG - 1, len(sealed) - TAG, len(sealed) - 1):
        with refused("InvalidParameter", 400):
            alibaba.kms("Decrypt", CiphertextBlob=text(sealed[:length]))
    for changed in (text(sealed + b"\0"), text(os.urandom(100)), "not base64!", "YQ"):
        with refused("InvalidParameter", 400):
            alibaba.kms("Decrypt", CiphertextBlob=changed)


def test_reencryption_moves_a_ciphertext_to_another_key_and_context(alibaba, key):
    other = alibaba.new_key()
    sealed = alibaba.kms("Encrypt", KeyId=key, Plaintext=text(b"x"), EncryptionContext={"a": "1"})
    moved = alibaba.kms(
        "ReEncrypt",
        CiphertextBlob=sealed["CiphertextBlob"],
        SourceEncryptionContext={"a": "1"},
        DestinationKeyId=other,
        DestinationEncryptionContext={"b": "2"},
    )
    # The vendor's text says that the key of the answer is the one that decrypted; both readings are allowed here.
    assert moved["KeyId"] in (key, other)
    opened = alibaba.kms("Decrypt", CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"b": "2"})
    assert (opened["Plaintext"], opened["KeyId"]) == (text(b"x"), other)
    with refused("InvalidParameter", 400):
        alibaba.kms("ReEncrypt", CiphertextBlob=sealed["CiphertextBlob"], DestinationKeyId=other)


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ({}, 32),
        ({"KeySpec": "AES_256"}, 32),
        ({"KeySpec": "AES_128"}, 16),
        ({"NumberOfBytes": 1}, 1),
        ({"NumberOfBytes": 1024}, 1024),
        ({"KeySpec": "AES_256", "NumberOfBytes": 7}, 7),
    ],
)
def test_a_data_key_has_the_length_asked_for(alibaba, key, size, wanted):
    made = alibaba.kms("GenerateDataKey", KeyId=key, EncryptionContext=CONTEXT, **size)
    assert len(base64.b64decode(made["Plaintext"])) == wanted
    opened = alibaba.kms("Decrypt", CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == made["Plaintext"]
    bare = alibaba.kms("GenerateDataKeyWithoutPlaintext", KeyId=key, **size)
    assert "Plaintext" not in bare
    opened = alibaba.kms("Decrypt", CiphertextBlob=bare["CiphertextBlob"])
    assert len(base64.b64decode(opened["Plaintext"])) == wanted


def test_an_envelope_sealed_with_a_data_key_opens_with_the_decrypted_one(alibaba, key):
    made = alibaba.kms("GenerateDataKey", KeyId=key)
    nonce = os.urandom(12)
    envelope = AESGCM(base64.b64decode(made["Plaintext"])).encrypt(nonce, b"a long letter", b"header")
    opened = alibaba.kms("Decrypt", CiphertextBlob=made["CiphertextBlob"])["Plaintext"]
    assert AESGCM(base64.b64decode(opened)).decrypt(nonce, envelope, b"header") == b"a long letter"


def test_data_keys_differ(alibaba, key):
    assert len({alibaba.kms("GenerateDataKey", KeyId=key)["Plaintext"] for _ in range(20)}) == 20


@pytest.mark.parametrize("size", [{"KeySpec": "AES_9"}, {"NumberOfBytes": 0}, {"NumberOfBytes": 1025}])
def test_data_key_lengths_are_bounded(alibaba, key, size):
    with refused("InvalidParameter", 400):
        alibaba.kms("GenerateDataKey", KeyId=key, **size)


def test_a_plaintext_of_6144_bytes_or_more_is_refused(alibaba, key):
    with refused("InvalidParameter", 400):
        alibaba.kms("Encrypt", KeyId=key, Plaintext=text(b"x" * 6145))


def test_a_context_that_is_no_object_of_strings_is_refused(old_sdk):
    key = old_sdk.new_key()
    for context in ("{", "[]", '"a"', '{"a":{"b":"c"}}'):
        with refused({"InvalidParameter", "ParseRequestParameterException"}, 400):
            old_sdk.kms("Encrypt", KeyId=key, Plaintext=text(b"x"), EncryptionContext=context)


def test_a_dry_run_says_that_it_would_have_succeeded(alibaba, key):
    with refused("DryRunOperationError", 400):
        alibaba.kms("Encrypt", KeyId=key, Plaintext=text(b"x"), DryRun="true")


def test_a_key_has_the_version_that_encrypts(alibaba, key):
    (version,) = alibaba.kms("ListKeyVersions", KeyId=key)["KeyVersions"]["KeyVersion"]
    sealed = alibaba.kms("Encrypt", KeyId=key, Plaintext=text(b"x"))
    assert version["KeyVersionId"] == sealed["KeyVersionId"] and version["KeyId"] == key
    described = alibaba.kms("DescribeKeyVersion", KeyId=key, KeyVersionId=version["KeyVersionId"])["KeyVersion"]
    assert described["KeyVersionId"] == version["KeyVersionId"]
    assert re.fullmatch(r"\d{4}-.+Z", described["CreationDate"])
