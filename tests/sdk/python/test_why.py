"""Why a request was denied, for those who may know: `polykms policy why` on the trail of a server, decoded messages."""

import json

import pytest

from alibaba_client import NewSdk
from alibaba_names import ACCOUNT as ALIBABA_ACCOUNT
from alibaba_names import allow as alibaba_allow
from alibaba_names import deny as alibaba_deny
from alibaba_names import key_arn as alibaba_key_arn
from alibaba_names import policy as alibaba_policy
from aws_client import Aws
from aws_names import allow, deny, key_arn, policy, policy_arn, user_arn
from aws_names import denied as denied_text
from process import Server, command
from refusal import refused

DECISION = "x-polykms-decision-id"
MESSAGE = "x-polykms-encoded-authorization-message"


@pytest.fixture
def trail(tmp_path):
    return tmp_path / "audit.jsonl"


@pytest.fixture
def told(tmp_path, trail):
    """A server that names its decisions."""
    server = Server(["dev", "--decision-header", "--audit-file", str(trail)], tmp_path)
    yield server
    server.stop()


def why(trail, *arguments, status=0):
    return command("policy", "why", *arguments, "--audit-file", trail, status=status)


def named(sid, statement):
    return {"Sid": sid, **statement}


def decision_of(answer):
    return answer["ResponseMetadata"]["HTTPHeaders"][DECISION]


def test_a_denial_of_aws_is_told_by_decision_and_by_request(told, trail):
    aws = Aws(told.endpoint)
    key = aws.new_key()
    alice = aws.as_(aws.new_user("alice", policy(allow("kms:*"), named("NoDecrypt", deny("kms:Decrypt")))))
    blob = alice.kms.encrypt(KeyId=key, Plaintext=b"hello")["CiphertextBlob"]
    with refused("AccessDeniedException", 400) as denied:
        alice.kms.decrypt(CiphertextBlob=blob)
    body = denied.refusal.body
    text = why(trail, decision_of(body))
    assert text == why(trail, body["ResponseMetadata"]["RequestId"])
    lines = text.splitlines()
    assert lines[0] == f"DENIED: kms Decrypt by {user_arn('alice')}"
    assert "from 127.0.0.1" in lines[1] and f"decision {decision_of(body)}" in lines[1]
    assert f"    kms:Decrypt on {key_arn(key)}: explicit_deny" in lines
    assert "    denied by identity `p0`, statement `NoDecrypt` at /Statement/1" in lines
    told_object = json.loads(why(trail, decision_of(body), "--json"))
    assert told_object["verdict"] == "explicit_deny"
    assert told_object["error"]["code"] == "AccessDeniedException"
    assert told_object["checks"][0]["decision"]["deny_by"][0]["statement"] == "NoDecrypt"


def test_what_was_allowed_is_told_with_the_statements_that_allow(told, trail):
    aws = Aws(told.endpoint)
    alice = aws.as_(aws.new_user("alice", policy(named("Lists", allow("kms:List*")))))
    text = why(trail, decision_of(alice.kms.list_keys()))
    assert ": allow\n" in text
    assert "    allowed by identity `p0`, statement `Lists` at /Statement/0\n" in text


def test_the_caller_is_not_told_the_trace(told):
    aws = Aws(told.endpoint)
    alice = aws.as_(aws.new_user("alice", policy(named("Secretly", deny("kms:*")))))
    with refused("AccessDeniedException", 400) as denied:
        alice.kms.list_keys()
    assert "Secretly" not in json.dumps(denied.refusal.body, default=str)


def test_a_denial_of_alibaba_is_told_by_the_request(told, trail):
    owner = NewSdk(told)
    key = owner.new_key()
    alice = owner.as_(owner.new_user("alice", alibaba_policy(alibaba_allow("kms:ListKeys"))))
    with refused("Forbidden.NoPermission", 403) as denied:
        alice.kms("DescribeKey", KeyId=key)
    text = why(trail, denied.refusal.body["RequestId"])
    lines = text.splitlines()
    assert lines[0] == f"DENIED: kms DescribeKey by ram-user alice of account {ALIBABA_ACCOUNT}"
    assert "  answered Forbidden.NoPermission: This operation is forbidden by permission system." in lines
    assert "    no Allow in identity" in lines


def test_a_decision_that_is_not_on_the_trail_is_a_failure(told, trail):
    assert "holds no decision `nothing`" in why(trail, "nothing", status=1)
    assert "cannot read the audit trail" in why(trail.with_name("none.jsonl"), "nothing", status=1)


def test_without_the_setting_nothing_is_named(server):
    aws = Aws(server.endpoint)
    assert DECISION not in aws.kms.list_keys()["ResponseMetadata"]["HTTPHeaders"]


