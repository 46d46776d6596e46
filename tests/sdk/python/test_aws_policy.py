"""AWS authorisation seen from the wire: who is denied what, in the vendor's exact words."""

import re

import pytest

from aws_names import (
    ACCOUNT,
    MISSING_KEY,
    REGION,
    alias_arn,
    allow,
    delegation,
    denied,
    deny,
    key_arn,
    no_allow,
    no_allow_for_ciphertext,
    policy,
    policy_arn,
    trust,
    user_arn,
)
from refusal import refused

ALICE = user_arn("alice")


@pytest.fixture
def key(aws):
    return aws.new_key()


def user(aws, *documents, name="alice"):
    return aws.as_(aws.new_user(name, *documents))


def is_denied(text):
    return refused("AccessDeniedException", 400, text)


def every_operation(key):
    """The operations with the action and resource that each asks for."""
    arn = key_arn(key)
    return [
        ("kms:DescribeKey", arn, "describe_key", {"KeyId": key}),
        ("kms:Encrypt", arn, "encrypt", {"KeyId": key, "Plaintext": b"x"}),
        ("kms:GenerateDataKey", arn, "generate_data_key", {"KeyId": key, "KeySpec": "AES_256"}),
        (
            "kms:GenerateDataKeyWithoutPlaintext",
            arn,
            "generate_data_key_without_plaintext",
            {"KeyId": key, "KeySpec": "AES_256"},
        ),
        ("kms:UpdateKeyDescription", arn, "update_key_description", {"KeyId": key, "Description": "d"}),
        ("kms:EnableKey", arn, "enable_key", {"KeyId": key}),
        ("kms:ListResourceTags", arn, "list_resource_tags", {"KeyId": key}),
        ("kms:TagResource", arn, "tag_resource", {"KeyId": key, "Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        ("kms:UntagResource", arn, "untag_resource", {"KeyId": key, "TagKeys": ["a"]}),
        ("kms:GetKeyPolicy", arn, "get_key_policy", {"KeyId": key}),
        ("kms:PutKeyPolicy", arn, "put_key_policy", {"KeyId": key, "Policy": policy(delegation())}),
        ("kms:ListKeys", "*", "list_keys", {}),
        ("kms:ListAliases", "*", "list_aliases", {}),
        ("kms:CreateKey", "*", "create_key", {}),
        ("kms:GenerateRandom", "*", "generate_random", {"NumberOfBytes": 8}),
        ("kms:DisableKey", arn, "disable_key", {"KeyId": key}),
        ("kms:ScheduleKeyDeletion", arn, "schedule_key_deletion", {"KeyId": key}),
        ("kms:CancelKeyDeletion", arn, "cancel_key_deletion", {"KeyId": key}),
    ]


@pytest.mark.parametrize("index", range(18))
def test_an_operation_is_denied_allowed_and_denied_again(aws, key, index):
    action, resource, method, parameters = every_operation(key)[index]
    alice = user(aws)
    if action == "kms:CancelKeyDeletion":
        aws.kms.schedule_key_deletion(KeyId=key)
    with is_denied(no_allow(ALICE, action, resource)):
        getattr(alice.kms, method)(**parameters)
    others = policy(allow("kms:*"), deny(action))
    aws.iam.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=others)
    with is_denied(denied(ALICE, action, resource)):
        getattr(alice.kms, method)(**parameters)
    exact = policy(allow(action, resource))
    aws.iam.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=exact)
    getattr(alice.kms, method)(**parameters)


def test_decrypt_speaks_of_the_ciphertext(aws, key):
    blob = aws.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    alice = user(aws)
    with is_denied(no_allow_for_ciphertext(ALICE)):
        alice.kms.decrypt(CiphertextBlob=blob)
    aws.iam.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=policy(allow("kms:Decrypt", key_arn(key))))
    assert alice.kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_reencryption_needs_both_keys(aws, key):
    other = aws.new_key()
    blob = aws.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    alice = user(aws, policy(allow(["kms:Encrypt", "kms:Decrypt"])))
    with is_denied(
        re.compile(r".*kms:ReEncryptFrom.* because no identity-based policy allows the kms:ReEncryptFrom action")
    ):
        alice.kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=other)
    put(aws, allow("kms:ReEncryptFrom", key_arn(key)))
    with is_denied(no_allow(ALICE, "kms:ReEncryptTo", key_arn(other))):
        alice.kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=other)
    put(aws, allow("kms:ReEncryptFrom", key_arn(key)), allow("kms:ReEncryptTo", key_arn(other)))
    alice.kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=other)


def put(aws, *statements):
    aws.iam.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=policy(*statements))


