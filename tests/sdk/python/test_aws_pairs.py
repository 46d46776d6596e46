"""AWS keys that sign, authenticate, encrypt to a public half or agree, judged by the package `cryptography` in both directions."""

import hashlib
import hmac
import os

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from aws_names import key_arn
from refusal import refused

HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
SIGNERS = [
    *((f"RSA_{bits}", f"RSASSA_{form}_SHA_{size}") for bits in (2048, 3072, 4096) for form in ("PKCS1_V1_5", "PSS") for size in HASHES),
    ("ECC_NIST_P256", "ECDSA_SHA_256"),
    ("ECC_SECG_P256K1", "ECDSA_SHA_256"),
    ("ECC_NIST_P384", "ECDSA_SHA_384"),
    ("ECC_NIST_P521", "ECDSA_SHA_512"),
]
CODES = [("HMAC_224", "sha224"), ("HMAC_256", "sha256"), ("HMAC_384", "sha384"), ("HMAC_512", "sha512")]
CURVES = {"ECC_NIST_P256": ec.SECP256R1(), "ECC_NIST_P384": ec.SECP384R1(), "ECC_NIST_P521": ec.SECP521R1()}
OAEP = {"RSAES_OAEP_SHA_1": hashes.SHA1(), "RSAES_OAEP_SHA_256": hashes.SHA256()}


@pytest.fixture
def made(kms):
    """Keys by spec and usage, each made once."""
    keys = {}

    def make(spec, usage):
        if (spec, usage) not in keys:
            keys[spec, usage] = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
        return keys[spec, usage]

    return make


def public(kms, key):
    return serialization.load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])


def scheme(algorithm, hashed):
    """How `cryptography` names an algorithm; `hashed` is its hash, or that of a digest."""
    if algorithm.startswith("ECDSA"):
        return [ec.ECDSA(hashed)]
    if "PSS" in algorithm:
        size = HASHES[algorithm[-3:]]
        return [padding.PSS(padding.MGF1(size), size.digest_size), hashed]
    return [padding.PKCS1v15(), hashed]


@pytest.mark.parametrize("spec, algorithm", SIGNERS)
def test_signatures_are_those_of_an_independent_implementation(kms, made, spec, algorithm):
    key = made(spec, "SIGN_VERIFY")
    theirs, size, message = public(kms, key), HASHES[algorithm[-3:]], os.urandom(4096)
    digest = hashes.Hash(size)
    digest.update(message)
    digest = digest.finalize()
    for given, form in ((message, "RAW"), (digest, "DIGEST")):
        signed = kms.sign(KeyId=key, Message=given, MessageType=form, SigningAlgorithm=algorithm)
        assert (signed["KeyId"], signed["SigningAlgorithm"]) == (key_arn(key), algorithm)
        theirs.verify(signed["Signature"], message, *scheme(algorithm, size))
        theirs.verify(signed["Signature"], digest, *scheme(algorithm, Prehashed(size)))
        with pytest.raises(InvalidSignature):
            theirs.verify(signed["Signature"], message + b" ", *scheme(algorithm, size))
        for other, kind in ((message, "RAW"), (digest, "DIGEST")):
            verified = kms.verify(
                KeyId=key, Message=other, MessageType=kind, SigningAlgorithm=algorithm, Signature=signed["Signature"]
            )
            assert verified["SignatureValid"] is True


