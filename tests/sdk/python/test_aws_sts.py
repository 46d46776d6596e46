"""AWS sessions: who am I, roles, session policies, temporary credentials."""

import re
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime

import pytest

from aws_client import Aws
from aws_names import (
    ACCOUNT,
    INVALID_TOKEN,
    ROOT_ARN,
    allow,
    deny,
    key_arn,
    no_allow,
    policy,
    role_arn,
    session_arn,
    trust,
    user_arn,
)
from refusal import refused


@pytest.fixture
def key(aws):
    return aws.new_key()


@pytest.fixture
def alice(aws):
    """A user who may take any role."""
    return aws.as_(aws.new_user("alice", policy(allow("sts:AssumeRole"))))


def may_not_assume(who, role):
    return f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {role_arn(role)}"


def test_each_kind_of_caller_is_told_who_it_is(aws, alice):
    assert identity(aws) == (ACCOUNT, ACCOUNT, ROOT_ARN)
    user = aws.iam.get_user(UserName="alice")["User"]
    assert identity(alice) == (ACCOUNT, user["UserId"], user_arn("alice"))
    aws.new_role("reader", trust(user_arn("alice")))
    role = aws.iam.get_role(RoleName="reader")["Role"]
    session = alice.as_(alice.assume("reader", "morning"))
    assert identity(session) == (ACCOUNT, f"{role['RoleId']}:morning", session_arn("reader", "morning"))


def identity(caller):
    answer = caller.sts.get_caller_identity()
    return answer["Account"], answer["UserId"], answer["Arn"]


def test_nobody_can_be_denied_their_identity(aws):
    bob = aws.as_(aws.new_user("bob", policy(deny("*"))))
    assert bob.sts.get_caller_identity()["Arn"] == user_arn("bob")


def test_a_signed_link_tells_who_signed_it(aws, alice):
    link = alice.sts.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(link, timeout=10) as answer:
        assert user_arn("alice") in answer.read().decode()
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(link.replace("GetCallerIdentity", "GetSessionToken"), timeout=10)
    assert refusal.value.code == 403 and b"<Code>SignatureDoesNotMatch</Code>" in refusal.value.read()


def test_a_role_session_has_temporary_credentials(aws, alice):
    aws.new_role("reader", trust(user_arn("alice")))
    role = aws.iam.get_role(RoleName="reader")["Role"]
    answer = alice.sts.assume_role(RoleArn=role_arn("reader"), RoleSessionName="s1", DurationSeconds=900)
    assert answer["AssumedRoleUser"] == {"AssumedRoleId": f"{role['RoleId']}:s1", "Arn": session_arn("reader", "s1")}
    made = answer["Credentials"]
    assert re.fullmatch(r"ASIA[A-Z0-9]{12,}", made["AccessKeyId"]) and made["SessionToken"]
    lifetime = made["Expiration"].timestamp() - http_date(answer).timestamp()
    assert abs(lifetime - 900) < 30


def http_date(answer):
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])


def test_a_role_session_may_what_its_role_may(aws, alice, key):
    aws.new_role("reader", trust(user_arn("alice")), policy(allow("kms:Encrypt")))
    session = alice.as_(alice.assume("reader"))
    session.kms.encrypt(KeyId=key, Plaintext=b"x")
    who = session_arn("reader", "session")
    with refused("AccessDeniedException", 400, no_allow(who, "kms:GenerateDataKey", key_arn(key))):
        session.kms.generate_data_key(KeyId=key, KeySpec="AES_256")


def test_a_session_policy_only_takes_away(aws, alice, key):
    aws.new_role("reader", trust(user_arn("alice")), policy(allow(["kms:Encrypt", "kms:Decrypt"])))
    only = policy(allow(["kms:Encrypt", "kms:GenerateDataKey"]))
    session = alice.as_(alice.assume("reader", Policy=only))
    blob = session.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    who = session_arn("reader", "session")
    with refused("AccessDeniedException", 400, no_allow(who, "kms:GenerateDataKey", key_arn(key))):
        session.kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    with refused(
        "AccessDeniedException", 400, re.compile(r".* because no session policy allows the kms:Decrypt action")
    ):
        session.kms.decrypt(CiphertextBlob=blob)
    with refused("AccessDeniedException", 400, no_allow(who, "kms:DescribeKey", key_arn(key), "session policy")):
        session_with_describe(aws, alice, only).kms.describe_key(KeyId=key)


def session_with_describe(aws, alice, only):
    aws.iam.put_role_policy(RoleName="reader", PolicyName="more", PolicyDocument=policy(allow("kms:DescribeKey")))
    return alice.as_(alice.assume("reader", Policy=only))


def test_a_role_needs_its_trust_policy(aws, alice):
    aws.new_role("for-account", trust(ROOT_ARN))
    aws.new_user("bob")
    aws.new_role("for-bob", trust(user_arn("bob")))
    alice.assume("for-account")
    with refused("AccessDenied", 403, may_not_assume(user_arn("alice"), "for-bob")):
        alice.assume("for-bob")


