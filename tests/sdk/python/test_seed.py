"""Seed files as a user has them: checked, exported from a running server, and taken over from another emulator."""

import urllib.error
import urllib.request

import pytest

from alibaba_client import NewSdk
from alibaba_names import allow as alibaba_allow
from alibaba_names import policy as alibaba_policy
from alibaba_names import tags, trust, user_arn
from aws_client import Aws
from aws_names import allow, policy, policy_arn
from process import Server, command


def run(*arguments, status=0):
    return command("seed", *arguments, status=status)


def fill(server):
    """Something of everything that the API makes, in both clouds."""
    aws, ali = Aws(server.endpoint), NewSdk(server)
    key = aws.new_key(Description="d", Tags=[{"TagKey": "Project", "TagValue": "Apollo"}])
    aws.kms.create_alias(AliasName="alias/apollo", TargetKeyId=key)
    aws.kms.disable_key(KeyId=key)
    doomed = aws.new_key()
    aws.kms.schedule_key_deletion(KeyId=doomed, PendingWindowInDays=9)
    alice = aws.new_user("alice", policy(allow("kms:*")))
    aws.iam.create_policy(PolicyName="versions", PolicyDocument=policy(allow("kms:Encrypt")))
    aws.iam.create_policy_version(PolicyArn=policy_arn("versions"), PolicyDocument=policy(allow("kms:Decrypt")))
    aws.iam.attach_user_policy(UserName="alice", PolicyArn=policy_arn("versions"))
    ali.new_user("ann", alibaba_policy(alibaba_allow("kms:*")))
    ali.ram("UpdateUser", UserName="ann", NewComments="pilot", NewDisplayName="Ann")
    ali.ram("CreateGroup", GroupName="crew", Comments="who flies")
    ali.ram("AddUserToGroup", GroupName="crew", UserName="ann")
    ali.new_role("pilot", trust(user_arn("ann")))
    ali.ram("UpdateRole", RoleName="pilot", NewMaxSessionDuration=7200)
    kept = ali.new_key(Tags=tags(Project="Apollo"))
    ali.kms("SetDeletionProtection", ProtectedResourceArn=ali.kms("DescribeKey", KeyId=kept)["KeyMetadata"]["Arn"],
            EnableDeletionProtection=True, DeletionProtectionDescription="it is needed")
    return (key, doomed, kept), alice


def answers(server, keys):
    """What the API tells of all that, but for its dates."""
    aws, ali = Aws(server.endpoint), NewSdk(server)
    key, doomed, kept = keys
    told = {
        "keys": sorted(item["KeyId"] for item in aws.kms.list_keys()["Keys"]),
        "key": aws.kms.describe_key(KeyId="alias/apollo")["KeyMetadata"],
        "tags": aws.kms.list_resource_tags(KeyId=key)["Tags"],
        "doomed": {**aws.kms.describe_key(KeyId=doomed)["KeyMetadata"]},
        "policy": aws.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"],
        "users": aws.iam.list_users()["Users"],
        "inline": aws.iam.get_user_policy(UserName="alice", PolicyName="p0")["PolicyDocument"],
        "attached": aws.iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"],
        "versions": aws.iam.list_policy_versions(PolicyArn=policy_arn("versions"))["Versions"],
        "second": aws.iam.get_policy_version(PolicyArn=policy_arn("versions"), VersionId="v2")["PolicyVersion"],
        "ann": ali.ram("GetUser", UserName="ann")["User"],
        "crew": ali.ram("ListUsersForGroup", GroupName="crew")["Users"],
        "group": ali.ram("GetGroup", GroupName="crew")["Group"],
        "pilot": ali.ram("GetRole", RoleName="pilot")["Role"],
        "kept": ali.kms("DescribeKey", KeyId=kept)["KeyMetadata"],
    }
    return without_dates(told)


def without_dates(value):
    if isinstance(value, dict):
        # When a thing was made is when the server was started; the version's identifier goes with its material.
        return {
            name: without_dates(item)
            for name, item in value.items()
            if name not in ("CreateDate", "UpdateDate", "CreationDate", "JoinDate", "AttachDate", "LastRotationDate", "CurrentKeyMaterialId")
        }
    return [without_dates(item) for item in value] if isinstance(value, list) else value


