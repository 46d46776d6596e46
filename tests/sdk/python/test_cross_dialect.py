"""Two clouds in one server: neither lets in, sees or opens what belongs to the other."""

import base64

import pytest

import alibaba_names as acs
import aws_names
from alibaba_client import NewSdk, OldSdk
from refusal import refused


@pytest.fixture(params=[NewSdk, OldSdk], ids=lambda client: client.name)
def both(request, server, aws):
    return aws, request.param(server)


def test_an_aws_access_key_is_unknown_to_alibaba(both):
    aws, alibaba = both
    foreign = alibaba.as_(aws.new_user("alice", aws_names.policy(aws_names.allow("*"))))
    for service, operation in (("kms", "ListKeys"), ("ram", "ListUsers"), ("sts", "GetCallerIdentity")):
        with refused("InvalidAccessKeyId.NotFound", 404, acs.UNKNOWN_ACCESS_KEY):
            foreign.call(service, operation)


def test_an_alibaba_access_key_is_unknown_to_aws(both):
    aws, alibaba = both
    foreign = aws.as_(alibaba.new_user("alice", acs.policy(acs.allow("*"))))
    with refused("UnrecognizedClientException", 400, aws_names.INVALID_TOKEN):
        foreign.kms.list_keys()
    for call in (foreign.iam.list_users, foreign.sts.get_caller_identity):
        with refused("InvalidClientTokenId", 403, aws_names.INVALID_TOKEN):
            call()


def test_a_session_of_one_cloud_is_unknown_to_the_other(both):
    aws, alibaba = both
    one = aws.as_(aws.new_user("alice", aws_names.policy(aws_names.allow("*"))))
    aws.new_role("reader", aws_names.trust(aws_names.user_arn("alice")))
    with refused("InvalidAccessKeyId.NotFound", 404, acs.UNKNOWN_ACCESS_KEY):
        alibaba.as_(one.assume("reader")).kms("ListKeys")
    two = alibaba.as_(alibaba.new_user("bob", acs.policy(acs.allow("*"))))
    alibaba.new_role("reader", acs.trust(acs.user_arn("bob")))
    with refused("UnrecognizedClientException", 400, aws_names.INVALID_TOKEN):
        aws.as_(two.assume("reader")).kms.list_keys()


def test_each_cloud_sees_only_its_own(both):
    aws, alibaba = both
    aws_key, alibaba_key = aws.new_key(), alibaba.new_key()
    aws.new_user("alice")
    alibaba.new_user("bob")
    assert [key["KeyId"] for key in aws.kms.list_keys()["Keys"]] == [aws_key]
    assert [key["KeyId"] for key in alibaba.kms("ListKeys")["Keys"]["Key"]] == [alibaba_key]
    assert [user["UserName"] for user in aws.iam.list_users()["Users"]] == ["alice"]
    assert [user["UserName"] for user in alibaba.ram("ListUsers")["Users"]["User"]] == ["bob"]
    with refused("NotFoundException", 400, f"Key '{aws_names.key_arn(alibaba_key)}' does not exist"):
        aws.kms.describe_key(KeyId=alibaba_key)
    with refused("Forbidden.KeyNotFound", 404):
        alibaba.kms("DescribeKey", KeyId=aws_key)


def test_neither_cloud_opens_the_others_ciphertext(both):
    aws, alibaba = both
    aws_blob = aws.kms.encrypt(KeyId=aws.new_key(), Plaintext=b"x")["CiphertextBlob"]
    alibaba_blob = alibaba.kms("Encrypt", KeyId=alibaba.new_key(), Plaintext="eA==")["CiphertextBlob"]
    with refused("InvalidCiphertextException", 400, ""):
        aws.kms.decrypt(CiphertextBlob=base64.b64decode(alibaba_blob))
    with refused("InvalidCiphertextException", 400, ""):
        aws.kms.decrypt(CiphertextBlob=alibaba_blob.encode())
    with refused({"InvalidParameter", "Forbidden.KeyNotFound"}, {400, 404}):
        alibaba.kms("Decrypt", CiphertextBlob=base64.b64encode(aws_blob).decode())


def test_a_users_name_means_another_user_in_each_cloud(both):
    aws, alibaba = both
    one = aws.as_(aws.new_user("alice", aws_names.policy(aws_names.allow("kms:ListKeys"))))
    two = alibaba.as_(alibaba.new_user("alice"))
    one.kms.list_keys()
    with refused("Forbidden.NoPermission", 403, acs.FORBIDDEN):
        two.kms("ListKeys")
