"""What others wrap material with, for the tests of imports: the package `cryptography`."""

import os

from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import padding

HASHES = {"SHA_1": hashes.SHA1(), "SHA_256": hashes.SHA256()}


def wrapped(public, algorithm, material):
    """Material under a public key in DER, by the vendors' name of the way."""
    key = serialization.load_der_public_key(public)
    [hashed] = [hashed for name, hashed in HASHES.items() if algorithm.endswith(name)]
    oaep = padding.OAEP(padding.MGF1(hashed), hashed, None)
    if algorithm.startswith("RSAES_OAEP"):
        return key.encrypt(material, oaep)
    brought = os.urandom(32)
    return key.encrypt(brought, oaep) + keywrap.aes_key_wrap_with_padding(brought, material)


def private_der(key):
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
