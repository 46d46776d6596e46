"""What tools expect of an emulator: control pages of another one, account numbers as access keys, an administrator."""

import json

import pytest
from botocore.exceptions import ClientError

import aws_names
from alibaba_client import NewSdk
from alibaba_names import ROOT_ARN as ALIBABA_ROOT
from alibaba_names import trust as alibaba_trust
from aws_client import Aws, send
from aws_names import allow, policy, trust
from process import Server
from refusal import refused

ADMINISTRATOR = ("polykms-admin", "test")
PATHS = ("/moto-api/reset", "/moto-api/reset-auth")


@pytest.fixture
def administrator(server):
    """AWS as the administrator that everybody knows."""
    return Aws(server.endpoint, ADMINISTRATOR)


def test_motos_control_pages_do_what_they_can(server, aws):
    aws.new_key()
    status, _, body = send(server, "POST", "/moto-api/reset-auth", b"0")
    assert (status, json.loads(body)) == (200, {"status": "ok"})
    assert len(aws.kms.list_keys()["Keys"]) == 1
    status, _, body = send(server, "POST", "/moto-api/reset")
    assert (status, json.loads(body)) == (200, {"status": "ok"})
    assert aws.kms.list_keys()["Keys"] == []
    assert send(server, "POST", "/moto-api/data.json")[0] == 404
    assert send(server, "GET", "/moto-api/reset")[0] == 404


@pytest.mark.parametrize("headers", [{"Host": "kms.us-east-1.amazonaws.com"}, {"Host": "evil.example"}, {"Origin": "http://evil.example"}])
def test_no_stranger_empties_the_emulator(server, aws, headers):
    aws.new_key()
    for path in PATHS:
        assert send(server, "POST", path, headers=headers)[0] == 403
    assert len(aws.kms.list_keys()["Keys"]) == 1


def test_the_number_of_an_account_is_the_access_key_of_its_owner(server):
    first, second = Aws(server.endpoint, ("111122223333", "test")), Aws(server.endpoint, ("444455556666", "test"))
    assert first.sts.get_caller_identity()["Arn"] == "arn:aws:iam::111122223333:root"
    key = first.kms.create_key()["KeyMetadata"]["Arn"]
    assert key.startswith("arn:aws:kms:us-east-1:111122223333:key/")
    assert second.kms.list_keys()["Keys"] == []
    with pytest.raises(ClientError) as refusal:
        second.kms.describe_key(KeyId=key)
    assert refusal.value.response["Error"]["Code"] == "AccessDeniedException"
    assert first.iam.list_access_keys()["AccessKeyMetadata"] == []
    session = first.sts.get_session_token()["Credentials"]
    held = first.as_((session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]))
    assert held.sts.get_caller_identity()["Account"] == "111122223333"
    with refused("SignatureDoesNotMatch", 403):
        Aws(server.endpoint, ("111122223333", "other")).sts.get_caller_identity()
    with refused("InvalidClientTokenId", 403):
        Aws(server.endpoint, ("11112222333", "test")).sts.get_caller_identity()


def test_sixteen_digits_are_an_account_of_alibaba_cloud(server):
    other = NewSdk(server, ("2000000000000000", "test"))
    assert other.sts("GetCallerIdentity")["Arn"] == "acs:ram::2000000000000000:root"
    key = other.new_key()
    assert other.kms("ListKeys")["Keys"]["Key"][0]["KeyId"] == key
    assert NewSdk(server).kms("ListKeys")["TotalCount"] == 0


def test_the_administrator_may_do_everything_and_assume_roles(administrator, aws):
    identity = administrator.sts.get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (aws_names.ACCOUNT, aws_names.user_arn("polykms-admin"))
    assert identity["UserId"].startswith("AIDA")
    administrator.new_role("taken", trust(aws_names.ROOT_ARN), policy(allow("kms:ListKeys")))
    held = administrator.as_(administrator.assume("taken"))
    administrator.new_key()
    assert len(held.kms.list_keys()["Keys"]) == 1
    with refused("AccessDenied", 403):
        aws.assume("taken")


def test_a_session_of_the_administrator_is_the_administrator(administrator):
    made = administrator.sts.get_session_token()["Credentials"]
    held = administrator.as_((made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]))
    assert held.sts.get_caller_identity()["Arn"] == aws_names.user_arn("polykms-admin")
    held.new_key()


def test_the_administrator_has_no_record(administrator, aws):
    assert aws.iam.list_users()["Users"] == []
    with refused("NoSuchEntity", 404):
        aws.iam.get_user(UserName="polykms-admin")
    with refused("SignatureDoesNotMatch", 403):
        administrator.as_(("polykms-admin", "other")).sts.get_caller_identity()


def test_the_administrator_of_alibaba_cloud_may_assume_roles(server):
    administrator = NewSdk(server, ADMINISTRATOR)
    assert administrator.sts("GetCallerIdentity")["Arn"] == "acs:ram::1000000000000000:user/polykms-admin"
    administrator.new_role("taken", alibaba_trust(ALIBABA_ROOT))
    held = administrator.as_(administrator.assume("taken"))
    assert held.sts("GetCallerIdentity")["Arn"].endswith(":assumed-role/taken/session")
    assert administrator.ram("ListUsers")["Users"]["User"] == []


@pytest.mark.parametrize("access_key", [ADMINISTRATOR, ("111122223333", "test")])
def test_an_emulator_with_an_owner_of_its_own_takes_no_key_that_everybody_knows(tmp_path, access_key):
    own = {"POLYKMS_AWS_ACCESS_KEY_ID": "AKIAOWN", "POLYKMS_AWS_SECRET_ACCESS_KEY": "k9vT2qLw8xZ4mR7pJ1sD"}
    closed = Server(["dev"], tmp_path, own)
    try:
        with refused("InvalidClientTokenId", 403):
            Aws(closed.endpoint, access_key).sts.get_caller_identity()
    finally:
        closed.stop()


@pytest.mark.parametrize("access_key", [ADMINISTRATOR, ("111122223333", "test")])
def test_a_server_has_neither(tmp_path, access_key):
    serve = Server(["serve", "--data-dir", str(tmp_path / "data")], tmp_path)
    try:
        with refused("InvalidClientTokenId", 403):
            Aws(serve.endpoint, access_key).sts.get_caller_identity()
        for path in PATHS:
            assert send(serve, "POST", path)[0] == 404
    finally:
        serve.stop()
