"""Policies of RAM users, groups and roles, and changes of groups and policies, through the SDKs."""

import json

import pytest

from refusal import refused

DOCUMENT = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "kms:ListKeys", "Resource": "*"}]}
TRUST = {
    "Version": "1",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": ["ecs.aliyuncs.com"]}, "Action": "sts:AssumeRole"}],
}


@pytest.mark.parametrize("kind", ["User", "Group", "Role"])
def test_a_policy_is_attached_listed_and_detached(alibaba, kind):
    more = {"AssumeRolePolicyDocument": json.dumps(TRUST)} if kind == "Role" else {}
    holder = {f"{kind}Name": "holder"}
    alibaba.ram(f"Create{kind}", **holder, **more)
    alibaba.ram("CreatePolicy", PolicyName="shared", PolicyDocument=json.dumps(DOCUMENT))
    policy = {"PolicyName": "shared", "PolicyType": "Custom"}
    alibaba.ram(f"AttachPolicyTo{kind}", **policy, **holder)
    listed = alibaba.ram(f"ListPoliciesFor{kind}", **holder)["Policies"]["Policy"]
    assert [(one["PolicyName"], one["PolicyType"]) for one in listed] == [("shared", "Custom")]
    alibaba.ram(f"DetachPolicyFrom{kind}", **policy, **holder)
    assert alibaba.ram(f"ListPoliciesFor{kind}", **holder)["Policies"]["Policy"] == []


def test_a_group_and_a_policy_are_changed(alibaba):
    alibaba.ram("CreateGroup", GroupName="team")
    alibaba.ram("UpdateGroup", GroupName="team", NewGroupName="crew", NewComments="words")
    group = alibaba.ram("GetGroup", GroupName="crew")["Group"]
    assert (group["GroupName"], group["Comments"]) == ("crew", "words")
    alibaba.ram("CreatePolicy", PolicyName="shared", PolicyDocument=json.dumps(DOCUMENT))
    alibaba.ram("UpdatePolicyDescription", PolicyName="shared", NewDescription="words")
    policy = alibaba.ram("GetPolicy", PolicyName="shared", PolicyType="Custom")["Policy"]
    assert policy["Description"] == "words"


def test_the_service_is_open_already(alibaba):
    assert alibaba.kms("DescribeAccountKmsStatus")["AccountStatus"] == "Enabled"
    with refused("Forbidden.Opened", 400):
        alibaba.kms("OpenKmsService")