def test_boto3_decodes_what_a_denial_rests_on(told):
    aws = Aws(told.endpoint)
    key = aws.new_key(Tags=[{"TagKey": "Project", "TagValue": "Apollo"}])
    aws.iam.create_policy(PolicyName="no", PolicyDocument=policy(named("NoEncrypt", deny("kms:Encrypt"))))
    alice = aws.as_(aws.new_user("alice", policy(allow("kms:*"))))
    aws.iam.attach_user_policy(UserName="alice", PolicyArn=policy_arn("no"))
    text = denied_text(user_arn("alice"), "kms:Encrypt", key_arn(key))
    with refused("AccessDeniedException", 400, f"{text}: {policy_arn('no')}") as denied:
        alice.kms.encrypt(KeyId=key, Plaintext=b"a secret", EncryptionContext={"tenant": "t1"})
    encoded = denied.refusal.body["ResponseMetadata"]["HTTPHeaders"][MESSAGE]
    decoded = aws.sts.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"]
    told_object = json.loads(decoded)
    assert list(told_object) == ["allowed", "explicitDeny", "matchedStatements", "failures", "context"]
    assert (told_object["allowed"], told_object["explicitDeny"]) == (False, True)
    (matched,) = told_object["matchedStatements"]["items"]
    assert (matched["statementId"], matched["effect"]) == ("NoEncrypt", "DENY")
    context = told_object["context"]
    assert context["principal"]["name"] == "alice" and context["principal"]["arn"] == user_arn("alice")
    assert (context["action"], context["resource"]) == ("kms:Encrypt", key_arn(key))
    conditions = {
        item["key"]: [value["value"] for value in item["values"]["items"]] for item in context["conditions"]["items"]
    }
    assert conditions["kms:EncryptionContext:tenant"] == ["t1"]
    assert conditions["aws:ResourceTag/Project"] == ["Apollo"]
    assert "secret" not in decoded


def test_boto3_is_refused_what_it_may_not_have_decoded(told):
    aws = Aws(told.endpoint)
    alice = aws.as_(aws.new_user("alice"))
    with refused("AccessDeniedException", 400) as denied:
        alice.kms.list_keys()
    encoded = denied.refusal.body["ResponseMetadata"]["HTTPHeaders"][MESSAGE]
    action = "sts:DecodeAuthorizationMessage"
    text = f"User: {user_arn('alice')} is not authorized to perform: {action} because no identity-based policy allows"
    with refused("AccessDenied", 403, f"{text} the {action} action"):
        alice.sts.decode_authorization_message(EncodedMessage=encoded)
    for tampered in (encoded[:-1], encoded[1:], encoded.swapcase(), "none"):
        with pytest.raises(aws.sts.exceptions.InvalidAuthorizationMessageException):
            aws.sts.decode_authorization_message(EncodedMessage=tampered)
    with refused("ValidationError", 400):
        aws.sts.decode_authorization_message(EncodedMessage="x" * 10241)


def test_both_generations_of_alibaba_decode_what_a_denial_rests_on(server, alibaba):
    owner = NewSdk(server)
    key = owner.new_key()
    documents = [alibaba_policy(alibaba_allow("kms:*")), alibaba_policy(alibaba_deny("kms:Encrypt"))]
    alice = owner.as_(owner.new_user("alice", *documents))
    with refused("Forbidden.NoPermission", 403) as denied:
        alice.kms("Encrypt", KeyId=key, Plaintext="aGVsbG8=", EncryptionContext={"tenant": "t1"})
    detail = denied.refusal.denial
    assert set(detail) == {
        "AuthAction",
        "AuthPrincipalDisplayName",
        "AuthPrincipalOwnerId",
        "AuthPrincipalType",
        "EncodedDiagnosticMessage",
        "NoPermissionType",
        "PolicyType",
    }
    encoded = detail["EncodedDiagnosticMessage"]
    decoded = alibaba.ram("DecodeDiagnosticMessage", EncodedDiagnosticMessage=encoded)["DecodedDiagnosticMessage"]
    assert decoded["ExplicitDeny"] is True
    assert (decoded["AuthAction"], decoded["AuthResource"]) == ("kms:Encrypt", alibaba_key_arn(key))
    assert decoded["NoPermissionPolicyType"] == detail["PolicyType"]
    assert decoded["AuthPrincipal"] == {
        name: detail[name] for name in ("AuthPrincipalDisplayName", "AuthPrincipalOwnerId", "AuthPrincipalType")
    }
    assert decoded["MatchedPolicies"] == [
        {
            "AttachedEntityType": "RamUser",
            "AttachedScope": "Account",
            "Effect": "Deny",
            "PolicyIdentifier": "alice-p1",
            "PolicyType": "Custom",
            "PolicyVersion": "v1",
        }
    ]
    conditions = {item["ConditionKey"]: item["ConditionValues"] for item in decoded["AuthConditions"]}
    assert conditions["kms:EncryptionContext:tenant"] == ["t1"]
    assert conditions["acs:SourceIp"] == ["127.0.0.1"]

    with refused("NoPermission", 403):
        alice_decodes = alibaba.as_(alice.credentials)
        alice_decodes.ram("DecodeDiagnosticMessage", EncodedDiagnosticMessage=encoded)
    for tampered in (encoded[:-1], encoded[1:], encoded.swapcase(), "none"):
        with refused("EntityNotExist.DiagnosticMessage", 404):
            alibaba.ram("DecodeDiagnosticMessage", EncodedDiagnosticMessage=tampered)
    with refused("InvalidParameter.EncodedDiagnosticMessage.Length", 400):
        alibaba.ram("DecodeDiagnosticMessage", EncodedDiagnosticMessage="x" * 4097)