def test_an_alias_needs_permission_on_alias_and_key(aws, key):
    alias, other = alias_arn("alias/a"), aws.new_key()
    alice = user(aws)
    put(aws, allow("kms:CreateAlias", key_arn(key)))
    with is_denied(no_allow(ALICE, "kms:CreateAlias", alias)):
        alice.kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    put(aws, allow("kms:CreateAlias", alias))
    with is_denied(no_allow(ALICE, "kms:CreateAlias", key_arn(key))):
        alice.kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    put(aws, allow("kms:CreateAlias", [alias, key_arn(key)]))
    alice.kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    put(aws, allow("kms:UpdateAlias", [alias, key_arn(other)]))
    with is_denied(no_allow(ALICE, "kms:UpdateAlias", key_arn(key))):
        alice.kms.update_alias(AliasName="alias/a", TargetKeyId=other)
    put(aws, allow("kms:UpdateAlias", [alias, key_arn(other), key_arn(key)]), allow("kms:DeleteAlias", alias))
    alice.kms.update_alias(AliasName="alias/a", TargetKeyId=other)
    with is_denied(no_allow(ALICE, "kms:DeleteAlias", key_arn(other))):
        alice.kms.delete_alias(AliasName="alias/a")


def test_a_key_made_with_tags_needs_permission_to_tag(aws):
    alice = user(aws, policy(allow("kms:CreateKey")))
    tags = [{"TagKey": "Project", "TagValue": "Apollo"}]
    text = f"User: {ALICE} is not authorized to perform: kms:TagResource because no identity-based policy allows the"
    with is_denied(f"{text} kms:TagResource action"):
        alice.kms.create_key(Tags=tags)
    put(aws, allow("kms:TagResource"))
    alice.kms.create_key(Tags=tags)


def test_without_the_root_statement_iam_cannot_allow(aws, key):
    alice = user(aws, policy(allow("kms:*")))
    bob = user(aws, name="bob")
    only_bob = policy(allow("kms:*", principal={"AWS": [f"arn:aws:iam::{ACCOUNT}:user/bob"]}))
    aws.kms.put_key_policy(KeyId=key, Policy=only_bob, BypassPolicyLockoutSafetyCheck=True)
    with is_denied(no_allow(ALICE, "kms:Encrypt", key_arn(key), "resource-based policy")):
        alice.kms.encrypt(KeyId=key, Plaintext=b"x")
    bob.kms.encrypt(KeyId=key, Plaintext=b"x")


def test_a_key_policy_allows_a_user_directly(aws, key):
    alice = user(aws)
    direct = policy(delegation(), allow("kms:Encrypt", principal={"AWS": ALICE}))
    aws.kms.put_key_policy(KeyId=key, Policy=direct)
    alice.kms.encrypt(KeyId=key, Plaintext=b"x")
    with is_denied(no_allow(ALICE, "kms:DescribeKey", key_arn(key))):
        alice.kms.describe_key(KeyId=key)


def test_a_deny_in_the_key_policy_wins(aws, key):
    alice = user(aws, policy(allow("kms:*")))
    closed = policy(delegation(), deny("kms:Encrypt", principal={"AWS": ALICE}))
    aws.kms.put_key_policy(KeyId=key, Policy=closed)
    with is_denied(denied(ALICE, "kms:Encrypt", key_arn(key), "a resource-based policy")):
        alice.kms.encrypt(KeyId=key, Plaintext=b"x")
    alice.kms.generate_data_key(KeyId=key, KeySpec="AES_256")


def test_a_key_policy_names_existing_principals_only(aws, key):
    text = "Policy contains a statement with one or more invalid principals."
    with refused("MalformedPolicyDocumentException", 400, text):
        aws.kms.put_key_policy(
            KeyId=key, Policy=policy(delegation(), allow("kms:*", principal={"AWS": user_arn("none")}))
        )


def test_a_groups_policies_reach_its_members(aws, key):
    alice = user(aws)
    aws.iam.create_group(GroupName="team")
    aws.iam.put_group_policy(GroupName="team", PolicyName="p", PolicyDocument=policy(allow("kms:Encrypt")))
    arn = aws.iam.create_policy(PolicyName="managed", PolicyDocument=policy(allow("kms:DescribeKey")))["Policy"]["Arn"]
    aws.iam.attach_group_policy(GroupName="team", PolicyArn=arn)
    aws.iam.add_user_to_group(GroupName="team", UserName="alice")
    alice.kms.encrypt(KeyId=key, Plaintext=b"x")
    alice.kms.describe_key(KeyId=key)
    aws.iam.remove_user_from_group(GroupName="team", UserName="alice")
    with is_denied(no_allow(ALICE, "kms:Encrypt", key_arn(key))):
        alice.kms.encrypt(KeyId=key, Plaintext=b"x")


def test_a_managed_policy_works_while_it_is_attached(aws, key):
    alice = user(aws)
    aws.iam.create_policy(PolicyName="managed", PolicyDocument=policy(allow("kms:Encrypt")))
    aws.iam.attach_user_policy(UserName="alice", PolicyArn=policy_arn("managed"))
    alice.kms.encrypt(KeyId=key, Plaintext=b"x")
    aws.iam.detach_user_policy(UserName="alice", PolicyArn=policy_arn("managed"))
    with is_denied(no_allow(ALICE, "kms:Encrypt", key_arn(key))):
        alice.kms.encrypt(KeyId=key, Plaintext=b"x")


