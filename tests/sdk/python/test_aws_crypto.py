"""AWS cryptography judged from outside: what opens, what does not, and what the clients can do with it."""

import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from aws_names import INCORRECT_KEY, alias_arn, key_arn, violation
from refusal import refused

CONTEXT = {"purpose": "test", "größe": "é*~+/ &=", "empty": ""}


@pytest.fixture
def key(kms):
    return kms.create_key()["KeyMetadata"]["KeyId"]


def encrypted(kms, key, plaintext=b"plain text", **parameters):
    return kms.encrypt(KeyId=key, Plaintext=plaintext, **parameters)["CiphertextBlob"]


@pytest.mark.parametrize("size", [1, 32, 4096])
@pytest.mark.parametrize("context", [{}, CONTEXT], ids=["no context", "context"])
def test_what_was_encrypted_decrypts_to_the_same(kms, key, size, context):
    plaintext = os.urandom(size)
    sealed = kms.encrypt(KeyId=key, Plaintext=plaintext, EncryptionContext=context)
    assert sealed["KeyId"] == key_arn(key) and sealed["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    assert plaintext not in sealed["CiphertextBlob"] or size < 8
    opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context)
    assert opened["Plaintext"] == plaintext
    assert opened["KeyId"] == key_arn(key) and opened["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"


def test_every_name_of_a_key_encrypts_and_decrypts(kms, key):
    kms.create_alias(AliasName="alias/crypto", TargetKeyId=key)
    for name in (key, key_arn(key), "alias/crypto", alias_arn("alias/crypto")):
        blob = encrypted(kms, name)
        for other in (key, key_arn(key), "alias/crypto", alias_arn("alias/crypto")):
            opened = kms.decrypt(CiphertextBlob=blob, KeyId=other)
            assert (opened["Plaintext"], opened["KeyId"]) == (b"plain text", key_arn(key))


def test_the_same_plaintext_never_gives_the_same_ciphertext(kms, key):
    assert len({encrypted(kms, key) for _ in range(50)}) == 50


def test_the_order_of_an_encryption_context_does_not_matter(kms, key):
    blob = encrypted(kms, key, EncryptionContext={"a": "1", "b": "2"})
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext={"b": "2", "a": "1"})["Plaintext"] == b"plain text"


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"a": "1"},
        {"a": "1", "b": "3"},
        {"A": "1", "b": "2"},
        {"a": "1", "b": "2", "c": ""},
        {"a": "1", "b2": ""},
        {"ab": "12"},
    ],
)
def test_another_encryption_context_does_not_open(kms, key, context):
    blob = encrypted(kms, key, EncryptionContext={"a": "1", "b": "2"})
    with refused("InvalidCiphertextException", 400, ""):
        kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)


def test_a_context_that_was_never_given_does_not_open(kms, key):
    with refused("InvalidCiphertextException", 400, ""):
        kms.decrypt(CiphertextBlob=encrypted(kms, key), EncryptionContext={"a": "1"})


def test_no_changed_byte_goes_unnoticed(kms, key):
    blob = encrypted(kms, key)
    for place in range(len(blob)):
        changed = bytearray(blob)
        changed[place] ^= 1 << (place % 8)
        # A changed key id may name no key at all; AWS then speaks of access.
        with refused({"InvalidCiphertextException", "AccessDeniedException"}, 400) as seen:
            kms.decrypt(CiphertextBlob=bytes(changed))
        assert seen.refusal.code == "AccessDeniedException" or seen.refusal.message == ""


def test_a_changed_byte_goes_unnoticed_not_even_when_the_key_is_named(kms, key):
    blob = encrypted(kms, key)
    for place in range(0, len(blob), 5):
        changed = bytearray(blob)
        changed[place] ^= 0x80
        with refused({"InvalidCiphertextException", "IncorrectKeyException", "AccessDeniedException"}, 400):
            kms.decrypt(CiphertextBlob=bytes(changed), KeyId=key)


def test_a_cut_or_lengthened_ciphertext_does_not_open(kms, key):
    blob = encrypted(kms, key)
    for length in {1, 2, 16, 17, 28, 36, 64, len(blob) // 2, len(blob) - 16, len(blob) - 1} & set(range(1, len(blob))):
        with refused("InvalidCiphertextException", 400, ""):
            kms.decrypt(CiphertextBlob=blob[:length])
    for changed in (blob + b"\0", b"\0" + blob, blob + blob, os.urandom(len(blob)), os.urandom(6144)):
        with refused("InvalidCiphertextException", 400, ""):
            kms.decrypt(CiphertextBlob=changed)


def test_a_ciphertext_over_6144_bytes_is_refused_by_its_length(aws):
    text = violation("ciphertextBlob", "Member must have length less than or equal to 6144")
    with refused("ValidationException", 400, text):
        aws.unchecked("kms").decrypt(CiphertextBlob=b"x" * 6145)


def test_another_key_does_not_open(kms, key):
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    with refused("IncorrectKeyException", 400, INCORRECT_KEY):
        kms.decrypt(CiphertextBlob=encrypted(kms, key), KeyId=other)


def test_a_plaintext_over_4096_bytes_is_refused(kms, key):
    text = violation("plaintext", "Member must have length less than or equal to 4096")
    with refused("ValidationException", 400, text):
        kms.encrypt(KeyId=key, Plaintext=b"x" * 4097)


def test_an_empty_plaintext_is_refused(aws, key):
    text = violation("plaintext", "Member must have length greater than or equal to 1")
    with refused("ValidationException", 400, text):
        aws.unchecked("kms").encrypt(KeyId=key, Plaintext=b"")


def test_reencryption_moves_a_ciphertext_to_another_key_and_context(kms, key):
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = encrypted(kms, key, EncryptionContext={"a": "1"})
    moved = kms.re_encrypt(
        CiphertextBlob=blob,
        SourceEncryptionContext={"a": "1"},
        SourceKeyId=key,
        DestinationKeyId=other,
        DestinationEncryptionContext={"b": "2"},
    )
    assert (moved["SourceKeyId"], moved["KeyId"]) == (key_arn(key), key_arn(other))
    assert moved["SourceEncryptionAlgorithm"] == moved["DestinationEncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    opened = kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"b": "2"})
    assert (opened["Plaintext"], opened["KeyId"]) == (b"plain text", key_arn(other))
    with refused("InvalidCiphertextException", 400, ""):
        kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext={"a": "2"}, DestinationKeyId=other)
    with refused("IncorrectKeyException", 400, INCORRECT_KEY):
        kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext={"a": "1"}, SourceKeyId=other, DestinationKeyId=key)


