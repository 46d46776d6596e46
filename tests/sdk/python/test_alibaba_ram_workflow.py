"""A working day with RAM policies for KMS, step by step, after the vendor's page "Use RAM to control access to KMS
resources": users, groups, roles, versions, tags, networks, containers, double permissions, denials, sessions.

Every denial says what it is about to its caller, is decoded by the owner, and is explained by `polykms policy why`.
"""

import base64
import json
import traceback

import pytest

from alibaba_client import NewSdk
from alibaba_names import ACCOUNT, REGION, alias_arn, allow, deny, key_arn, policy, role_arn, statement, tags, trust, user_arn
from process import Server, command
from refusal import refused

SECRET = base64.b64encode(b"launch code").decode()
IDENTITY = "AccountLevelIdentityBasedPolicy"
CODES = {"kms": "Forbidden.NoPermission", "ram": "NoPermission", "sts": "NoPermission"}
LEAST = 100


def container(kind):
    """The name of a collection as a whole."""
    return f"acs:kms:{REGION}:{ACCOUNT}:{kind}"


class Day:
    """The steps of a day: each of them is taken, and what surprises is told at its end."""

    def __init__(self, server, trail):
        self.owner, self.trail = NewSdk(server), trail
        self.steps, self.surprises = 0, []

    def step(self, what, take):
        """Takes a step; answers what comes of it."""
        self.steps += 1
        try:
            return take()
        except Exception:  # noqa: BLE001
            self.surprises.append(f"step {self.steps}, {what}:\n{traceback.format_exc(limit=3)}")
            return None

    def does(self, what, caller, service, operation, **parameters):
        """A step that has to succeed."""
        return self.step(what, lambda: caller.call(service, operation, **parameters))

    def denied(self, what, caller, service, operation, action, resource, explicit=False, of=IDENTITY, by=None, **parameters):
        """A step that has to be denied, for this reason, on everything that tells one."""
        self.step(what, lambda: self._denied(caller, service, operation, action, resource, explicit, of, by, parameters))

    def fails(self, what, caller, service, operation, code, status=None, **parameters):
        """A step that has to fail for another reason than policies."""

        def take():
            with refused(code, status):
                caller.call(service, operation, **parameters)

        self.step(what, take)

    def _denied(self, caller, service, operation, action, resource, explicit, of, by, parameters):
        kind = "ExplicitDeny" if explicit else "ImplicitDeny"
        with refused(CODES[service], 403) as seen:
            caller.call(service, operation, **parameters)
        detail = seen.refusal.denial
        told = (detail["AuthAction"], detail["NoPermissionType"], detail["PolicyType"])
        assert told == (action, kind, of), f"the caller is told {told}"
        answer = self.owner.ram("DecodeDiagnosticMessage", EncodedDiagnosticMessage=detail["EncodedDiagnosticMessage"])
        decoded = answer["DecodedDiagnosticMessage"]
        assert (decoded["AuthAction"], decoded["AuthResource"]) == (action, resource), decoded
        assert decoded["ExplicitDeny"] is explicit and decoded["NoPermissionPolicyType"] == of, decoded
        if by:
            matched = [found["PolicyIdentifier"] for found in decoded["MatchedPolicies"]]
            assert by in matched, f"{by} is not among {matched}"
        text = self.why(seen.refusal.body["RequestId"])
        lines = text.splitlines()
        verdict = "explicit_deny" if explicit else "implicit_deny"
        assert lines[0].startswith("DENIED: "), text
        assert f"{action} on {resource}: {verdict}" in text, text
        if by and explicit:
            assert by in text, text

    def why(self, request):
        """What the audit trail tells of a request."""
        return command("policy", "why", request, "--audit-file", self.trail)


@pytest.fixture
def day(tmp_path):
    trail = tmp_path / "audit.jsonl"
    server = Server(["dev", "--audit-file", str(trail)], tmp_path)
    yield Day(server, trail)
    server.stop()


