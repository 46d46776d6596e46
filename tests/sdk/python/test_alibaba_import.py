"""Alibaba Cloud's keys with imported material: wrapped by the package `cryptography`, and judged by what it opens."""

import base64
import hashlib
import os
import time

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from importing import wrapped
from refusal import refused


def external(alibaba):
    return alibaba.kms("CreateKey", Origin="EXTERNAL")["KeyMetadata"]["KeyId"]


def prepared(alibaba, key, algorithm="RSAES_OAEP_SHA_256"):
    return alibaba.kms("GetParametersForImport", KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048")


def imported(alibaba, key, material, algorithm="RSAES_OAEP_SHA_256", until=0):
    told = prepared(alibaba, key, algorithm)
    return alibaba.kms(
        "ImportKeyMaterial",
        KeyId=key,
        ImportToken=told["ImportToken"],
        EncryptedKeyMaterial=base64.b64encode(wrapped(base64.b64decode(told["PublicKey"]), algorithm, material)).decode(),
        KeyMaterialExpireUnix=until,
    )


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
def test_what_an_imported_key_encrypts_opens_under_it_outside(alibaba, algorithm):
    key, material = external(alibaba), os.urandom(32)
    imported(alibaba, key, material, algorithm)
    text = base64.b64encode(b"hello").decode()
    answer = alibaba.kms("Encrypt", KeyId=key, Plaintext=text, EncryptionContext={"a": "b"})
    blob = base64.b64decode(answer["CiphertextBlob"])
    version, nonce, sealed = blob[:36], blob[36:48], blob[48:]
    assert version.decode() == answer["KeyVersionId"]
    assert AESGCM(material).decrypt(nonce, sealed, hashlib.sha256(b"a=b").digest()) == text.encode()


def test_material_is_deleted_and_only_the_same_comes_back(alibaba):
    key, material = external(alibaba), os.urandom(32)
    with refused("Rejected.PendingImport", 409):
        alibaba.kms("Encrypt", KeyId=key, Plaintext="aGVsbG8=")
    imported(alibaba, key, material)
    blob = alibaba.kms("Encrypt", KeyId=key, Plaintext="aGVsbG8=")["CiphertextBlob"]
    alibaba.kms("DeleteKeyMaterial", KeyId=key)
    assert alibaba.state(key) == "PendingImport"
    for wrong in (os.urandom(32), material[:-1]):
        with refused("InvalidKeyMaterial", 400):
            imported(alibaba, key, wrong)
    imported(alibaba, key, material, until=int(time.time()) + 3600)
    told = alibaba.kms("DescribeKey", KeyId=key)["KeyMetadata"]
    assert told["KeyState"] == "Enabled" and told["MaterialExpireTime"]
    assert alibaba.kms("Decrypt", CiphertextBlob=blob)["Plaintext"] == "aGVsbG8="


def test_other_origins_and_old_padding_are_refused(alibaba):
    with refused("Unsupported.Origin", 400):
        prepared(alibaba, alibaba.new_key())
    with refused("UnsupportedOperation", 400):
        prepared(alibaba, external(alibaba), "RSAES_PKCS1_V1_5")
    with refused("InvalidParameter", 400):
        imported(alibaba, external(alibaba), os.urandom(32), until=int(time.time()) - 3600)
