"""`polykms policy why` on the audit trail of a running server, for decisions that both clouds' SDKs were told of."""

import json
import os
import subprocess

import pytest

from alibaba_client import NewSdk
from alibaba_names import ACCOUNT as ALIBABA_ACCOUNT
from alibaba_names import allow as alibaba_allow
from alibaba_names import policy as alibaba_policy
from aws_client import Aws
from aws_names import allow, deny, key_arn, policy, user_arn
from process import Server, binary
from refusal import refused

DECISION = "x-polykms-decision-id"


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
    done = subprocess.run(
        [binary(), "policy", "why", *arguments],
        env={"PATH": os.environ["PATH"], "POLYKMS_AUDIT_FILE": str(trail)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


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
    assert lines[0] == f"{decision_of(body)}: explicit_deny"
    assert f"kms Decrypt by {user_arn('alice')} from 127.0.0.1" in lines[1]
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
    assert lines[0].endswith(": implicit_deny")
    assert f"kms DescribeKey by ram-user alice of account {ALIBABA_ACCOUNT}" in lines[1]
    assert "  answered Forbidden.NoPermission: This operation is forbidden by permission system." in lines
    assert "    no Allow in identity" in lines


def test_a_decision_that_is_not_on_the_trail_is_a_failure(told, trail):
    assert "holds no decision `nothing`" in why(trail, "nothing", status=1)
    assert "cannot read the audit trail" in why(trail.with_name("none.jsonl"), "nothing", status=1)


def test_without_the_setting_nothing_is_named(server):
    aws = Aws(server.endpoint)
    assert DECISION not in aws.kms.list_keys()["ResponseMetadata"]["HTTPHeaders"]