def test_a_day_with_ram_policies_for_kms(day):
    owner = day.owner

    # The owner has every permission on what is its own.
    made = day.does("the owner makes a key of project Apollo", owner, "kms", "CreateKey", Tags=tags(Project="Apollo"))
    apollo = made["KeyMetadata"]["KeyId"]
    made = day.does("one whose tag is in small letters", owner, "kms", "CreateKey", Tags=tags(Project="apollo"))
    small = made["KeyMetadata"]["KeyId"]
    plain = day.does("and one without tags", owner, "kms", "CreateKey")["KeyMetadata"]["KeyId"]
    day.does("the key gets an alias", owner, "kms", "CreateAlias", AliasName="alias/apollo", KeyId=apollo)
    blob = day.does("the owner encrypts", owner, "kms", "Encrypt", KeyId=apollo, Plaintext=SECRET)["CiphertextBlob"]
    plain_blob = owner.kms("Encrypt", KeyId=plain, Plaintext=SECRET)["CiphertextBlob"]
    day.does("the owner lists keys", owner, "kms", "ListKeys")

    # A user has none until it gets some.
    day.does("a user is made", owner, "ram", "CreateUser", UserName="alice", DisplayName="Alice")
    alice = owner.as_(owner.new_access_key("alice"))
    day.does("who knows who it is", alice, "sts", "GetCallerIdentity")
    day.does("and which regions there are: that needs no permission", alice, "kms", "DescribeRegions")
    for operation, resource, parameters in [
        ("ListKeys", container("key"), {}),
        ("CreateKey", container("key"), {}),
        ("ListAliases", container("alias"), {}),
        ("DescribeKey", key_arn(apollo), {"KeyId": apollo}),
        ("Encrypt", key_arn(apollo), {"KeyId": apollo, "Plaintext": SECRET}),
        ("Decrypt", key_arn(apollo), {"CiphertextBlob": blob}),
        ("GenerateDataKey", key_arn(apollo), {"KeyId": apollo}),
        ("DisableKey", key_arn(apollo), {"KeyId": apollo}),
        ("ListResourceTags", key_arn(apollo), {"KeyId": apollo}),
        ("ListAliasesByKeyId", key_arn(apollo), {"KeyId": apollo}),
        ("ListKeyVersions", key_arn(apollo), {"KeyId": apollo}),
    ]:
        day.denied(f"nobody lets it {operation}", alice, "kms", operation, f"kms:{operation}", resource, **parameters)
    day.denied(
        "nor look at itself", alice, "ram", "GetUser", "ram:GetUser", f"acs:ram:*:{ACCOUNT}:user/alice", UserName="alice"
    )

    # First example of the page: everything.
    def gives(user, name, *statements):
        """A policy of its own for a user."""
        day.does(f"a policy {name}", owner, "ram", "CreatePolicy", PolicyName=name, PolicyDocument=policy(*statements))
        day.does(
            f"{name} for {user}", owner, "ram", "AttachPolicyToUser", UserName=user, PolicyType="Custom", PolicyName=name
        )

    def takes(user, name):
        """No policy for a user any more."""
        day.does(
            f"no {name} for {user}", owner, "ram", "DetachPolicyFromUser", UserName=user, PolicyType="Custom", PolicyName=name
        )

    def version(name, *statements):
        """Another version of a policy, in force at once."""
        day.does(
            f"a new version of {name}",
            owner,
            "ram",
            "CreatePolicyVersion",
            PolicyName=name,
            PolicyDocument=policy(*statements),
            SetAsDefault=True,
        )

    gives("alice", "everything", allow(["kms:*"], ["*"]))
    own = day.does("now it makes a key", alice, "kms", "CreateKey")["KeyMetadata"]["KeyId"]
    for operation, parameters in [
        ("ListKeys", {}),
        ("DescribeKey", {"KeyId": own}),
        ("UpdateKeyDescription", {"KeyId": own, "Description": "mine"}),
        ("Encrypt", {"KeyId": own, "Plaintext": SECRET}),
        ("DisableKey", {"KeyId": own}),
        ("EnableKey", {"KeyId": own}),
        ("CreateAlias", {"AliasName": "alias/own", "KeyId": own}),
        ("DeleteAlias", {"AliasName": "alias/own"}),
        ("ScheduleKeyDeletion", {"KeyId": own, "PendingWindowInDays": 7}),
        ("CancelKeyDeletion", {"KeyId": own}),
    ]:
        day.does(f"and may {operation}", alice, "kms", operation, **parameters)
    day.denied(
        "but no RAM", alice, "ram", "ListUsers", "ram:ListUsers", f"acs:ram:*:{ACCOUNT}:user/*"
    )
    takes("alice", "everything")
    day.denied("and at once nothing any more", alice, "kms", "ListKeys", "kms:ListKeys", container("key"))

    # Second example: list, query, see aliases, use keys.
    use = ["kms:List*", "kms:Describe*", "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"]
    gives("alice", "use", allow(use, ["*"]))
    for operation, parameters in [
        ("ListKeys", {}),
        ("ListAliases", {}),
        ("ListAliasesByKeyId", {"KeyId": apollo}),
        ("DescribeKey", {"KeyId": apollo}),
        ("ListKeyVersions", {"KeyId": apollo}),
        ("ListResourceTags", {"KeyId": apollo}),
        ("Encrypt", {"KeyId": "alias/apollo", "Plaintext": SECRET}),
        ("Decrypt", {"CiphertextBlob": blob}),
        ("GenerateDataKey", {"KeyId": apollo}),
    ]:
        day.does(f"the user of keys may {operation}", alice, "kms", operation, **parameters)
    for operation, resource, parameters in [
        ("CreateKey", container("key"), {}),
        ("UpdateKeyDescription", key_arn(apollo), {"KeyId": apollo, "Description": "x"}),
        ("ScheduleKeyDeletion", key_arn(apollo), {"KeyId": apollo, "PendingWindowInDays": 7}),
        ("GenerateDataKeyWithoutPlaintext", key_arn(apollo), {"KeyId": apollo}),
        ("TagResource", key_arn(apollo), {"KeyId": apollo, "Tags": tags(Project="Mercury")}),
    ]:
        day.denied(f"but not {operation}", alice, "kms", operation, f"kms:{operation}", resource, **parameters)
    day.denied(
        "nor a key that does not exist",
        alice,
        "kms",
        "DisableKey",
        "kms:DisableKey",
        key_arn("12345678-1234-1234-1234-123456789012"),
        KeyId="12345678-1234-1234-1234-123456789012",
    )
    takes("alice", "use")

    # Third example: keys with a tag.
    crypto = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"]
    gives("alice", "apollo", allow(crypto, ["*"], {"StringEqualsIgnoreCase": {"kms:tag/Project": ["Apollo"]}}))
    day.does("a key of Apollo serves", alice, "kms", "Encrypt", KeyId=apollo, Plaintext=SECRET)
    day.does("in small letters, too", alice, "kms", "GenerateDataKey", KeyId=small)
    day.does("what it encrypted opens", alice, "kms", "Decrypt", CiphertextBlob=blob)
    day.denied("one without tags does not", alice, "kms", "Encrypt", "kms:Encrypt", key_arn(plain), KeyId=plain, Plaintext=SECRET)
    day.denied("nor does what it encrypted open", alice, "kms", "Decrypt", "kms:Decrypt", key_arn(plain), CiphertextBlob=plain_blob)
    day.does("the owner gives it the tag", owner, "kms", "TagResource", KeyId=plain, Tags=tags(Project="APOLLO"))
    day.does("and it opens", alice, "kms", "Decrypt", CiphertextBlob=plain_blob)
    day.does("the owner takes the tag away", owner, "kms", "UntagResource", KeyId=plain, TagKeys='["Project"]')
    day.denied("and it opens no more", alice, "kms", "Decrypt", "kms:Decrypt", key_arn(plain), CiphertextBlob=plain_blob)
    day.denied("the tag allows no other operation", alice, "kms", "DescribeKey", "kms:DescribeKey", key_arn(apollo), KeyId=apollo)

    # Another version makes the letters count; the old one comes back.
    version("apollo", allow(crypto, ["*"], {"StringEquals": {"kms:tag/Project": ["Apollo"]}}))
    day.does("Apollo still serves", alice, "kms", "Encrypt", KeyId=apollo, Plaintext=SECRET)
    day.denied("small letters are others now", alice, "kms", "Encrypt", "kms:Encrypt", key_arn(small), KeyId=small, Plaintext=SECRET)
    day.does("the first version comes back", owner, "ram", "SetDefaultPolicyVersion", PolicyName="apollo", VersionId="v1")
    day.does("and small letters serve again", alice, "kms", "Encrypt", KeyId=small, Plaintext=SECRET)
    day.fails(
        "the version in force cannot be removed",
        owner,
        "ram",
        "DeletePolicyVersion",
        "DeleteConflict.Policy.Version.Default",
        409,
        PolicyName="apollo",
        VersionId="v1",
    )
    day.does("the other one can", owner, "ram", "DeletePolicyVersion", PolicyName="apollo", VersionId="v2")
    takes("alice", "apollo")

    # Fourth example: networks.
    def network(*addresses):
        return allow(["kms:*"], ["*"], {"IpAddress": {"acs:SourceIp": list(addresses)}})

    gives("alice", "network", network("192.168.0.0/16", "172.16.215.218"))
    day.denied("from here it is denied", alice, "kms", "ListKeys", "kms:ListKeys", container("key"))
    version("network", network("192.168.0.0/16", "127.0.0.1"))
    day.does("a single address lets it in", alice, "kms", "ListKeys")
    version("network", network("127.0.0.0/8"))
    day.does("so does a network", alice, "kms", "DescribeKey", KeyId=apollo)
    version("network", allow(["kms:*"], ["*"], {"NotIpAddress": {"acs:SourceIp": ["127.0.0.0/8"]}}))
    day.denied("and any other than this does not", alice, "kms", "DescribeKey", "kms:DescribeKey", key_arn(apollo), KeyId=apollo)
    version("network", allow(["kms:*"], ["*"], {"DateLessThan": {"acs:CurrentTime": "2020-01-01T00:00:00Z"}}))
    day.denied("a time that has passed", alice, "kms", "ListKeys", "kms:ListKeys", container("key"))
    day.fails(
        "a policy has five versions",
        owner,
        "ram",
        "CreatePolicyVersion",
        "LimitExceeded.Policy.Version",
        409,
        PolicyName="network",
        PolicyDocument=policy(network("127.0.0.1")),
    )
    takes("alice", "network")

    # Containers: all keys as a whole are not the keys.
    gives("alice", "members", allow("kms:*", f"acs:kms:{REGION}:{ACCOUNT}:key/*"))
    day.does("a member is described", alice, "kms", "DescribeKey", KeyId=apollo)
    day.denied("the whole is not listed", alice, "kms", "ListKeys", "kms:ListKeys", container("key"))
    day.denied("nor does it get another member", alice, "kms", "CreateKey", "kms:CreateKey", container("key"))
    version("members", allow("kms:*", container("key")))
    day.does("the whole alone is listed", alice, "kms", "ListKeys")
    day.denied("its members are not described", alice, "kms", "DescribeKey", "kms:DescribeKey", key_arn(apollo), KeyId=apollo)
    day.denied("aliases are another whole", alice, "kms", "ListAliases", "kms:ListAliases", container("alias"))
    version("members", allow("kms:*", "acs:kms:*:*:key*"))
    day.does("with a star behind it, both: the list", alice, "kms", "ListKeys")
    day.does("and a member", alice, "kms", "DescribeKey", KeyId=apollo)
    version("members", allow("kms:*", f"acs:kms:cn-shanghai:{ACCOUNT}:key*"))
    day.denied("another region is elsewhere", alice, "kms", "DescribeKey", "kms:DescribeKey", key_arn(apollo), KeyId=apollo)
    takes("alice", "members")

    # Double permissions: an alias with its key, and both ends of a new encryption.
    gives("alice", "alias", allow("kms:CreateAlias", alias_arn("alias/a")))
    day.denied(
        "an alias needs its key", alice, "kms", "CreateAlias", "kms:CreateAlias", key_arn(plain), AliasName="alias/a", KeyId=plain
    )
    gives("alice", "alias-key", allow(["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"], key_arn(plain)))
    day.does("with both it is made", alice, "kms", "CreateAlias", AliasName="alias/a", KeyId=plain)
    day.denied(
        "removing it needs the alias", alice, "kms", "DeleteAlias", "kms:DeleteAlias", alias_arn("alias/a"), AliasName="alias/a"
    )
    version("alias", allow(["kms:DeleteAlias", "kms:UpdateAlias"], alias_arn("alias/*")))
    day.denied(
        "pointing it elsewhere needs the key it will name",
        alice,
        "kms",
        "UpdateAlias",
        "kms:UpdateAlias",
        key_arn(apollo),
        AliasName="alias/a",
        KeyId=apollo,
    )
    day.does("both permissions remove it", alice, "kms", "DeleteAlias", AliasName="alias/a")
    takes("alice", "alias")
    takes("alice", "alias-key")
    again = {"CiphertextBlob": blob, "DestinationKeyId": plain}
    gives("alice", "from", allow("kms:ReEncryptFrom", key_arn(apollo)))
    day.denied("encrypting anew needs the other end", alice, "kms", "ReEncrypt", "kms:ReEncryptTo", key_arn(plain), **again)
    gives("alice", "to", allow("kms:ReEncryptTo", key_arn(plain)))
    day.does("with both it is done", alice, "kms", "ReEncrypt", **again)
    takes("alice", "from")
    day.denied("and needs the first end, too", alice, "kms", "ReEncrypt", "kms:ReEncryptFrom", key_arn(apollo), **again)
    version("to", allow(["kms:Encrypt", "kms:Decrypt"], "*"))
    day.denied("Encrypt and Decrypt are not it", alice, "kms", "ReEncrypt", "kms:ReEncryptFrom", key_arn(apollo), **again)
    version("to", allow("kms:ReEncrypt*", "*"))
    day.does("one star serves both", alice, "kms", "ReEncrypt", **again)
    takes("alice", "to")

    # An explicit Deny wins, wherever it comes from.
    gives("alice", "all", allow("kms:*"))
    gives("alice", "keep", deny(["kms:ScheduleKeyDeletion", "kms:DisableKey"], "*"))
    day.does("what is not denied is allowed", alice, "kms", "Encrypt", KeyId=apollo, Plaintext=SECRET)
    day.denied(
        "what is denied is not",
        alice,
        "kms",
        "ScheduleKeyDeletion",
        "kms:ScheduleKeyDeletion",
        key_arn(apollo),
        explicit=True,
        by="keep",
        KeyId=apollo,
        PendingWindowInDays=7,
    )
    version("keep", deny("kms:Decrypt", "*", {"StringNotEquals": {"kms:tag/Project": "Apollo"}}))
    day.does("a Deny with a condition spares Apollo", alice, "kms", "Decrypt", CiphertextBlob=blob)
    day.denied(
        "and no other", alice, "kms", "Decrypt", "kms:Decrypt", key_arn(plain), explicit=True, by="keep", CiphertextBlob=plain_blob
    )
    version("keep", deny("kms:*", "*", {"Bool": {"acs:SecureTransport": "false"}}))
    day.denied(
        "without encryption on the way", alice, "kms", "ListKeys", "kms:ListKeys", container("key"), explicit=True, by="keep"
    )
    version("keep", deny("kms:DisableKey", "*", {"Bool": {"acs:MFAPresent": "false"}}))
    day.denied(
        "no access key has a second factor",
        alice,
        "kms",
        "DisableKey",
        "kms:DisableKey",
        key_arn(apollo),
        explicit=True,
        by="keep",
        KeyId=apollo,
    )
    takes("alice", "keep")
    takes("alice", "all")

    # A group gives to its members and takes from them.
    day.does("a group", owner, "ram", "CreateGroup", GroupName="crew", Comments="who flies")
    day.does("gets the vendor's policy for users of keys", owner, "ram", "AttachPolicyToGroup", GroupName="crew",
             PolicyType="System", PolicyName="AliyunKMSCryptoUserAccess")
    day.denied("who is not in it has nothing", alice, "kms", "Encrypt", "kms:Encrypt", key_arn(apollo), KeyId=apollo, Plaintext=SECRET)
    day.does("the user joins", owner, "ram", "AddUserToGroup", GroupName="crew", UserName="alice")
    day.does("and encrypts", alice, "kms", "Encrypt", KeyId=apollo, Plaintext=SECRET)
    day.denied("but administers nothing", alice, "kms", "DisableKey", "kms:DisableKey", key_arn(apollo), KeyId=apollo)
    owner.new_policy("grounded", policy(deny("kms:Encrypt")))
    day.does("a Deny for the group", owner, "ram", "AttachPolicyToGroup", GroupName="crew", PolicyType="Custom", PolicyName="grounded")
    day.denied(
        "is one for its members",
        alice,
        "kms",
        "Encrypt",
        "kms:Encrypt",
        key_arn(apollo),
        explicit=True,
        by="grounded",
        KeyId=apollo,
        Plaintext=SECRET,
    )
    day.does("the user leaves", owner, "ram", "RemoveUserFromGroup", GroupName="crew", UserName="alice")
    day.denied("and has nothing again", alice, "kms", "Decrypt", "kms:Decrypt", key_arn(apollo), CiphertextBlob=blob)

    # A role is taken with a permission and with trust, and a session has no more than the role.
    day.does("a role", owner, "ram", "CreateRole", RoleName="pilot", AssumeRolePolicyDocument=trust(user_arn("bob")))
    day.does("with the vendor's policy for everything", owner, "ram", "AttachPolicyToRole", RoleName="pilot",
             PolicyType="System", PolicyName="AliyunKMSFullAccess")
    assume = {"RoleArn": role_arn("pilot"), "RoleSessionName": "flight"}
    pilot_arn = f"acs:ram:*:{ACCOUNT}:role/pilot"
    day.denied("without permission nobody takes it", alice, "sts", "AssumeRole", "sts:AssumeRole", pilot_arn, **assume)
    gives("alice", "pilots", allow("sts:AssumeRole", pilot_arn))
    day.denied("nor without trust", alice, "sts", "AssumeRole", "sts:AssumeRole", pilot_arn, of="AssumeRolePolicy", **assume)
    day.does("the role trusts", owner, "ram", "UpdateRole", RoleName="pilot", NewAssumeRolePolicyDocument=trust(user_arn("alice")))
    answer = day.does("and is taken", alice, "sts", "AssumeRole", **assume)

    def session(answer):
        made = answer["Credentials"]
        return owner.as_((made["AccessKeyId"], made["AccessKeySecret"], made["SecurityToken"]))

    pilot = session(answer)
    day.does("the session knows its role", pilot, "sts", "GetCallerIdentity")
    day.does("it does what the role may", pilot, "kms", "DescribeKey", KeyId=apollo)
    day.denied("which its user still may not", alice, "kms", "DescribeKey", "kms:DescribeKey", key_arn(apollo), KeyId=apollo)
    day.denied("and nothing beyond", pilot, "ram", "ListRoles", "ram:ListRoles", f"acs:ram:*:{ACCOUNT}:role/*")
    narrow = day.does("a session with less", alice, "sts", "AssumeRole", Policy=policy(allow("kms:Decrypt")), **assume)
    narrow = session(narrow)
    day.does("decrypts", narrow, "kms", "Decrypt", CiphertextBlob=blob)
    day.denied(
        "and does not encrypt", narrow, "kms", "Encrypt", "kms:Encrypt", key_arn(apollo), of="SessionPolicy", KeyId=apollo, Plaintext=SECRET
    )
    day.fails(
        "a session is no longer than its role lets it", alice, "sts", "AssumeRole", "InvalidParameter.DurationSeconds", 400,
        DurationSeconds=7200, **assume
    )
    day.does("the role lets it", owner, "ram", "UpdateRole", RoleName="pilot", NewMaxSessionDuration=7200)
    day.does("and it is", alice, "sts", "AssumeRole", DurationSeconds=7200, **assume)
    owner.new_policy("landed", policy(deny("kms:*", "*", {"StringEquals": {"acs:PrincipalARN": role_arn("pilot")}})))
    day.does("a Deny for the role", owner, "ram", "AttachPolicyToRole", RoleName="pilot", PolicyType="Custom", PolicyName="landed")
    day.denied(
        "meets the sessions that are under way",
        pilot,
        "kms",
        "DescribeKey",
        "kms:DescribeKey",
        key_arn(apollo),
        explicit=True,
        by="landed",
        KeyId=apollo,
    )
    day.does("and goes", owner, "ram", "DetachPolicyFromRole", RoleName="pilot", PolicyType="Custom", PolicyName="landed")
    day.does("as it came", pilot, "kms", "DescribeKey", KeyId=apollo)

    # What is not built says so.
    for operation, parameters in [("ListSecrets", {}), ("GetRandomPassword", {})]:
        day.fails(f"{operation} is not built", owner, "kms", operation, "UnsupportedOperation", 400, **parameters)
    young = "Rejected.UnsupportedOperation"
    day.fails("a young key gets no other version", owner, "kms", "CreateKeyVersion", young, 400, KeyId=apollo)

    # At the end everything is put away, in the order that the vendor asks for.
    day.fails("a user with belongings stays", owner, "ram", "DeleteUser", {"DeleteConflict.User.AccessKey", "DeleteConflict.User.Policy"}, 409, UserName="alice")
    takes("alice", "pilots")
    day.does("its access key goes", owner, "ram", "DeleteAccessKey", UserName="alice", UserAccessKeyId=alice.credentials[0])
    day.does("and then the user", owner, "ram", "DeleteUser", UserName="alice")
    day.fails("whose access key is known no more", alice, "kms", "ListKeys", "InvalidAccessKeyId.NotFound", 404)
    day.fails("a policy with versions stays", owner, "ram", "DeletePolicy", "DeleteConflict.Policy.Version", 409, PolicyName="network")

    print(f"{day.steps} steps, {len(day.surprises)} surprises")
    assert day.steps >= LEAST
    assert not day.surprises, f"{len(day.surprises)} of {day.steps} steps surprise:\n" + "\n".join(day.surprises)
