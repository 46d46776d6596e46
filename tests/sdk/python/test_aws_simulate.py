"""The policy simulator of IAM with boto3: the vendor's examples, positions, boundaries, resource policies, refusals."""

import json

import pytest

from aws_names import (
    ACCOUNT,
    ROOT_ARN,
    allow,
    delegation,
    denied,
    deny,
    key_arn,
    no_allow,
    policy,
    role_arn,
    trust,
    user_arn,
)
from refusal import refused

ALICE = user_arn("alice")
DATED = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*",'
    '"Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}'
)
SPREAD = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "codecommit:ListRepositories",
            "Resource": "*"
        },
        {
            "Effect": "Deny",
            "Action": "kms:*",
            "Resource": "*"
        }
    ]
}"""
NOW = {"ContextKeyName": "aws:CurrentTime", "ContextKeyType": "date"}


def invalid(text):
    return refused("InvalidInput", 400, text)


def only(answer):
    [result] = answer["EvaluationResults"]
    return result


def decisions(results):
    return {result["EvalActionName"]: result["EvalDecision"] for result in results}


def sources(result):
    return [matched["SourcePolicyId"] for matched in result["MatchedStatements"]]


def simulated(iam, *documents, actions=("kms:Decrypt",), **parameters):
    """The one result of a simulation of given policies."""
    return only(iam.simulate_custom_policy(PolicyInputList=list(documents), ActionNames=list(actions), **parameters))


def test_the_example_of_the_vendor(iam):
    at = {**NOW, "ContextKeyValues": ["2019-04-25T11:00:00Z"]}
    result = simulated(iam, DATED, actions=["dynamodb:CreateBackup"], ContextEntries=[at])
    assert result == {
        "EvalActionName": "dynamodb:CreateBackup",
        "EvalResourceName": "*",
        "EvalDecision": "allowed",
        "MatchedStatements": [
            {
                "SourcePolicyId": "PolicyInputList.1",
                "SourcePolicyType": "IAM Policy",
                "StartPosition": {"Line": 1, "Column": 38},
                "EndPosition": {"Line": 1, "Column": 167},
            }
        ],
        "MissingContextValues": [],
    }
    early = {**NOW, "ContextKeyValues": ["2014-04-25T11:00:00Z"]}
    result = simulated(iam, DATED, actions=["dynamodb:CreateBackup"], ContextEntries=[early])
    assert (result["EvalDecision"], result["MatchedStatements"]) == ("implicitDeny", [])


def test_positions_are_those_of_a_reader(iam):
    result = simulated(iam, SPREAD, actions=["codecommit:ListRepositories"])
    [matched] = result["MatchedStatements"]
    assert matched["StartPosition"] == {"Line": 3, "Column": 19}
    assert matched["EndPosition"] == {"Line": 8, "Column": 10}
    [matched] = simulated(iam, SPREAD)["MatchedStatements"]
    assert matched["StartPosition"] == {"Line": 8, "Column": 10}
    assert matched["EndPosition"] == {"Line": 13, "Column": 10}


def test_context_values_that_are_missing_are_named(iam):
    secure = {"Bool": {"aws:SecureTransport": "true"}}
    variable = policy(allow("s3:*", "arn:aws:s3:::${aws:PrincipalTag/Team}/*", secure))
    keys = iam.get_context_keys_for_custom_policy(PolicyInputList=[variable, DATED])["ContextKeyNames"]
    assert keys == ["aws:PrincipalTag/Team", "aws:SecureTransport", "aws:CurrentTime"]
    entries = [{"ContextKeyName": "AWS:SECURETRANSPORT", "ContextKeyType": "boolean", "ContextKeyValues": ["true"]}]
    result = simulated(iam, variable, DATED, actions=["s3:GetObject"], ContextEntries=entries)
    assert result["MissingContextValues"] == ["aws:PrincipalTag/Team", "aws:CurrentTime"]
    assert result["EvalDecision"] == "implicitDeny"
    entries.append({"ContextKeyName": "aws:PrincipalTag/Team", "ContextKeyType": "string", "ContextKeyValues": ["red"]})
    bucket = "arn:aws:s3:::red/x"
    there = {"ContextEntries": entries, "ResourceArns": [bucket]}
    result = simulated(iam, variable, DATED, actions=["s3:GetObject"], **there)
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("allowed", ["aws:CurrentTime"])
    [there] = result["ResourceSpecificResults"]
    assert (there["EvalResourceName"], there["EvalResourceDecision"]) == (bucket, "allowed")


def test_types_of_context_values(iam):
    for operator, wanted, of, values, decision in [
        ("NumericLessThan", "10", "numeric", ["9.5"], "allowed"),
        ("NumericLessThan", "10", "numeric", ["10"], "implicitDeny"),
        ("IpAddress", "203.0.113.0/24", "ip", ["203.0.113.7"], "allowed"),
        ("BinaryEquals", "QmluYXJ5", "binary", ["QmluYXJ5"], "allowed"),
        ("ForAnyValue:StringEquals", "a", "stringList", ["b", "a"], "allowed"),
        ("ForAllValues:StringEquals", "a", "stringList", ["b", "a"], "implicitDeny"),
        ("StringEquals", "a", "stringList", ["a"], "implicitDeny"),
    ]:
        document = policy(allow("*", condition={operator: {"aws:Some": wanted}}))
        entry = {"ContextKeyName": "aws:Some", "ContextKeyType": of, "ContextKeyValues": values}
        assert simulated(iam, document, ContextEntries=[entry])["EvalDecision"] == decision, (operator, values)


def test_the_policies_of_a_user_with_its_groups_and_more_that_are_given(aws):
    iam = aws.iam
    aws.new_user("alice", policy(allow("kms:Decrypt")), policy(deny("kms:ScheduleKeyDeletion")))
    iam.create_group(GroupName="crypto")
    iam.put_group_policy(GroupName="crypto", PolicyName="use", PolicyDocument=policy(allow("kms:Encrypt")))
    iam.add_user_to_group(GroupName="crypto", UserName="alice")
    managed = iam.create_policy(PolicyName="read", PolicyDocument=policy(allow("kms:DescribeKey")))["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="crypto", PolicyArn=managed)
    iam.attach_user_policy(UserName="alice", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    asked = {
        "kms:Decrypt": ("allowed", ["user_alice_p0"]),
        "kms:ScheduleKeyDeletion": ("explicitDeny", ["user_alice_p1"]),
        "kms:Encrypt": ("allowed", ["group_crypto_use"]),
        "kms:DescribeKey": ("allowed", ["read"]),
        "iam:GetUser": ("allowed", ["IAMReadOnlyAccess"]),
        "kms:Sign": ("allowed", ["PolicyInputList.1"]),
        "kms:Verify": ("implicitDeny", []),
    }
    answer = iam.simulate_principal_policy(
        PolicySourceArn=ALICE, ActionNames=list(asked), PolicyInputList=[policy(allow("kms:Sign"))]
    )
    came = {
        result["EvalActionName"]: (result["EvalDecision"], sources(result)) for result in answer["EvaluationResults"]
    }
    assert came == asked
    group = f"arn:aws:iam::{ACCOUNT}:group/crypto"
    answer = iam.simulate_principal_policy(PolicySourceArn=group, ActionNames=["kms:Encrypt", "kms:Decrypt"])
    assert decisions(answer["EvaluationResults"]) == {"kms:Encrypt": "allowed", "kms:Decrypt": "implicitDeny"}


def test_the_policies_of_a_role(aws):
    own = policy(allow("kms:Decrypt", condition={"StringEquals": {"kms:EncryptionContext:dept": "it"}}))
    aws.new_role("app", trust(ROOT_ARN), own)
    arn = role_arn("app")
    keys = aws.iam.get_context_keys_for_principal_policy(PolicySourceArn=arn, PolicyInputList=[DATED])
    assert keys["ContextKeyNames"] == ["kms:EncryptionContext:dept", "aws:CurrentTime"]
    entry = {"ContextKeyName": "kms:EncryptionContext:dept", "ContextKeyType": "string", "ContextKeyValues": ["it"]}
    answer = aws.iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=["kms:Decrypt"], ContextEntries=[entry]
    )
    assert (only(answer)["EvalDecision"], sources(only(answer))) == ("allowed", ["role_app_p0"])


def test_every_action_has_one_result_with_every_resource(iam):
    first, second = "arn:aws:s3:::first", "arn:aws:s3:::second"
    document = policy(allow("s3:*"), deny("s3:*", second))
    result = simulated(iam, document, actions=["s3:ListBucket"], ResourceArns=[first, second])
    assert result["EvalDecision"] == "explicitDeny"
    assert result["EvalDecisionDetails"] == {}
    [one, other] = result["ResourceSpecificResults"]
    assert (one["EvalResourceName"], one["EvalResourceDecision"]) == (first, "allowed")
    assert (other["EvalResourceName"], other["EvalResourceDecision"]) == (second, "explicitDeny")
    assert result["MatchedStatements"] == other["MatchedStatements"]


def test_a_boundary_limits(iam):
    everything, only_iam = policy(allow("*")), policy(allow("iam:*"))
    result = simulated(iam, everything, PermissionsBoundaryPolicyInputList=[only_iam])
    assert result["EvalDecision"] == "implicitDeny"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    result = simulated(iam, everything, actions=["iam:GetUser"], PermissionsBoundaryPolicyInputList=[only_iam])
    assert (result["EvalDecision"], sources(result)) == ("allowed", ["PolicyInputList.1"])
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}
    result = simulated(iam, everything, PermissionsBoundaryPolicyInputList=[policy(deny("kms:*"))])
    assert (result["EvalDecision"], sources(result)) == ("explicitDeny", ["PermissionsBoundaryPolicyInputList.1"])
    assert "PermissionsBoundaryDecisionDetail" not in simulated(iam, everything)


def test_a_policy_of_the_resource_in_one_account_and_across_two(iam):
    bucket = "arn:aws:s3:::mary/Test"
    resource_policy = policy(allow(["s3:List*", "s3:Put*"], ["arn:aws:s3:::mary/*"], principal={"AWS": ALICE}))
    only_iam = policy(allow("iam:*"))
    asked = {
        "actions": ["s3:PutObject"],
        "ResourceArns": [bucket],
        "ResourcePolicy": resource_policy,
        "CallerArn": ALICE,
        "PermissionsBoundaryPolicyInputList": [only_iam],
    }
    at_home = simulated(iam, only_iam, **asked, ResourceOwner=ROOT_ARN)
    [matched] = at_home["MatchedStatements"]
    assert at_home["EvalDecision"] == "allowed"
    assert (matched["SourcePolicyId"], matched["SourcePolicyType"]) == ("ResourcePolicy", "Resource Policy")
    assert (at_home["EvalDecisionDetails"], at_home["EvalResourceName"]) == ({}, bucket)
    across = simulated(iam, only_iam, **asked, ResourceOwner="arn:aws:iam::123456789012:root")
    details = {
        "IAM Policy": "implicitDeny",
        "Resource Policy": "allowed",
        "Permissions Boundary Policy": "implicitDeny",
    }
    assert (across["EvalDecision"], across["EvalDecisionDetails"]) == ("implicitDeny", details)
    [there] = across["ResourceSpecificResults"]
    assert (there["EvalDecisionDetails"], sources(there)) == (details, ["ResourcePolicy"])
    assert across["MatchedStatements"] == []


def test_the_policy_of_a_key_that_exists_is_known(aws):
    iam = aws.iam
    aws.new_user("alice", policy(allow("kms:*")))
    alone = aws.as_(aws.new_user("bob"))
    closed = aws.new_key(Policy=policy(delegation(), deny("kms:Decrypt", principal={"AWS": ALICE})))
    delegated = aws.new_key(Policy=policy(delegation()))
    own = aws.new_key(Policy=policy(delegation(), allow("kms:Encrypt", principal={"AWS": user_arn("bob")})))
    for source, key, decision, by in [
        ("alice", closed, "explicitDeny", ["ResourcePolicy"]),
        ("alice", delegated, "allowed", ["user_alice_p0", "ResourcePolicy"]),
        ("bob", delegated, "implicitDeny", []),
    ]:
        answer = iam.simulate_principal_policy(
            PolicySourceArn=user_arn(source), ActionNames=["kms:Decrypt"], ResourceArns=[key_arn(key)]
        )
        assert (only(answer)["EvalDecision"], sources(only(answer))) == (decision, by), (source, key)
    answer = iam.simulate_principal_policy(
        PolicySourceArn=user_arn("bob"), ActionNames=["kms:Encrypt"], ResourceArns=[key_arn(own)]
    )
    assert only(answer)["EvalDecision"] == "allowed"
    assert only(answer)["EvalResourceName"] == key_arn(own)
    alone.kms.encrypt(KeyId=own, Plaintext=b"x")


def test_the_simulator_says_what_happens(aws):
    """The simulator and the service agree on real requests."""
    key = aws.new_key()
    arn = key_arn(key)
    alice = aws.as_(aws.new_user("alice", policy(allow("kms:Encrypt", arn), allow("kms:DescribeKey", "*"))))
    calls = {
        "kms:Encrypt": lambda: alice.kms.encrypt(KeyId=key, Plaintext=b"x"),
        "kms:DescribeKey": lambda: alice.kms.describe_key(KeyId=key),
        "kms:DisableKey": lambda: alice.kms.disable_key(KeyId=key),
    }
    answer = aws.iam.simulate_principal_policy(PolicySourceArn=ALICE, ActionNames=list(calls), ResourceArns=[arn])
    for result in answer["EvaluationResults"]:
        call = calls[result["EvalActionName"]]
        if result["EvalDecision"] == "allowed":
            call()
        else:
            with refused("AccessDeniedException", 400):
                call()


def test_the_paginator_goes_through_all_results(iam):
    actions = [f"kms:Action{number}" for number in range(23)]
    pages = iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[policy(allow("kms:Action1*"))], ActionNames=actions, PaginationConfig={"PageSize": 5}
    )
    pages = [page["EvaluationResults"] for page in pages]
    assert [len(page) for page in pages] == [5, 5, 5, 5, 3]
    results = [result for page in pages for result in page]
    assert [result["EvalActionName"] for result in results] == actions
    allowed = [name for name, decision in decisions(results).items() if decision == "allowed"]
    assert allowed == [name for name in actions if name.startswith("kms:Action1")]
    with refused("ValidationError", 400, "Invalid Marker."):
        iam.simulate_custom_policy(PolicyInputList=[], ActionNames=actions, Marker="made-up")


def test_both_clients_simulate(any_aws):
    any_aws.new_user("alice", policy(allow("kms:Decrypt")))
    answer = any_aws.call("iam", "SimulatePrincipalPolicy", PolicySourceArn=ALICE, ActionNames=["kms:Decrypt"])
    assert only(answer)["EvalDecision"] == "allowed"


def test_who_may_simulate(aws):
    alice = aws.as_(aws.new_user("alice", policy(allow("iam:SimulatePrincipalPolicy", ALICE))))
    bob = user_arn("bob")
    aws.new_user("bob", policy(deny("iam:SimulatePrincipalPolicy", bob)))
    alice.iam.simulate_principal_policy(PolicySourceArn=ALICE, ActionNames=["kms:Decrypt"])
    with refused("AccessDenied", 403, no_allow(ALICE, "iam:SimulatePrincipalPolicy", bob)):
        alice.iam.simulate_principal_policy(PolicySourceArn=bob, ActionNames=["kms:Decrypt"])
    with refused("AccessDenied", 403, no_allow(ALICE, "iam:SimulateCustomPolicy", "*")):
        alice.iam.simulate_custom_policy(PolicyInputList=[], ActionNames=["kms:Decrypt"])
    with refused("AccessDenied", 403, no_allow(ALICE, "iam:GetContextKeysForCustomPolicy", "*")):
        alice.iam.get_context_keys_for_custom_policy(PolicyInputList=[DATED])
    with refused("AccessDenied", 403, no_allow(ALICE, "iam:GetContextKeysForPrincipalPolicy", ALICE)):
        alice.iam.get_context_keys_for_principal_policy(PolicySourceArn=ALICE)
    mallory = aws.as_(aws.new_user("mallory", policy(allow("*"), deny("iam:Simulate*"))))
    with refused("AccessDenied", 403, denied(user_arn("mallory"), "iam:SimulateCustomPolicy", "*")):
        mallory.iam.simulate_custom_policy(PolicyInputList=[], ActionNames=["kms:Decrypt"])


@pytest.mark.parametrize(
    "document, text",
    [
        ("{", "This policy contains invalid Json"),
        (json.dumps({"Version": "2012-10-17"}), "Syntax errors in policy."),
        (policy({"Effect": "Allow", "Action": "*"}), "Policy statement must contain resources."),
        (policy(allow("*", principal="*")), "Policy document should not specify a principal."),
        (policy(allow("Decrypt")), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
    ],
)
def test_documents_that_are_none(iam, document, text):
    with invalid(text):
        iam.simulate_custom_policy(PolicyInputList=[document], ActionNames=["kms:Decrypt"])
    with invalid(text):
        iam.get_context_keys_for_custom_policy(PolicyInputList=[document])


@pytest.mark.parametrize(
    "parameters, text",
    [
        ({"ResourceArns": ["key"]}, "ResourceNames are not in a valid ARN format: key."),
        ({"ResourceOwner": ACCOUNT}, f"'{ACCOUNT}' is not a valid as a Resource Owner."),
        ({"CallerArn": ROOT_ARN}, f"Invalid Entity Arn: {ROOT_ARN}"),
        ({"ResourcePolicy": "{}"}, "CallerArn is required when a ResourcePolicy is specified."),
        ({"ActionNames": ["kms:*"]}, "Action kms:* must not contain wildcards."),
        ({"ActionNames": ["Decrypt"]}, "Action Decrypt is not valid."),
        (
            {"PermissionsBoundaryPolicyInputList": [DATED, DATED]},
            "Only one permissions boundary policy can be specified.",
        ),
        (
            {"ContextEntries": [{**NOW, "ContextKeyValues": ["soon"]}]},
            "Value soon of context key aws:CurrentTime is not of its ContextKeyType.",
        ),
    ],
)
def test_arguments_that_make_no_sense(iam, parameters, text):
    asked = {"PolicyInputList": [DATED], "ActionNames": ["kms:Decrypt"], **parameters}
    with invalid(text):
        iam.simulate_custom_policy(**asked)


def test_principals_that_are_none(iam):
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session"
    with invalid(f"Invalid Entity Arn: {session}"):
        iam.simulate_principal_policy(PolicySourceArn=session, ActionNames=["kms:Decrypt"])
    with refused("NoSuchEntity", 404, "The user with name alice cannot be found."):
        iam.simulate_principal_policy(PolicySourceArn=ALICE, ActionNames=["kms:Decrypt"])
    with refused("NoSuchEntity", 404, "The role with name app cannot be found."):
        iam.get_context_keys_for_principal_policy(PolicySourceArn=role_arn("app"))


def test_what_is_not_built_is_not_ignored(aws):
    aws.new_user("alice")
    with refused("UnsupportedOperation", 400):
        aws.iam.simulate_principal_policy(
            PolicySourceArn=ALICE, ActionNames=["kms:Decrypt"], PolicyExclusionList=[{"PolicyType": "inline"}]
        )
    levels = [{"ServiceControlPolicyInputList": [policy(deny("*"))]}]
    with refused("UnsupportedOperation", 400):
        aws.iam.simulate_custom_policy(
            PolicyInputList=[], ActionNames=["kms:Decrypt"], OrderedOrganizationPolicyInputList=levels
        )