def test_a_wrong_signature_is_refused_without_a_word(kms, made):
    key = made("ECC_NIST_P256", "SIGN_VERIFY")
    signature = kms.sign(KeyId=key, Message=b"hi", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
    for wrong in (b"x", signature[:-1], signature + b"\0", bytes([signature[0], *signature[1:-1], signature[-1] ^ 1])):
        with refused("KMSInvalidSignatureException", 400, ""):
            kms.verify(KeyId=key, Message=b"hi", SigningAlgorithm="ECDSA_SHA_256", Signature=wrong)


@pytest.mark.parametrize("spec, name", CODES)
def test_codes_are_full_and_fit_their_message_alone(kms, made, spec, name):
    key, algorithm = made(spec, "GENERATE_VERIFY_MAC"), f"HMAC_SHA_{spec[-3:]}"
    code = kms.generate_mac(KeyId=key, Message=b"hello", MacAlgorithm=algorithm)
    assert (code["KeyId"], code["MacAlgorithm"]) == (key_arn(key), algorithm)
    assert len(code["Mac"]) == hmac.new(b"", b"", name).digest_size
    assert kms.verify_mac(KeyId=key, Message=b"hello", MacAlgorithm=algorithm, Mac=code["Mac"])["MacValid"] is True
    for message, mac in ((b"hullo", code["Mac"]), (b"hello", code["Mac"][:-1]), (b"hello", hashlib.sha256(b"").digest())):
        with refused("KMSInvalidMacException", 400, ""):
            kms.verify_mac(KeyId=key, Message=message, MacAlgorithm=algorithm, Mac=mac)


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
@pytest.mark.parametrize("algorithm", OAEP)
def test_what_others_encrypt_to_the_public_key_is_decrypted(kms, made, spec, algorithm):
    key, hashed = made(spec, "ENCRYPT_DECRYPT"), OAEP[algorithm]
    theirs = public(kms, key)
    most = theirs.key_size // 8 - 2 * hashed.digest_size - 2
    for plaintext in (b"x", os.urandom(most)):
        blob = theirs.encrypt(plaintext, padding.OAEP(padding.MGF1(hashed), hashed, None))
        opened = kms.decrypt(KeyId=key, CiphertextBlob=blob, EncryptionAlgorithm=algorithm)
        assert (opened["Plaintext"], opened["KeyId"], opened["EncryptionAlgorithm"]) == (plaintext, key_arn(key), algorithm)
        assert "KeyMaterialId" not in opened
        sealed = kms.encrypt(KeyId=key, Plaintext=plaintext, EncryptionAlgorithm=algorithm)
        assert len(sealed["CiphertextBlob"]) == theirs.key_size // 8
        blob = sealed["CiphertextBlob"]
        assert kms.decrypt(KeyId=key, CiphertextBlob=blob, EncryptionAlgorithm=algorithm)["Plaintext"] == plaintext
    words = f"Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {most} bytes."
    with refused("ValidationException", 400, words):
        kms.encrypt(KeyId=key, Plaintext=os.urandom(most + 1), EncryptionAlgorithm=algorithm)
    with refused("InvalidCiphertextException", 400, ""):
        kms.decrypt(KeyId=key, CiphertextBlob=bytes([blob[0] ^ 1, *blob[1:]]), EncryptionAlgorithm=algorithm)


@pytest.mark.parametrize("spec", CURVES)
def test_others_have_the_same_shared_secret(kms, made, spec):
    key, own = made(spec, "KEY_AGREEMENT"), ec.generate_private_key(CURVES[spec])
    encoded = der(own.public_key())
    answer = kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=encoded)
    assert answer["SharedSecret"] == own.exchange(ec.ECDH(), public(kms, key))
    assert (answer["KeyId"], answer["KeyOrigin"]) == (key_arn(key), "AWS_KMS")
    foreign = der(ec.generate_private_key(ec.SECP256K1()).public_key())
    for wrong in (foreign, b"x", encoded[:-1]):
        with refused("ValidationException", 400, ""):
            kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=wrong)


def test_edwards_keys_sign_messages(kms, made):
    key = made("ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    signed = kms.sign(KeyId=key, Message=b"hello", SigningAlgorithm="ED25519_SHA_512")
    public(kms, key).verify(signed["Signature"], b"hello")
    parameters = {"KeyId": key, "Message": b"hello", "SigningAlgorithm": "ED25519_SHA_512"}
    assert kms.verify(**parameters, Signature=signed["Signature"])["SignatureValid"] is True
    with refused("ValidationException", 400):
        kms.sign(**{**parameters, "Message": bytes(64)}, MessageType="DIGEST")


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1"])
def test_data_key_pairs_fit_and_their_private_half_opens(kms, made, spec):
    key, context = made("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), {"purpose": "test"}
    pair = kms.generate_data_key_pair(KeyId=key, KeyPairSpec=spec, EncryptionContext=context)
    assert (pair["KeyId"], pair["KeyPairSpec"]) == (key_arn(key), spec)
    private = serialization.load_der_private_key(pair["PrivateKeyPlaintext"], None)
    assert der(private.public_key()) == pair["PublicKey"]
    opened = kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"], EncryptionContext=context)
    assert opened["Plaintext"] == pair["PrivateKeyPlaintext"]
    with refused("InvalidCiphertextException", 400, ""):
        kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])
    sealed = kms.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec=spec)
    assert "PrivateKeyPlaintext" not in sealed and sealed["PublicKey"] != pair["PublicKey"]
    opened = kms.decrypt(CiphertextBlob=sealed["PrivateKeyCiphertextBlob"])["Plaintext"]
    assert der(serialization.load_der_private_key(opened, None).public_key()) == sealed["PublicKey"]


def test_data_key_pairs_are_sealed_under_symmetric_keys_alone(kms, made):
    for spec, usage in (("RSA_2048", "ENCRYPT_DECRYPT"), ("ECC_NIST_P256", "SIGN_VERIFY")):
        with refused("InvalidKeyUsageException", 400):
            kms.generate_data_key_pair(KeyId=made(spec, usage), KeyPairSpec="ECC_NIST_P256")
    with refused("DryRunOperationException", 400):
        kms.generate_data_key_pair(KeyId=made("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), KeyPairSpec="RSA_2048", DryRun=True)


def der(public_key):
    return public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