@pytest.mark.parametrize(
    ("condition", "good", "bad"),
    [
        ({"StringEquals": {"kms:EncryptionContext:app": "a"}}, {"app": "a", "more": "m"}, {"app": "b"}),
        ({"StringLike": {"kms:EncryptionContext:app": "a*"}}, {"app": "abc"}, {}),
        ({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["app", "env"]}}, {"app": "a"}, {"other": "a"}),
        ({"Null": {"kms:EncryptionContextKeys": "false"}}, {"app": "a"}, {}),
    ],
)
def test_a_condition_on_the_encryption_context(aws, key, condition, good, bad):
    alice = user(aws, policy(allow("kms:Encrypt", condition=condition)))
    alice.kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=good)
    with is_denied(no_allow(ALICE, "kms:Encrypt", key_arn(key))):
        alice.kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=bad)


def test_a_condition_on_the_alias_of_the_request(aws, key):
    aws.kms.create_alias(AliasName="alias/app", TargetKeyId=key)
    alice = user(aws, policy(allow("kms:Encrypt", condition={"StringEquals": {"kms:RequestAlias": "alias/app"}})))
    alice.kms.encrypt(KeyId="alias/app", Plaintext=b"x")
    alice.kms.encrypt(KeyId=alias_arn("alias/app"), Plaintext=b"x")
    with is_denied(no_allow(ALICE, "kms:Encrypt", key_arn(key))):
        alice.kms.encrypt(KeyId=key, Plaintext=b"x")


def test_a_condition_on_the_aliases_of_the_key(aws, key):
    condition = {"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/app*"}}
    alice = user(aws, policy(allow("kms:Encrypt", condition=condition)))
    with is_denied(no_allow(ALICE, "kms:Encrypt", key_arn(key))):
        alice.kms.encrypt(KeyId=key, Plaintext=b"x")
    aws.kms.create_alias(AliasName="alias/app1", TargetKeyId=key)
    alice.kms.encrypt(KeyId=key, Plaintext=b"x")


def test_a_policy_variable_stands_for_the_caller(aws):
    mine, others = (aws.new_key(Tags=[{"TagKey": "owner", "TagValue": name}]) for name in ("alice", "bob"))
    condition = {"StringEquals": {"aws:ResourceTag/owner": "${aws:username}"}}
    alice = user(aws, policy(allow("kms:Encrypt", condition=condition)))
    alice.kms.encrypt(KeyId=mine, Plaintext=b"x")
    with is_denied(no_allow(ALICE, "kms:Encrypt", key_arn(others))):
        alice.kms.encrypt(KeyId=others, Plaintext=b"x")


def test_wildcards_in_actions_and_resources(aws, key):
    other = aws.new_key()
    alice = user(aws, policy(allow("kms:Gen*Key", f"arn:aws:kms:*:{ACCOUNT}:key/{key[:-1]}?")))
    alice.kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    with is_denied(no_allow(ALICE, "kms:GenerateDataKey", key_arn(other))):
        alice.kms.generate_data_key(KeyId=other, KeySpec="AES_256")


def test_a_key_of_another_account_is_never_called_missing(aws, key):
    alice = user(aws)
    with refused({"AccessDeniedException", "NotFoundException"}, 400):
        alice.kms.describe_key(KeyId=MISSING_KEY)
    foreign = f"arn:aws:kms:{REGION}:111122223333:key/{MISSING_KEY}"
    with refused("AccessDeniedException", 400):
        alice.kms.describe_key(KeyId=foreign)


def test_iam_denies_in_the_same_words(aws):
    alice = user(aws)
    with refused("AccessDenied", 403, no_allow(ALICE, "iam:CreateUser", user_arn("bob"))):
        alice.iam.create_user(UserName="bob")
    put(aws, allow("iam:*"), deny("iam:CreateUser"))
    with refused("AccessDenied", 403, denied(ALICE, "iam:CreateUser", user_arn("bob"))):
        alice.iam.create_user(UserName="bob")
    put(aws, allow("iam:CreateUser", user_arn("b*")))
    alice.iam.create_user(UserName="bob")
    with refused("AccessDenied", 403, no_allow(ALICE, "iam:CreateUser", user_arn("carol"))):
        alice.iam.create_user(UserName="carol")


def test_nobody_gives_themselves_more(aws):
    alice = user(aws, policy(allow("kms:*")))
    with refused("AccessDenied", 403, no_allow(ALICE, "iam:PutUserPolicy", ALICE)):
        alice.iam.put_user_policy(UserName="alice", PolicyName="more", PolicyDocument=policy(allow("*")))
    with refused("AccessDenied", 403, no_allow(ALICE, "iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/mine")):
        alice.iam.create_role(RoleName="mine", AssumeRolePolicyDocument=trust(ALICE))