def test_what_is_exported_from_a_server_yields_the_same_answers(tmp_path):
    first = Server(["dev"], tmp_path)
    keys, (access_key, secret) = fill(first)
    expected = answers(first, keys)
    silent = run("export", "--endpoint", first.endpoint)
    assert secret not in silent and f"# Left out of aws 000000000000: the access key `{access_key}`" in silent
    assert "material" not in silent.replace("# Left out", "").split("\naws:")[1]
    told = run("export", "--ready-file", tmp_path / "ready.json", "--secrets")
    first.stop()
    seed = tmp_path / "seed.yaml"
    seed.write_text(told)
    assert "nothing is wrong" in run("check", seed)
    (tmp_path / "second").mkdir()
    second = Server(["dev", "--seed", str(seed)], tmp_path / "second")
    assert answers(second, keys) == expected
    Aws(second.endpoint).as_((access_key, secret)).kms.list_keys()
    second.stop()


def test_a_data_folder_is_exported_while_no_server_has_it(tmp_path):
    data = tmp_path / "data"
    server = Server(["dev", "--data-dir", str(data)], tmp_path)
    keys, (access_key, secret) = fill(server)
    expected = answers(server, keys)
    server.stop()
    seed = tmp_path / "seed.yaml"
    assert secret not in run("export", "--data-dir", data)
    seed.write_text(run("export", "--data-dir", data, "--secrets"))
    again = Server(["dev", "--seed", str(seed)], tmp_path)
    assert answers(again, keys) == expected
    again.stop()


def test_a_seed_that_the_api_would_refuse_starts_no_server(tmp_path):
    seed = tmp_path / "seed.yaml"
    seed.write_text('aws:\n  - account: "000000000000"\n    users:\n      - name: a b\n      - name: c\n        inline: {p: "{}"}\n')
    told = run("check", seed, status=1)
    assert f"{seed}:4:15: ValidationError: " in told and f"{seed}:6:22: MalformedPolicyDocument" in told, told
    with pytest.raises(RuntimeError, match="seed.yaml:4:15"):
        Server(["dev", "--seed", str(seed)], tmp_path)


LOCAL_KMS = """
Keys:
  Symmetric:
    Aes:
      - Metadata:
          KeyId: bc436485-5092-42b8-92a3-0aa8b93536dc
          Description: "Your key description"
        NextKeyRotation: "2019-09-12T15:19:21+00:00"
        BackingKeys:
          - 34743777217A25432A46294A404E635266556A586E3272357538782F413F4428
      - Metadata:
          KeyId: 5d05267f-bb87-4d0b-8594-295a4371d414
          Origin: EXTERNAL
  Asymmetric:
    Ecc:
      - Metadata:
          KeyId: 800d5768-3fd7-4edd-a4b8-4c81c3e4c147
          KeyUsage: SIGN_VERIFY
        PrivateKeyPem: |
          -----BEGIN EC PRIVATE KEY-----
          none
          -----END EC PRIVATE KEY-----

Aliases:
  - AliasName: alias/testing
    TargetKeyId: bc436485-5092-42b8-92a3-0aa8b93536dc
"""


def test_a_seed_of_another_emulator_is_taken_over(tmp_path):
    foreign, seed = tmp_path / "local-kms.yaml", tmp_path / "seed.yaml"
    foreign.write_text(LOCAL_KMS)
    text = run("import", foreign, "--account", "111122223333", "--region", "eu-west-2")
    for left in ("800d5768-3fd7-4edd-a4b8-4c81c3e4c147", "5d05267f-bb87-4d0b-8594-295a4371d414", "NextKeyRotation"):
        assert left in text.split("\naws:")[0]
    seed.write_text(text)
    run("check", seed)
    server = Server(["dev", "--seed", str(seed)], tmp_path)
    owner = Aws(server.endpoint, ("111122223333", "test"), "eu-west-2")
    found = owner.kms.describe_key(KeyId="alias/testing")["KeyMetadata"]
    server.stop()
    assert (found["Description"], found["AWSAccountId"]) == ("Your key description", "111122223333")


def asked(server, method="GET", **headers):
    request = urllib.request.Request(f"{server.endpoint}/_polykms/seed?secrets=true", headers=headers, method=method)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_seed_is_told_to_no_browser_and_by_no_server_for_keeps(server, tmp_path):
    assert asked(server) == 200
    assert asked(server, Origin="http://localhost:3000") == 403
    assert asked(server, Host="example.com") == 403
    assert asked(server, method="POST") == 404
    kept = Server(["serve", "--data-dir", str(tmp_path / "kept")], tmp_path)
    try:
        assert asked(kept) == 404
    finally:
        kept.stop()
    assert "secrets are told only" in run("export", "--data-dir", tmp_path / "kept", "--secrets", status=1)
