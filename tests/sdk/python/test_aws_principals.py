"""Whom AWS documents mean: those who were there when they were saved, and no namesake; and what sessions carry on."""

import json

import pytest

from aws_names import ROOT_ARN, allow, delegation, policy, role_arn, trust, user_arn
from refusal import refused

INVALID_PRINCIPALS = "Policy contains a statement with one or more invalid principals."
KEYS = "AccessDeniedException"
OTHERS = "AccessDenied"


@pytest.fixture
def ann(aws):
    """A user without any permission."""
    return aws.as_(aws.new_user("ann"))


@pytest.fixture
def key(aws, ann):
    """A key that `ann` may describe."""
    return aws.new_key(Policy=describing(user_arn("ann")))


def describing(principal):
    return policy(delegation(), allow("kms:DescribeKey", principal={"AWS": principal}))


def namesake(aws, who):
    """Removes a user, and makes another one of its name."""
    aws.iam.delete_access_key(UserName="ann", AccessKeyId=who.credentials[0])
    aws.iam.delete_user(UserName="ann")
    return aws.as_(aws.new_user("ann"))


def told(aws, key):
    return aws.kms.get_key_policy(KeyId=key)["Policy"]


def trusted(aws, role):
    return aws.iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"]


def test_a_namesake_has_nothing_from_a_key_policy(aws, ann, key):
    ann.kms.describe_key(KeyId=key)
    before, old = told(aws, key), aws.iam.get_user(UserName="ann")["User"]["UserId"]
    other = namesake(aws, ann)
    with refused(KEYS, 400):
        other.kms.describe_key(KeyId=key)
    assert told(aws, key) == before.replace(user_arn("ann"), old)
    with refused("MalformedPolicyDocumentException", 400, INVALID_PRINCIPALS):
        aws.kms.put_key_policy(KeyId=key, Policy=told(aws, key))
    aws.kms.put_key_policy(KeyId=key, Policy=before)
    other.kms.describe_key(KeyId=key)
    assert told(aws, key) == before


def test_a_namesake_has_nothing_from_a_trust_policy(aws, ann):
    aws.new_role("reader", trust(user_arn("ann")))
    ann.assume("reader")
    old = aws.iam.get_user(UserName="ann")["User"]["UserId"]
    other = namesake(aws, ann)
    with refused(OTHERS, 403):
        other.assume("reader")
    assert trusted(aws, "reader") == [old]
    assert aws.iam.list_roles()["Roles"][0]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"] == [old]
    with refused("MalformedPolicyDocument", 400, f'Invalid principal in policy: "AWS":"{old}"'):
        aws.iam.update_assume_role_policy(RoleName="reader", PolicyDocument=trust(old))
    aws.iam.update_assume_role_policy(RoleName="reader", PolicyDocument=trust(user_arn("ann")))
    other.assume("reader")


def test_a_role_made_anew_ends_its_sessions_and_has_nothing_from_a_key_policy(aws, ann):
    aws.new_role("reader", trust(user_arn("ann")))
    key = aws.new_key(Policy=describing(role_arn("reader")))
    session = ann.as_(ann.assume("reader"))
    session.kms.describe_key(KeyId=key)
    old = aws.iam.get_role(RoleName="reader")["Role"]["RoleId"]
    aws.iam.delete_role(RoleName="reader")
    aws.new_role("reader", trust(user_arn("ann")))
    with refused("UnrecognizedClientException", 400):
        session.kms.describe_key(KeyId=key)
    with refused(KEYS, 400):
        ann.as_(ann.assume("reader")).kms.describe_key(KeyId=key)
    assert old.startswith("AROA") and old in told(aws, key)


def test_whoever_is_renamed_is_meant_still(aws, ann, key):
    aws.new_role("reader", trust(user_arn("ann")))
    before = told(aws, key)
    aws.iam.update_user(UserName="ann", NewUserName="anna", NewPath="/team/")
    assert told(aws, key) == before.replace(user_arn("ann"), user_arn("team/anna"))
    assert trusted(aws, "reader") == [user_arn("team/anna")]
    ann.kms.describe_key(KeyId=key)
    ann.assume("reader")
    with refused(KEYS, 400):
        aws.as_(aws.new_user("ann")).kms.describe_key(KeyId=key)


def test_an_identifier_of_somebody_who_is_there_is_a_principal(aws, ann):
    own = aws.iam.get_user(UserName="ann")["User"]["UserId"]
    key = aws.new_key(Policy=describing(own))
    ann.kms.describe_key(KeyId=key)
    assert told(aws, key) == describing(user_arn("ann"))
    made = aws.iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust(own))["Role"]
    assert made["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"] == [user_arn("ann")]
    for nobody in ("AIDAAAAAAAAAAAAAAAAAA", "AROAAAAAAAAAAAAAAAAAA", user_arn("none")):
        with refused("MalformedPolicyDocumentException", 400, INVALID_PRINCIPALS):
            aws.new_key(Policy=describing(nobody))
        with refused("MalformedPolicyDocument", 400, f'Invalid principal in policy: "AWS":"{nobody}"'):
            aws.new_role("other", trust(nobody))


def test_a_policy_that_names_nobody_in_particular_is_told_as_it_was_written(aws, key):
    written = json.dumps(json.loads(policy(delegation(), allow("kms:List*", principal={"AWS": ROOT_ARN}))), indent=3)
    aws.kms.put_key_policy(KeyId=key, Policy=written)
    assert told(aws, key) == written


def chained(*principals, source_identity):
    actions = ["sts:AssumeRole", *(["sts:SetSourceIdentity"] if source_identity else [])]
    return policy({"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": actions})


@pytest.mark.parametrize("mine", [False, True])
@pytest.mark.parametrize("theirs", [False, True])
def test_a_source_identity_goes_on_only_where_both_sides_allow_it(aws, ann, mine, theirs):
    own = policy(allow(["sts:AssumeRole", *(["sts:SetSourceIdentity"] if mine else [])]))
    aws.new_role("first", chained(user_arn("ann"), source_identity=True), own)
    aws.new_role("next", chained(role_arn("first"), source_identity=theirs))
    ann.as_(ann.assume("first")).assume("next")
    session = ann.as_(ann.assume("first", SourceIdentity="ann"))
    if mine and theirs:
        made = session.sts.assume_role(RoleArn=role_arn("next"), RoleSessionName="session")
        assert made["SourceIdentity"] == "ann"
        session.assume("next", SourceIdentity="ann")
        with refused(OTHERS, 403):
            session.assume("next", SourceIdentity="bob")
        return
    for arguments in ({}, {"SourceIdentity": "ann"}):
        with refused(OTHERS, 403):
            session.assume("next", **arguments)
