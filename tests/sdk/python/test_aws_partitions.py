"""AWS's partitions: names are told in the partition of the region that is asked."""

import json

import pytest

from aws_names import ACCOUNT, allow, policy
from refusal import refused

PARTITIONS = [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]


@pytest.fixture(params=PARTITIONS, ids=[partition for _, partition in PARTITIONS])
def place(aws, request):
    region, partition = request.param
    return aws.in_(region), f"arn:{partition}"


def test_everybody_is_named_in_the_partition_that_is_asked(place):
    caller, arn = place
    assert caller.sts.get_caller_identity()["Arn"] == f"{arn}:iam::{ACCOUNT}:root"
    alice = caller.as_(caller.new_user("alice", policy(allow("sts:AssumeRole"))))
    assert caller.iam.get_user(UserName="alice")["User"]["Arn"] == f"{arn}:iam::{ACCOUNT}:user/alice"
    assert alice.sts.get_caller_identity()["Arn"] == f"{arn}:iam::{ACCOUNT}:user/alice"
    assert caller.iam.list_users()["Users"][0]["Arn"].startswith(f"{arn}:iam::")
    assert caller.iam.create_group(GroupName="g")["Group"]["Arn"] == f"{arn}:iam::{ACCOUNT}:group/g"


def test_sessions_and_their_roles_are_in_the_partition(place):
    caller, arn = place
    alice = caller.as_(caller.new_user("alice", policy(allow("sts:AssumeRole"))))
    trusted = {"Effect": "Allow", "Principal": {"AWS": f"{arn}:iam::{ACCOUNT}:user/alice"}, "Action": "sts:AssumeRole"}
    made = caller.iam.create_role(RoleName="r", AssumeRolePolicyDocument=policy(trusted))["Role"]
    assert made["Arn"] == f"{arn}:iam::{ACCOUNT}:role/r"
    told = caller.iam.get_role(RoleName="r")["Role"]["AssumeRolePolicyDocument"]
    assert told["Statement"][0]["Principal"] == {"AWS": f"{arn}:iam::{ACCOUNT}:user/alice"}
    answer = alice.sts.assume_role(RoleArn=made["Arn"], RoleSessionName="one")
    assert answer["AssumedRoleUser"]["Arn"] == f"{arn}:sts::{ACCOUNT}:assumed-role/r/one"
    credentials = answer["Credentials"]
    session = caller.as_((credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]))
    assert session.sts.get_caller_identity()["Arn"] == f"{arn}:sts::{ACCOUNT}:assumed-role/r/one"


def test_keys_their_aliases_and_their_policies_are_in_the_partition(place):
    caller, arn = place
    key = caller.kms.create_key()["KeyMetadata"]
    assert key["Arn"] == f"{arn}:kms:{caller.region}:{ACCOUNT}:key/{key['KeyId']}"
    caller.kms.create_alias(AliasName="alias/a", TargetKeyId=key["Arn"])
    [alias] = caller.kms.list_aliases(KeyId=key["Arn"])["Aliases"]
    assert alias["AliasArn"] == f"{arn}:kms:{caller.region}:{ACCOUNT}:alias/a"
    sealed = caller.kms.encrypt(KeyId=alias["AliasArn"], Plaintext=b"x")
    assert sealed["KeyId"] == key["Arn"]
    assert caller.kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], KeyId=key["Arn"])["Plaintext"] == b"x"
    document = json.loads(caller.kms.get_key_policy(KeyId=key["KeyId"])["Policy"])
    assert document["Statement"][0]["Principal"] == {"AWS": f"{arn}:iam::{ACCOUNT}:root"}


def test_policies_reach_resources_of_their_partition_alone(place):
    caller, arn = place
    key = caller.kms.create_key()["KeyMetadata"]["Arn"]
    near = caller.as_(caller.new_user("near", policy(allow("kms:DescribeKey", f"{arn}:kms:*:{ACCOUNT}:key/*"))))
    other = "arn:aws" if arn != "arn:aws" else "arn:aws-cn"
    far = caller.as_(caller.new_user("far", policy(allow("kms:DescribeKey", f"{other}:kms:*:{ACCOUNT}:key/*"))))
    assert near.kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"] == key
    who = f"User: {arn}:iam::{ACCOUNT}:user/far is not authorized to perform: kms:DescribeKey"
    with refused("AccessDeniedException", 400) as expected:
        far.kms.describe_key(KeyId=key)
    assert expected.refusal.message.startswith(who)


def test_managed_policies_are_in_the_partition(place):
    caller, arn = place
    administrator = f"{arn}:iam::aws:policy/AdministratorAccess"
    assert caller.iam.get_policy(PolicyArn=administrator)["Policy"]["Arn"] == administrator
    caller.iam.create_user(UserName="bob")
    caller.iam.attach_user_policy(UserName="bob", PolicyArn=administrator)
    [attached] = caller.iam.list_attached_user_policies(UserName="bob")["AttachedPolicies"]
    assert attached["PolicyArn"] == administrator
    own = caller.iam.create_policy(PolicyName="p", PolicyDocument=policy(allow("kms:ListKeys")))["Policy"]["Arn"]
    assert own == f"{arn}:iam::{ACCOUNT}:policy/p"
    caller.iam.attach_user_policy(UserName="bob", PolicyArn=own)
    assert caller.iam.list_entities_for_policy(PolicyArn=own)["PolicyUsers"][0]["UserName"] == "bob"


def test_a_key_is_not_found_under_the_partition_of_another_region(place):
    caller, arn = place
    key = caller.kms.create_key()["KeyMetadata"]["Arn"]
    wrong = key.replace(arn, "arn:aws" if arn != "arn:aws" else "arn:aws-cn", 1)
    with refused("InvalidArnException", 400):
        caller.kms.describe_key(KeyId=wrong)


def test_a_principal_is_asked_for_under_the_name_of_its_partition(place):
    caller, arn = place
    wanted = {"ArnEquals": {"aws:PrincipalArn": f"{arn}:iam::{ACCOUNT}:user/carol"}}
    carol = caller.as_(caller.new_user("carol", policy(allow("kms:ListKeys", condition=wanted))))
    assert carol.kms.list_keys()["Keys"] == []
