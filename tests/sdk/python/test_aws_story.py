"""The story of one team in AWS: tags, networks, denials and a role, told with each client."""

import pytest

from aws_names import (
    allow,
    deny,
    denied,
    key_arn,
    no_allow,
    no_allow_for_ciphertext,
    policy,
    session_arn,
    trust,
    user_arn,
)
from refusal import refused

ALICE = user_arn("alice")
HERE, ELSEWHERE = "127.0.0.0/8", "10.0.0.0/8"
CRYPTO = ["kms:Encrypt", "kms:Decrypt"]


def apollo(network):
    """Encryption and decryption with the keys of Apollo, from one network."""
    condition = {"StringEquals": {"aws:ResourceTag/Project": "Apollo"}, "IpAddress": {"aws:SourceIp": network}}
    return policy(allow(CRYPTO, condition=condition))


class Story:
    """An owner with a tagged and an untagged key, and a user."""

    def __init__(self, owner):
        self.owner = owner
        self.tagged = owner.new_key(Tags=[{"TagKey": "Project", "TagValue": "Apollo"}])
        self.untagged = owner.new_key()
        self.alice = owner.as_(owner.new_user("alice", apollo(HERE)))

    def may(self, document, name="p0"):
        self.owner.call("iam", "PutUserPolicy", UserName="alice", PolicyName=name, PolicyDocument=document)


@pytest.fixture
def story(any_aws):
    return Story(any_aws)


def encrypt(caller, key):
    return caller.call("kms", "Encrypt", KeyId=key, Plaintext=b"launch code")["CiphertextBlob"]


def decrypt(caller, blob):
    return caller.call("kms", "Decrypt", CiphertextBlob=blob)["Plaintext"]


def is_denied(text):
    return refused("AccessDeniedException", 400, text)


def test_the_tagged_key_serves_and_the_untagged_one_does_not(story):
    assert decrypt(story.alice, encrypt(story.alice, story.tagged)) == b"launch code"
    with is_denied(no_allow(ALICE, "kms:Encrypt", key_arn(story.untagged))):
        encrypt(story.alice, story.untagged)
    foreign = encrypt(story.owner, story.untagged)
    with is_denied(no_allow_for_ciphertext(ALICE)):
        decrypt(story.alice, foreign)


def test_the_tag_decides_at_once(story):
    tag = [{"TagKey": "Project", "TagValue": "Apollo"}]
    story.owner.call("kms", "TagResource", KeyId=story.untagged, Tags=tag)
    blob = encrypt(story.alice, story.untagged)
    story.owner.call("kms", "UntagResource", KeyId=story.untagged, TagKeys=["Project"])
    with is_denied(no_allow_for_ciphertext(ALICE)):
        decrypt(story.alice, blob)


def test_another_network_is_denied(story):
    blob = encrypt(story.alice, story.tagged)
    story.may(apollo(ELSEWHERE))
    with is_denied(no_allow(ALICE, "kms:Encrypt", key_arn(story.tagged))):
        encrypt(story.alice, story.tagged)
    with is_denied(no_allow_for_ciphertext(ALICE)):
        decrypt(story.alice, blob)
    story.may(apollo(HERE))
    assert decrypt(story.alice, blob) == b"launch code"


def test_an_explicit_deny_wins_and_a_role_helps_out(story):
    encrypt(story.alice, story.tagged)
    story.may(policy(deny("kms:Encrypt")), name="stop")
    with is_denied(denied(ALICE, "kms:Encrypt", key_arn(story.tagged))):
        encrypt(story.alice, story.tagged)
    story.owner.new_role("pilot", trust(ALICE), apollo(HERE))
    pilot = story.alice.as_(story.alice.assume("pilot", "flight"))
    assert decrypt(pilot, encrypt(pilot, story.tagged)) == b"launch code"
    who = session_arn("pilot", "flight")
    with is_denied(no_allow(who, "kms:Encrypt", key_arn(story.untagged))):
        encrypt(pilot, story.untagged)
    with is_denied(denied(ALICE, "kms:Encrypt", key_arn(story.tagged))):
        encrypt(story.alice, story.tagged)


def test_a_session_policy_narrows_the_role(story):
    blob = encrypt(story.owner, story.tagged)
    story.owner.new_role("pilot", trust(ALICE), apollo(HERE))
    narrow = policy(allow("kms:Decrypt"))
    pilot = story.alice.as_(story.alice.assume("pilot", "flight", Policy=narrow))
    assert decrypt(pilot, blob) == b"launch code"
    who = session_arn("pilot", "flight")
    with is_denied(no_allow(who, "kms:Encrypt", key_arn(story.tagged), "session policy")):
        encrypt(pilot, story.tagged)
