"""Alibaba Cloud's asymmetric keys, judged by the package `cryptography` in both directions, with both generations of SDKs."""

import base64
import hashlib
import os

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

from alibaba_names import MISSING_KEY
from refusal import refused

SIGNERS = [
    ("RSA_2048", "RSA_PKCS1_SHA_256"),
    ("RSA_2048", "RSA_PSS_SHA_256"),
    ("RSA_3072", "RSA_PKCS1_SHA_256"),
    ("RSA_3072", "RSA_PSS_SHA_256"),
    ("EC_P256", "ECDSA_SHA_256"),
    ("EC_P256K", "ECDSA_SHA_256"),
]
OAEP = {"RSAES_OAEP_SHA_1": hashes.SHA1(), "RSAES_OAEP_SHA_256": hashes.SHA256()}


def text(data):
    return base64.b64encode(data).decode()


class Pair:
    """A new key pair: what names it, and its public half as others read it."""

    def __init__(self, alibaba, spec, usage):
        self.alibaba = alibaba
        key = alibaba.kms("CreateKey", KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
        [version] = alibaba.kms("ListKeyVersions", KeyId=key)["KeyVersions"]["KeyVersion"]
        self.named = {"KeyId": key, "KeyVersionId": version["KeyVersionId"]}
        told = alibaba.kms("GetPublicKey", **self.named)
        assert {name: told[name] for name in self.named} == self.named
        self.public = serialization.load_pem_public_key(told["PublicKey"].encode())

    def does(self, operation, **parameters):
        told = self.alibaba.kms(operation, **self.named, **parameters)
        assert {name: told[name] for name in self.named} == self.named
        return told


def scheme(algorithm):
    size = hashes.SHA256()
    return {
        "RSA_PKCS1_SHA_256": [padding.PKCS1v15(), size],
        "RSA_PSS_SHA_256": [padding.PSS(padding.MGF1(size), size.digest_size), size],
        "ECDSA_SHA_256": [ec.ECDSA(size)],
    }[algorithm]


@pytest.mark.parametrize("spec, algorithm", SIGNERS)
def test_signatures_are_those_of_an_independent_implementation(alibaba, spec, algorithm):
    pair, message = Pair(alibaba, spec, "SIGN/VERIFY"), os.urandom(100)
    asked = {"Algorithm": algorithm, "Digest": text(hashlib.sha256(message).digest())}
    signature = pair.does("AsymmetricSign", **asked)["Value"]
    pair.public.verify(base64.b64decode(signature), message, *scheme(algorithm))
    with pytest.raises(InvalidSignature):
        pair.public.verify(base64.b64decode(signature), message + b" ", *scheme(algorithm))
    assert pair.does("AsymmetricVerify", **asked, Value=signature)["Value"] is True
    other = {**asked, "Digest": text(hashlib.sha256(message + b" ").digest())}
    assert pair.does("AsymmetricVerify", **other, Value=signature)["Value"] is False


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072"])
@pytest.mark.parametrize("algorithm", OAEP)
def test_what_others_encrypt_to_the_public_key_is_decrypted(alibaba, spec, algorithm):
    pair, hashed = Pair(alibaba, spec, "ENCRYPT/DECRYPT"), OAEP[algorithm]
    plaintext = os.urandom(pair.public.key_size // 8 - 2 * hashed.digest_size - 2)
    theirs = pair.public.encrypt(plaintext, padding.OAEP(padding.MGF1(hashed), hashed, None))
    opened = pair.does("AsymmetricDecrypt", Algorithm=algorithm, CiphertextBlob=text(theirs))
    assert base64.b64decode(opened["Plaintext"]) == plaintext
    ours = pair.does("AsymmetricEncrypt", Algorithm=algorithm, Plaintext=text(plaintext))["CiphertextBlob"]
    assert len(base64.b64decode(ours)) == pair.public.key_size // 8
    opened = pair.does("AsymmetricDecrypt", Algorithm=algorithm, CiphertextBlob=ours)
    assert base64.b64decode(opened["Plaintext"]) == plaintext


def test_a_pair_is_used_for_what_it_was_made_for(alibaba):
    signs, encrypts = Pair(alibaba, "RSA_2048", "SIGN/VERIFY"), Pair(alibaba, "RSA_2048", "ENCRYPT/DECRYPT")
    digest = text(bytes(32))
    with refused("Rejected.UnsupportedOperation", 400):
        encrypts.does("AsymmetricSign", Algorithm="RSA_PSS_SHA_256", Digest=digest)
    with refused("Rejected.UnsupportedOperation", 400):
        signs.does("AsymmetricEncrypt", Algorithm="RSAES_OAEP_SHA_1", Plaintext=text(b"x"))


def test_a_pair_that_is_not_there_and_a_version_that_is_not_its_own(alibaba):
    pair = Pair(alibaba, "EC_P256", "SIGN/VERIFY")
    with refused("Forbidden.KeyNotFound", 404):
        alibaba.kms("GetPublicKey", KeyId=MISSING_KEY, KeyVersionId=pair.named["KeyVersionId"])
    other = Pair(alibaba, "EC_P256", "SIGN/VERIFY").named["KeyVersionId"]
    with refused("Forbidden.KeyVersionNotFound", 404):
        alibaba.kms("GetPublicKey", KeyId=pair.named["KeyId"], KeyVersionId=other)