def test_a_role_that_trusts_the_account_needs_the_callers_permission(aws):
    aws.new_role("open", trust(ROOT_ARN))
    bob = aws.as_(aws.new_user("bob"))
    with refused("AccessDenied", 403, may_not_assume(user_arn("bob"), "open")):
        bob.assume("open")
    aws.new_role("for-bob", trust(user_arn("bob")))
    bob.assume("for-bob")


def test_a_missing_role_looks_like_a_closed_one(alice):
    with refused("AccessDenied", 403, may_not_assume(user_arn("alice"), "none")):
        alice.assume("none")


def test_an_external_id_must_fit(aws, alice):
    aws.new_role("partner", trust(user_arn("alice"), condition={"StringEquals": {"sts:ExternalId": "secret-42"}}))
    alice.assume("partner", ExternalId="secret-42")
    for wrong in ({}, {"ExternalId": "secret-43"}):
        with refused("AccessDenied", 403, may_not_assume(user_arn("alice"), "partner")):
            alice.assume("partner", **wrong)


@pytest.mark.parametrize(
    "arn", ["nothing-valid-in-here", "arn::b:::something/test-role", "arn:a::::something/test-role"]
)
def test_a_broken_role_name_is_refused(aws, alice, arn):
    with refused("ValidationError", 400, f"{arn} is invalid"):
        alice.sts.assume_role(RoleArn=arn, RoleSessionName="session")


def test_session_parameters_have_bounds(aws, alice):
    aws.new_role("reader", trust(user_arn("alice")))
    unchecked = alice.unchecked("sts")
    text = (
        "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\w+=,.@-]*"
    )
    with refused("ValidationError", 400, text):
        unchecked.assume_role(RoleArn=role_arn("reader"), RoleSessionName="Session1:2")
    text = (
        "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: "
        "Member must have value greater than or equal to 900"
    )
    with refused("ValidationError", 400, text):
        unchecked.assume_role(RoleArn=role_arn("reader"), RoleSessionName="session", DurationSeconds=899)
    with refused("ValidationError", 400, re.compile(r".*MaxSessionDuration.*")):
        unchecked.assume_role(RoleArn=role_arn("reader"), RoleSessionName="session", DurationSeconds=3601)
    with refused("MalformedPolicyDocument", 400):
        alice.assume("reader", Policy="{")


def test_a_session_token_keeps_the_users_permissions(aws, key):
    alice = aws.as_(aws.new_user("alice", policy(allow("kms:Encrypt"))))
    made = alice.sts.get_session_token(DurationSeconds=900)["Credentials"]
    session = alice.as_((made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]))
    session.kms.encrypt(KeyId=key, Plaintext=b"x")
    assert session.sts.get_caller_identity()["Arn"] == user_arn("alice")
    with refused("AccessDeniedException", 400, no_allow(user_arn("alice"), "kms:DescribeKey", key_arn(key))):
        session.kms.describe_key(KeyId=key)


def test_a_session_without_a_second_factor_is_barred_from_iam_and_most_of_sts(aws):
    alice = aws.as_(aws.new_user("alice", policy(allow("*"))))
    for holder in (alice, aws):
        made = holder.sts.get_session_token(DurationSeconds=900)["Credentials"]
        session = holder.as_((made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]))
        for call in (session.iam.create_access_key, session.iam.list_users, session.iam.get_user):
            with refused("InvalidClientTokenId", 403, INVALID_TOKEN):
                call()
        with refused("AccessDenied", 403, "Cannot call GetSessionToken with session credentials"):
            session.sts.get_session_token()
        with refused("AccessDenied", 403, "Cannot call DecodeAuthorizationMessage with session credentials"):
            session.sts.decode_authorization_message(EncodedMessage="x")
        assert session.sts.get_caller_identity()["Account"]
        session.kms.list_keys()


def test_temporary_credentials_need_their_own_token(aws, alice):
    aws.new_role("reader", trust(user_arn("alice")), policy(allow("kms:*")))
    key_id, secret, token = alice.assume("reader")
    _, _, other = alice.assume("reader", "other")
    changed = token[:-5] + ("A" if token[-5] != "A" else "B") + token[-4:]
    for wrong in ((key_id, secret), (key_id, secret, other), (key_id, secret, changed), (key_id, secret, "x")):
        caller = alice.as_(wrong)
        with refused("UnrecognizedClientException", 400, INVALID_TOKEN):
            caller.kms.list_keys()
        with refused("InvalidClientTokenId", 403, INVALID_TOKEN):
            caller.sts.get_caller_identity()


def test_a_session_ends_with_its_role(aws, alice, key):
    aws.new_role("reader", trust(user_arn("alice")), policy(allow("kms:Encrypt")))
    session = alice.as_(alice.assume("reader"))
    session.kms.encrypt(KeyId=key, Plaintext=b"x")
    aws.iam.delete_role_policy(RoleName="reader", PolicyName="p0")
    with refused("AccessDeniedException", 400, no_allow(session_arn("reader", "session"), "kms:Encrypt", key_arn(key))):
        session.kms.encrypt(KeyId=key, Plaintext=b"x")


def test_the_session_follows_the_region_of_its_client(aws, alice):
    aws.new_role("reader", trust(user_arn("alice")), policy(allow("kms:ListKeys")))
    session = Aws(aws.endpoint, alice.assume("reader"), "eu-west-1")
    assert session.kms.list_keys()["Keys"] == []
