"""The policies that AWS supplies: all of them, counted like others, and changed by nobody."""

import json

import pytest

from aws_names import ACCOUNT, policy_arn, allow, policy
from refusal import refused

AWS = "arn:aws:iam::aws:policy"


def listed(iam, **parameters):
    pages = iam.get_paginator("list_policies").paginate(**parameters)
    return [one for page in pages for one in page["Policies"]]


def test_all_of_them_are_listed_with_what_others_have(iam):
    everything = listed(iam, Scope="AWS")
    assert len(everything) == 1582 and len({one["Arn"] for one in everything}) == 1582
    for one in everything:
        assert {"PolicyName", "PolicyId", "Path", "DefaultVersionId", "AttachmentCount", "CreateDate", "UpdateDate"} <= set(one)
        assert one["Arn"] == f"{AWS}{one['Path']}{one['PolicyName']}"
    paths = {one["Path"] for one in everything}
    assert paths == {"/", "/aws-service-role/", "/service-role/", "/job-function/", "/root-task/"}
    assert len(listed(iam, Scope="AWS", PathPrefix="/job-function/")) == 15
    assert len(iam.list_policies(Scope="AWS")["Policies"]) == 100


def test_attachments_are_counted_and_listed(iam):
    arn = f"{AWS}/service-role/AWSLambdaBasicExecutionRole"
    assert listed(iam, OnlyAttached=True) == []
    iam.create_user(UserName="alice")
    iam.attach_user_policy(UserName="alice", PolicyArn=arn)
    own = iam.create_policy(PolicyName="own", PolicyDocument=policy(allow("kms:*")))["Policy"]["Arn"]
    assert [(one["Arn"], one["AttachmentCount"]) for one in listed(iam, OnlyAttached=True)] == [(arn, 1)]
    iam.attach_user_policy(UserName="alice", PolicyArn=own)
    assert [one["Arn"] for one in listed(iam, OnlyAttached=True, Scope="All")] == [own, arn]
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (found["AttachmentCount"], found["Tags"], found["PermissionsBoundaryUsageCount"]) == (1, [], 0)
    assert found["CreateDate"] <= found["UpdateDate"] and found["PolicyId"].startswith("ANPA")
    version = iam.get_policy_version(PolicyArn=arn, VersionId=found["DefaultVersionId"])["PolicyVersion"]
    assert "logs:PutLogEvents" in json.dumps(version["Document"]) and version["IsDefaultVersion"] and version["CreateDate"]


def test_they_count_when_they_are_attached(aws):
    alice = aws.as_(aws.new_user("alice"))
    with refused("AccessDeniedException", 400):
        alice.kms.list_keys()
    aws.iam.attach_user_policy(UserName="alice", PolicyArn=f"{AWS}/ReadOnlyAccess")
    assert alice.kms.list_keys()["Keys"] == []
    with refused("AccessDeniedException", 400):
        alice.kms.create_key()


def test_nobody_changes_them(iam):
    arn = f"{AWS}/service-role/AWSLambdaBasicExecutionRole"
    document = policy(allow("kms:*"))
    for text, call in [
        ("Cannot delete policies outside your own account.", lambda: iam.delete_policy(PolicyArn=arn)),
        (
            "Cannot delete policy versions for policies outside your own account.",
            lambda: iam.delete_policy_version(PolicyArn=arn, VersionId="v1"),
        ),
        (
            "Cannot update policies outside your own account.",
            lambda: iam.set_default_policy_version(PolicyArn=arn, VersionId="v1"),
        ),
        (
            "Cannot update policies outside your own account.",
            lambda: iam.create_policy_version(PolicyArn=arn, PolicyDocument=document),
        ),
    ]:
        with refused("AccessDenied", 403, text):
            call()


@pytest.mark.parametrize("path", ["/", "/service-role/", "/a/b/"])
def test_a_refusal_keeps_the_path(iam, path):
    iam.create_user(UserName="alice")
    arn = f"{AWS}{path}NoSuch"
    with refused("NoSuchEntity", 404, f"Policy {arn} does not exist or is not attachable."):
        iam.attach_user_policy(UserName="alice", PolicyArn=arn)
    with refused("NoSuchEntity", 404, f"Policy {arn} was not found."):
        iam.get_policy(PolicyArn=arn)
    # A path that is another one's names nothing.
    with refused("NoSuchEntity", 404):
        iam.get_policy(PolicyArn=f"{AWS}/x/AdministratorAccess")


def test_roles_and_policies_have_the_shapes_of_the_vendor(iam):
    document = policy({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    made = iam.create_role(RoleName="r", AssumeRolePolicyDocument=document, MaxSessionDuration=7200)["Role"]
    assert "MaxSessionDuration" not in made and "RoleLastUsed" not in made
    changed = iam.update_role_description(RoleName="r", Description="d")["Role"]
    assert "MaxSessionDuration" not in changed and changed["Description"] == "d"
    found = iam.get_role(RoleName="r")["Role"]
    assert (found["MaxSessionDuration"], found["RoleLastUsed"]) == (7200, {}) and "Tags" not in found
    [listed_role] = iam.list_roles()["Roles"]
    assert listed_role["MaxSessionDuration"] == 7200 and "RoleLastUsed" not in listed_role
    own = iam.create_policy(PolicyName="p", PolicyDocument=policy(allow("kms:*")))["Policy"]
    assert "Tags" not in own and iam.get_policy(PolicyArn=policy_arn("p"))["Policy"]["Tags"] == []
    assert own["Arn"] == f"arn:aws:iam::{ACCOUNT}:policy/p"


def test_dry_runs_may_leave_the_ciphertext_alone(aws):
    key = aws.new_key()
    kms = aws.unchecked("kms")
    dry = {"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
    for more in ({}, {"CiphertextBlob": b"junk"}):
        with refused("DryRunOperationException", 400):
            kms.decrypt(KeyId=key, **dry, **more)
        with refused("DryRunOperationException", 400):
            kms.re_encrypt(SourceKeyId=key, DestinationKeyId=key, **dry, **more)
    alice = aws.as_(aws.new_user("alice")).unchecked("kms")
    with refused("AccessDeniedException", 400):
        alice.decrypt(KeyId=key, **dry)
    with refused("ValidationException", 400):
        kms.decrypt(**dry)
    with refused("ValidationException", 400, "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null"):
        kms.decrypt(KeyId=key, DryRun=True)
