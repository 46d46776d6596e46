"""Who may speak to the AWS services at all: signatures, access keys, dates, tokens, operations."""

import datetime
import json
import re
from unittest import mock

import pytest

from aws_client import Aws, error_type, kms_headers, raw_kms, send, sign
from aws_names import EXPIRED_TOKEN, INVALID_TOKEN, MISMATCH, allow, null, policy, trust, user_arn
from refusal import refused

STRANGER = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
LIST_KEYS = b"{}"


@pytest.fixture
def alice(aws):
    return aws.as_(aws.new_user("alice", policy(allow("*"))))


def clock_moved(**by):
    """Moves the clock by which botocore signs."""
    moment = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(**by)
    return mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: moment)


def query(server, service, headers, body):
    """Sends a request of the query protocol; answers status and code."""
    status, _, answer = send(server, "POST", "/", body, headers)
    code = re.search(rb"<Code>(\w+)</Code>", answer)
    return status, code and code[1].decode()


def test_a_wrong_secret_does_not_sign(aws, alice):
    wrong = aws.as_((alice.credentials[0], "wrong"))
    with refused("InvalidSignatureException", 400, MISMATCH):
        wrong.kms.list_keys()
    for call in (wrong.iam.list_users, wrong.sts.get_caller_identity):
        with refused("SignatureDoesNotMatch", 403, MISMATCH):
            call()


def test_an_unknown_access_key_is_refused(aws):
    stranger = aws.as_(STRANGER)
    with refused("UnrecognizedClientException", 400, INVALID_TOKEN):
        stranger.kms.list_keys()
    for call in (stranger.iam.list_users, stranger.sts.get_caller_identity):
        with refused("InvalidClientTokenId", 403, INVALID_TOKEN):
            call()


def test_an_inactive_access_key_is_refused_until_it_is_active_again(aws, alice):
    key = {"UserName": "alice", "AccessKeyId": alice.credentials[0]}
    aws.iam.update_access_key(**key, Status="Inactive")
    with refused("UnrecognizedClientException", 400, INVALID_TOKEN):
        alice.kms.list_keys()
    with refused("InvalidClientTokenId", 403, INVALID_TOKEN):
        alice.sts.get_caller_identity()
    aws.iam.update_access_key(**key, Status="Active")
    alice.kms.list_keys()


def test_a_deleted_access_key_is_refused(aws, alice):
    aws.iam.delete_access_key(UserName="alice", AccessKeyId=alice.credentials[0])
    with refused("UnrecognizedClientException", 400, INVALID_TOKEN):
        alice.kms.list_keys()


def test_a_request_without_signature_is_refused(aws):
    text = re.compile(r"(Request is m|M)issing Authentication Token")
    with refused("MissingAuthenticationTokenException", {400, 403}, text):
        aws.unsigned("kms").list_keys()
    with refused("MissingAuthenticationToken", 403, text):
        aws.unsigned("iam").list_users()
    with refused("MissingAuthenticationToken", 403, text):
        aws.unsigned("sts").get_caller_identity()


def test_a_changed_body_is_noticed(server):
    headers = sign("POST", f"{server.endpoint}/", "kms", LIST_KEYS, kms_headers("ListKeys"))
    assert send(server, "POST", "/", LIST_KEYS, headers)[0] == 200
    status, _, answer = send(server, "POST", "/", b'{"Limit":1}', headers)
    answer = json.loads(answer)
    assert (status, error_type(answer)) == (400, "InvalidSignatureException")


def test_a_changed_signed_header_is_noticed(server):
    headers = sign("POST", f"{server.endpoint}/", "kms", LIST_KEYS, kms_headers("ListKeys"))
    status, _, answer = send(server, "POST", "/", LIST_KEYS, {**headers, "X-Amz-Target": "TrentService.CreateKey"})
    assert (status, error_type(json.loads(answer))) == (400, "InvalidSignatureException")


def test_the_operation_must_be_covered_by_the_signature(server):
    unsigned_target = sign(
        "POST", f"{server.endpoint}/", "kms", LIST_KEYS, {"Content-Type": "application/x-amz-json-1.1"}
    )
    headers = {**unsigned_target, "X-Amz-Target": "TrentService.CreateKey"}
    status, _, answer = send(server, "POST", "/", LIST_KEYS, headers)
    assert status in (400, 403)
    assert error_type(json.loads(answer)) in ("InvalidSignatureException", "IncompleteSignatureException")