def test_reencryption_under_the_same_key_gives_a_new_ciphertext(kms, key):
    blob = encrypted(kms, key)
    moved = kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=key)["CiphertextBlob"]
    assert moved != blob and kms.decrypt(CiphertextBlob=moved)["Plaintext"] == b"plain text"


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ({"KeySpec": "AES_256"}, 32),
        ({"KeySpec": "AES_128"}, 16),
        ({"NumberOfBytes": 1}, 1),
        ({"NumberOfBytes": 1024}, 1024),
    ],
)
def test_a_data_key_has_the_length_asked_for(kms, key, size, wanted):
    made = kms.generate_data_key(KeyId=key, EncryptionContext=CONTEXT, **size)
    assert len(made["Plaintext"]) == wanted and made["KeyId"] == key_arn(key)
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == made["Plaintext"]
    bare = kms.generate_data_key_without_plaintext(KeyId=key, **size)
    assert "Plaintext" not in bare and bare["KeyId"] == key_arn(key)
    assert len(kms.decrypt(CiphertextBlob=bare["CiphertextBlob"])["Plaintext"]) == wanted


def test_data_keys_differ(kms, key):
    assert len({kms.generate_data_key(KeyId=key, KeySpec="AES_256")["Plaintext"] for _ in range(20)}) == 20


def test_an_envelope_sealed_with_a_data_key_opens_with_the_decrypted_one(kms, key):
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext={"file": "a"})
    nonce = os.urandom(12)
    envelope = AESGCM(made["Plaintext"]).encrypt(nonce, b"a long letter", b"header")
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"file": "a"})["Plaintext"]
    assert AESGCM(opened).decrypt(nonce, envelope, b"header") == b"a long letter"


@pytest.mark.parametrize("size", [{}, {"KeySpec": "AES_256", "NumberOfBytes": 32}], ids=["neither", "both"])
def test_a_data_key_needs_exactly_one_length(kms, key, size):
    with refused("ValidationException", 400):
        kms.generate_data_key(KeyId=key, **size)


def test_data_key_lengths_are_bounded(aws, key):
    unchecked = aws.unchecked("kms")
    text = violation("numberOfBytes", "Member must have value less than or equal to 1024", 1025)
    with refused("ValidationException", 400, text):
        unchecked.generate_data_key(KeyId=key, NumberOfBytes=1025)
    text = violation("numberOfBytes", "Member must have value greater than or equal to 1", 0)
    with refused("ValidationException", 400, text):
        unchecked.generate_data_key(KeyId=key, NumberOfBytes=0)


def test_random_bytes_are_of_the_length_asked_for_and_differ(aws):
    assert [len(aws.kms.generate_random(NumberOfBytes=size)["Plaintext"]) for size in (1, 33, 1024)] == [1, 33, 1024]
    assert len({aws.kms.generate_random(NumberOfBytes=16)["Plaintext"] for _ in range(20)}) == 20
    unchecked = aws.unchecked("kms")
    with refused("ValidationException", 400, "NumberOfBytes is required."):
        unchecked.generate_random()
    for size, bound in ((0, "greater than or equal to 1"), (1025, "less than or equal to 1024")):
        with refused("ValidationException", 400, violation("numberOfBytes", f"Member must have value {bound}", size)):
            unchecked.generate_random(NumberOfBytes=size)


def test_a_dry_run_says_that_it_would_have_succeeded(kms, key):
    text = "The request would have succeeded, but the DryRun option is set."
    blob = encrypted(kms, key)
    for call in (
        lambda: kms.encrypt(KeyId=key, Plaintext=b"x", DryRun=True),
        lambda: kms.decrypt(CiphertextBlob=blob, DryRun=True),
        lambda: kms.generate_data_key(KeyId=key, KeySpec="AES_256", DryRun=True),
        lambda: kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=key, DryRun=True),
    ):
        with refused("DryRunOperationException", 400, text):
            call()
    with refused("InvalidCiphertextException", 400, ""):
        kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "1"}, DryRun=True)


def test_an_old_ciphertext_opens_after_the_key_came_back_from_the_brink(kms, key):
    blob = encrypted(kms, key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"plain text"
