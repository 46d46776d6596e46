"""Policies of users, groups and roles, inline and attached, through boto3: written, read, listed and taken away."""

import json

import pytest

DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:ListKeys", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def make(iam, kind):
    more = {"AssumeRolePolicyDocument": json.dumps(TRUST)} if kind == "role" else {}
    getattr(iam, f"create_{kind}")(**{f"{kind.capitalize()}Name": "holder"}, **more)
    return {f"{kind.capitalize()}Name": "holder"}


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_an_inline_policy_is_written_read_listed_and_deleted(aws, kind):
    iam, holder = aws.iam, make(aws.iam, kind)
    listed = getattr(iam, f"list_{kind}_policies")
    getattr(iam, f"put_{kind}_policy")(PolicyName="own", PolicyDocument=json.dumps(DOCUMENT), **holder)
    assert listed(**holder)["PolicyNames"] == ["own"]
    assert getattr(iam, f"get_{kind}_policy")(PolicyName="own", **holder)["PolicyDocument"] == DOCUMENT
    getattr(iam, f"delete_{kind}_policy")(PolicyName="own", **holder)
    assert listed(**holder)["PolicyNames"] == []


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_a_managed_policy_is_attached_listed_and_detached(aws, kind):
    iam, holder = aws.iam, make(aws.iam, kind)
    listed = getattr(iam, f"list_attached_{kind}_policies")
    policy = iam.create_policy(PolicyName="shared", PolicyDocument=json.dumps(DOCUMENT))["Policy"]
    getattr(iam, f"attach_{kind}_policy")(PolicyArn=policy["Arn"], **holder)
    assert listed(**holder)["AttachedPolicies"] == [{"PolicyName": "shared", "PolicyArn": policy["Arn"]}]
    getattr(iam, f"detach_{kind}_policy")(PolicyArn=policy["Arn"], **holder)
    assert listed(**holder)["AttachedPolicies"] == []


def test_a_role_and_a_group_are_changed(aws):
    iam = aws.iam
    make(iam, "role")
    trust = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"Service": "lambda.amazonaws.com"}}]}
    iam.update_assume_role_policy(RoleName="holder", PolicyDocument=json.dumps(trust))
    iam.update_role_description(RoleName="holder", Description="words")
    role = iam.get_role(RoleName="holder")["Role"]
    assert (role["AssumeRolePolicyDocument"], role["Description"]) == (trust, "words")
    assert iam.list_instance_profiles_for_role(RoleName="holder")["InstanceProfiles"] == []
    make(iam, "group")
    iam.update_group(GroupName="holder", NewGroupName="renamed", NewPath="/team/")
    assert iam.get_group(GroupName="renamed")["Group"]["Path"] == "/team/"


def test_a_key_has_one_policy(aws):
    listed = aws.kms.list_key_policies(KeyId=aws.new_key())
    assert (listed["PolicyNames"], listed["Truncated"]) == (["default"], False)
