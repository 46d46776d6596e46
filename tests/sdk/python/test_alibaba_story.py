"""The story of one team in Alibaba Cloud: tags, networks, denials and a role, told with both generations of SDKs."""

import base64

import pytest

from alibaba_names import ACCOUNT, FORBIDDEN, allow, deny, policy, tags, trust, user_arn
from refusal import refused

HERE, ELSEWHERE = "127.0.0.0/8", "10.0.0.0/8"
SECRET = base64.b64encode(b"launch code").decode()


def apollo(network):
    """Encryption and decryption with the keys of Apollo, from one network."""
    condition = {"StringEquals": {"kms:tag/Project": "Apollo"}, "IpAddress": {"acs:SourceIp": network}}
    return policy(allow(["kms:Encrypt", "kms:Decrypt"], condition=condition))


class Story:
    """An owner with a tagged and an untagged key, and a user."""

    def __init__(self, owner):
        self.owner = owner
        self.tagged, self.untagged = owner.new_key(Tags=tags(Project="Apollo")), owner.new_key()
        self.alice = owner.as_(owner.new_user("alice", apollo(HERE)))
        self.alice_id = owner.ram("GetUser", UserName="alice")["User"]["UserId"]

    def now_from(self, network):
        """Lets the user in from another network only."""
        self.owner.ram("CreatePolicyVersion", PolicyName="alice-p0", PolicyDocument=apollo(network), SetAsDefault=True)


@pytest.fixture
def story(alibaba):
    return Story(alibaba)


def encrypt(caller, key):
    return caller.kms("Encrypt", KeyId=key, Plaintext=SECRET)["CiphertextBlob"]


def decrypt(caller, blob):
    return caller.kms("Decrypt", CiphertextBlob=blob)["Plaintext"]


def denied(action, principal, kind, policy_type="AccountLevelIdentityBasedPolicy"):
    """Demands the denial of an action, with what it tells about itself when the client shows it."""
    return Denied(action, principal, kind, policy_type)


class Denied:
    def __init__(self, action, principal, kind, policy_type):
        principal_type = "AssumedRoleUser" if ":" in principal else "SubUser"
        self.wanted = {
            "AuthAction": action,
            "AuthPrincipalType": principal_type,
            "AuthPrincipalOwnerId": ACCOUNT,
            "AuthPrincipalDisplayName": principal,
            "PolicyType": policy_type,
            "NoPermissionType": kind,
        }
        self.check = refused("Forbidden.NoPermission", 403, FORBIDDEN)

    def __enter__(self):
        self.seen = self.check.__enter__()

    def __exit__(self, *failure):
        ended = self.check.__exit__(*failure)
        if self.seen.refusal.body:
            detail = self.seen.refusal.denial
            assert {name: detail.get(name) for name in self.wanted} == self.wanted
        return ended


def test_the_tagged_key_serves_and_the_untagged_one_does_not(story):
    assert decrypt(story.alice, encrypt(story.alice, story.tagged)) == SECRET
    with denied("kms:Encrypt", story.alice_id, "ImplicitDeny"):
        encrypt(story.alice, story.untagged)
    foreign = encrypt(story.owner, story.untagged)
    with denied("kms:Decrypt", story.alice_id, "ImplicitDeny"):
        decrypt(story.alice, foreign)


def test_the_tag_decides_at_once(story):
    story.owner.kms("TagResource", KeyId=story.untagged, Tags=tags(Project="Apollo"))
    blob = encrypt(story.alice, story.untagged)
    story.owner.kms("UntagResource", KeyId=story.untagged, TagKeys='["Project"]')
    with denied("kms:Decrypt", story.alice_id, "ImplicitDeny"):
        decrypt(story.alice, blob)


def test_another_network_is_denied(story):
    blob = encrypt(story.alice, story.tagged)
    story.now_from(ELSEWHERE)
    with denied("kms:Encrypt", story.alice_id, "ImplicitDeny"):
        encrypt(story.alice, story.tagged)
    with denied("kms:Decrypt", story.alice_id, "ImplicitDeny"):
        decrypt(story.alice, blob)
    story.now_from(HERE)
    assert decrypt(story.alice, blob) == SECRET


def test_an_explicit_deny_wins_and_a_role_helps_out(story):
    owner, alice = story.owner, story.alice
    encrypt(alice, story.tagged)
    owner.ram("AttachPolicyToUser", UserName="alice", **owner.new_policy("stop", policy(deny("kms:Encrypt"))))
    with denied("kms:Encrypt", story.alice_id, "ExplicitDeny"):
        encrypt(alice, story.tagged)
    assume = owner.new_policy("assume", policy(allow("sts:AssumeRole", f"acs:ram:*:{ACCOUNT}:role/pilot")))
    owner.ram("AttachPolicyToUser", UserName="alice", **assume)
    owner.new_role("pilot", trust(user_arn("alice")), apollo(HERE))
    pilot = alice.as_(alice.assume("pilot", "flight"))
    assert decrypt(pilot, encrypt(pilot, story.tagged)) == SECRET
    with denied("kms:Encrypt", "pilot:flight", "ImplicitDeny"):
        encrypt(pilot, story.untagged)
    narrow = alice.as_(alice.assume("pilot", "narrow", Policy=policy(allow("kms:Decrypt"))))
    with denied("kms:Encrypt", "pilot:narrow", "ImplicitDeny", "SessionPolicy"):
        encrypt(narrow, story.tagged)
    with denied("kms:Encrypt", story.alice_id, "ExplicitDeny"):
        encrypt(alice, story.tagged)