@pytest.mark.parametrize(
    ("by", "text"),
    [
        ({"minutes": -16}, r"Signature expired: \d{8}T\d{6}Z is now earlier than .+"),
        ({"minutes": 16}, r"Signature not yet current: \d{8}T\d{6}Z is still later than .+"),
    ],
)
def test_a_date_far_from_now_is_refused(aws, by, text):
    with clock_moved(**by):
        with refused("InvalidSignatureException", 400, re.compile(text)):
            aws.kms.list_keys()
        with refused({"SignatureDoesNotMatch", "RequestExpired"}, {400, 403}):
            aws.sts.get_caller_identity()


@pytest.mark.parametrize("by", [{"minutes": -4}, {"minutes": 4}])
def test_a_date_near_now_is_accepted(aws, by):
    with clock_moved(**by):
        aws.kms.list_keys()


def test_the_scope_must_name_the_service(server):
    headers = sign("POST", f"{server.endpoint}/", "iam", LIST_KEYS, kms_headers("ListKeys"))
    status, _, answer = send(server, "POST", "/", LIST_KEYS, headers)
    answer = json.loads(answer)
    assert (status, error_type(answer)) == (400, "InvalidSignatureException")
    text = answer.get("message", answer.get("Message"))
    assert re.fullmatch(r"Credential should be scoped to correct service: 'kms'\.? ?", text)


@pytest.mark.parametrize(
    "broken",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=test",
        "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=, Signature=",
    ],
)
def test_a_broken_authorization_header_is_refused(server, broken):
    headers = {
        **sign("POST", f"{server.endpoint}/", "kms", LIST_KEYS, kms_headers("ListKeys")),
        "Authorization": broken,
    }
    status, _, answer = send(server, "POST", "/", LIST_KEYS, headers)
    assert status in (400, 403)
    assert error_type(json.loads(answer)) in (
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
    )


def test_an_operation_that_aws_does_not_have_is_unknown(server):
    status, answer = raw_kms(server, "MakeCoffee", b"{}")
    assert (status, error_type(answer)) == (400, "UnknownOperationException")
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    for service, version in (("iam", "2010-05-08"), ("sts", "2011-06-15")):
        body = f"Action=MakeCoffee&Version={version}".encode()
        headers = sign("POST", f"{server.endpoint}/", service, body, form)
        assert query(server, service, headers, body) == (400, "InvalidAction")


def test_an_operation_that_is_not_built_says_so(kms):
    with refused("UnsupportedOperationException", 400, re.compile(r".*ConnectCustomKeyStore.*")):
        kms.connect_custom_key_store(CustomKeyStoreId="cks-1")


def test_a_body_that_is_not_json_is_refused(server):
    for body in (b"{", b"[]", b'{"Limit":"ten"}', b"\xff"):
        status, answer = raw_kms(server, "ListKeys", body)
        assert (status, error_type(answer)) == (400, "SerializationException"), body


def test_members_that_nobody_knows_are_ignored(server):
    status, answer = raw_kms(server, "ListKeys", b'{"Unknown":{"a":[1]}}')
    assert status == 200 and answer["Keys"] == []


def test_every_answer_has_a_request_id(aws):
    answers = [aws.kms.list_keys(), aws.iam.list_users(), aws.sts.get_caller_identity()]
    found = [answer["ResponseMetadata"]["RequestId"] for answer in answers]
    assert len(set(found)) == 3 and all(re.fullmatch(r"[0-9a-f-]{36}", name) for name in found)


def test_a_missing_parameter_of_the_query_protocol_is_named(aws):
    # IAM keeps values out of such texts, null included.
    text = "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null"
    with refused("ValidationError", 400, text):
        aws.unchecked("iam").create_user()


def test_an_expired_session_is_refused(own_server):
    aws = Aws(own_server.endpoint)
    alice = aws.as_(aws.new_user("alice", policy(allow("*"))))
    aws.new_role("reader", trust(user_arn("alice")), policy(allow("kms:*")))
    session = alice.as_(alice.assume("reader", DurationSeconds=900))
    session.kms.list_keys()
    own_server.advance("16m")
    with clock_moved(minutes=16):
        with refused("ExpiredTokenException", 400, EXPIRED_TOKEN):
            session.kms.list_keys()
        with refused("ExpiredToken", 403, EXPIRED_TOKEN):
            session.sts.get_caller_identity()
        alice.kms.list_keys()
