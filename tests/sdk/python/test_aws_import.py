"""AWS keys with imported material: wrapped by the package `cryptography`, and judged by what it makes of the same keys."""

import hashlib
import hmac
import os

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from importing import private_der, wrapped
from refusal import refused

ALGORITHMS = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"]
FOR_EVER = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}


def external(kms, **more):
    return kms.create_key(Origin="EXTERNAL", **more)["KeyMetadata"]["KeyId"]


def prepared(kms, key, algorithm="RSAES_OAEP_SHA_256", spec="RSA_2048"):
    return kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)


def imported(kms, key, material, algorithm="RSAES_OAEP_SHA_256", spec="RSA_2048", **more):
    told = prepared(kms, key, algorithm, spec)
    return kms.import_key_material(
        KeyId=key,
        ImportToken=told["ImportToken"],
        EncryptedKeyMaterial=wrapped(told["PublicKey"], algorithm, material),
        **(more or FOR_EVER),
    )


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_symmetric_material_arrives_however_it_is_wrapped(kms, algorithm, spec):
    key = external(kms)
    with refused("KMSInvalidStateException", 400):
        kms.encrypt(KeyId=key, Plaintext=b"a")
    told = prepared(kms, key, algorithm, spec)
    assert len(told["ImportToken"]) <= 6144 and told["KeyId"].endswith(key)
    material = imported(kms, key, os.urandom(32), algorithm, spec)["KeyMaterialId"]
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["Origin"]) == ("Enabled", "EXTERNAL")
    assert (metadata["CurrentKeyMaterialId"], metadata["ExpirationModel"]) == (material, FOR_EVER["ExpirationModel"])
    blob = kms.encrypt(KeyId=key, Plaintext=b"a", EncryptionContext={"b": "c"})["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext={"b": "c"})["Plaintext"] == b"a"


@pytest.mark.parametrize("length", [32, 33, 128])
def test_a_key_of_hmac_is_the_one_that_was_imported(kms, length):
    key, secret = external(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC"), os.urandom(length)
    assert "KeyMaterialId" not in imported(kms, key, secret)
    mac = kms.generate_mac(KeyId=key, Message=b"message", MacAlgorithm="HMAC_SHA_256")["Mac"]
    assert mac == hmac.new(secret, b"message", hashlib.sha256).digest()


@pytest.mark.parametrize("length", [31, 129])
def test_a_key_of_hmac_is_as_long_as_its_hash_and_at_most_128_bytes(kms, length):
    key = external(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    with refused("IncorrectKeyMaterialException", 400):
        imported(kms, key, os.urandom(length))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_private_key_on_a_curve_signs(kms, algorithm):
    private = ec.generate_private_key(ec.SECP256R1())
    key = external(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    imported(kms, key, private_der(private), algorithm)
    signature = kms.sign(KeyId=key, Message=b"message", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
    private.public_key().verify(signature, b"message", ec.ECDSA(hashes.SHA256()))
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert kms.get_public_key(KeyId=key)["PublicKey"] == public


def test_a_private_key_of_rsa_decrypts(kms):
    private = rsa.generate_private_key(65537, 2048)
    key = external(kms, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    with refused("ValidationException", 400):
        prepared(kms, key)
    imported(kms, key, private_der(private), "RSA_AES_KEY_WRAP_SHA_256", "RSA_3072")
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    blob = private.public_key().encrypt(b"hello", oaep)
    opened = kms.decrypt(KeyId=key, CiphertextBlob=blob, EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    assert opened["Plaintext"] == b"hello"


def test_only_the_same_pair_comes_back_however_it_is_written(kms):
    private, other = (ec.generate_private_key(ec.SECP384R1()) for _ in range(2))
    key = external(kms, KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")
    imported(kms, key, private_der(private))
    kms.delete_imported_key_material(KeyId=key)
    with refused("KMSInvalidStateException", 400):
        kms.sign(KeyId=key, Message=b"message", SigningAlgorithm="ECDSA_SHA_384")
    for wrong in (private_der(other), private_der(ec.generate_private_key(ec.SECP256R1())), b"x" * 32):
        with refused("IncorrectKeyMaterialException", 400):
            imported(kms, key, wrong, "RSA_AES_KEY_WRAP_SHA_256")
    imported(kms, key, private_der(private), "RSA_AES_KEY_WRAP_SHA_1")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_what_does_not_unwrap_is_refused_in_one_way(kms):
    key, told = external(kms), None
    told = prepared(kms, key, "RSA_AES_KEY_WRAP_SHA_256")
    good = wrapped(told["PublicKey"], "RSA_AES_KEY_WRAP_SHA_256", os.urandom(32))
    seen = set()
    for wrong in (good[:-1], good[:256], good + b"\0", b"\0" * 296, bytes([good[0] ^ 1]) + good[1:], good[:-1] + b"\0"):
        with refused("InvalidCiphertextException", 400) as met:
            kms.import_key_material(
                KeyId=key, ImportToken=told["ImportToken"], EncryptedKeyMaterial=wrong, **FOR_EVER
            )
        seen.add(repr(met.refusal))
    assert len(seen) == 1


def test_ciphertexts_open_again_once_the_material_is_back_and_another_one_takes_over_on_demand(kms):
    key, first, second = external(kms), os.urandom(32), os.urandom(32)
    one = imported(kms, key, first)["KeyMaterialId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"kept")["CiphertextBlob"]
    kms.delete_imported_key_material(KeyId=key)
    with refused("KMSInvalidStateException", 400):
        kms.decrypt(CiphertextBlob=blob)
    assert imported(kms, key, first)["KeyMaterialId"] == one
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"
    two = imported(kms, key, second, ImportType="NEW_KEY_MATERIAL", KeyMaterialDescription="the second", **FOR_EVER)
    assert kms.encrypt(KeyId=key, Plaintext=b"a") and two["KeyMaterialId"] != one
    kms.rotate_key_on_demand(KeyId=key)
    listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert [(entry["KeyMaterialId"], entry["KeyMaterialState"]) for entry in listed] == [
        (one, "NON_CURRENT"),
        (two["KeyMaterialId"], "CURRENT"),
    ]
    assert listed[1]["KeyMaterialDescription"] == "the second"
    assert kms.decrypt(CiphertextBlob=blob)["KeyMaterialId"] == one
