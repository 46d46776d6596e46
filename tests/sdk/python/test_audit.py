"""The audit trail as operators and auditors use it: queried, verified, moved away."""

import json
import signal
import time

import pytest

from aws_client import Aws
from aws_names import allow, policy
from process import Server, command

WAIT_SECONDS = 20


@pytest.fixture
def trail(tmp_path):
    return tmp_path / "audit.jsonl"


@pytest.fixture
def server(tmp_path, trail):
    server = Server(["dev", "--audit-file", str(trail)], tmp_path)
    yield server
    server.stop()


def audit(*arguments, status=0):
    return command("audit", *arguments, status=status)


def lines(trail):
    return [json.loads(line) for line in trail.read_text().splitlines()]


def public_key(trail):
    return lines(trail)[0]["publicKey"]


def test_who_made_somebody_an_administrator(server, trail):
    iam = Aws(server.endpoint).client("iam")
    iam.create_user(UserName="alice")
    everything = policy(allow("*"))
    iam.put_user_policy(UserName="alice", PolicyName="all", PolicyDocument=everything)
    secret = iam.create_access_key(UserName="alice")["AccessKey"]
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_user(UserName="bob")

    (event,) = map(json.loads, audit("query", trail, "--action", "PutUserPolicy", "--format", "json").splitlines())
    assert event["requestParameters"]["policyName"] == "all"
    assert event["requestParameters"]["policyDocument"] == everything
    assert [resource["ARN"] for resource in event["resources"]] == ["arn:aws:iam::000000000000:user/alice"]
    table = audit("query", trail, "--resource", "user/alice", "--outcome", "done")
    assert [line.split("  ")[1] for line in table.splitlines()] == [
        "iam CreateUser",
        "iam PutUserPolicy",
        "iam CreateAccessKey",
    ]
    assert "NoSuchEntity" in audit("query", trail, "--outcome", "failed")
    assert audit("query", trail, "--until", "2020-01-01T00:00:00Z") == ""
    (made,) = map(json.loads, audit("query", trail, "--action", "CreateAccessKey", "--format", "json").splitlines())
    assert made["responseElements"]["accessKey"]["accessKeyId"] == secret["AccessKeyId"]
    assert secret["SecretAccessKey"] not in trail.read_text()


def test_an_auditor_finds_what_was_changed_cut_or_left_out(server, trail, tmp_path):
    kms = Aws(server.endpoint).client("kms")
    for _ in range(3):
        kms.create_key()
    key = public_key(trail)
    assert "3 events" in audit("verify", trail, "--public-key", key, "--live")
    assert "has no end" in audit("verify", trail, "--public-key", key, status=1)
    server.stop()
    assert "3 events" in audit("verify", trail, "--public-key", key)
    whole = trail.read_bytes().splitlines(keepends=True)
    changed = tmp_path / "changed.jsonl"
    changed.write_bytes(b"".join(whole).replace(b"CreateKey", b"CreateKex", 1))
    assert "line 2: the line was changed" in audit("verify", changed, "--public-key", key, status=1)
    changed.write_bytes(b"".join(whole[:2] + whole[3:]))
    assert "line 3: 1 lines before this one are missing" in audit("verify", changed, "--public-key", key, status=1)
    other = "A" * 43 + "="
    assert "not of this key" in audit("verify", trail, "--public-key", other, status=1)


def test_a_file_that_was_moved_away_is_let_go_on_sighup(server, trail, tmp_path):
    kms = Aws(server.endpoint).client("kms")
    kms.create_key()
    moved = tmp_path / "audit.jsonl.1"
    trail.rename(moved)
    server.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + WAIT_SECONDS
    while not trail.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    kms.create_key()
    server.stop()
    assert "2 events" in audit("verify", moved, trail, "--public-key", public_key(moved))
    names = [line.get("eventName") or line["trail"] for line in lines(trail)]
    assert names == ["continued", "CreateKey", "closed"]
