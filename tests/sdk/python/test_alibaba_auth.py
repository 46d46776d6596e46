"""Who may speak to the Alibaba Cloud services at all: signatures, access keys, dates, nonces, operations, formats."""

import datetime
import hashlib
import re
from unittest import mock

import pytest

from alibaba_client import NewSdk, canonical, common_parameters, get_json, get_xml, sealed
from alibaba_names import (
    EXPIRED_TIME,
    MISMATCH,
    NOT_BUILT,
    UNKNOWN_ACCESS_KEY,
    UNKNOWN_ACTION,
    USED_NONCE,
    allow,
    policy,
    trust,
    user_arn,
)
from aws_client import send
from refusal import refused

STRANGER = ("LTAI5tNobodyKnowsThisOne", "wJalrXUtnFEMIK7MDENGbPxRfiCYEX")


def list_keys(**more):
    """A complete, correctly signed ListKeys of the first signature, with changes made before signing."""
    return sealed("GET", {**common_parameters("kms", "ListKeys"), **more}, "test")


@pytest.mark.parametrize(
    "config",
    [{}, {"signature_algorithm": "ACS3-HMAC-SM3"}, {"signature_algorithm": "v2"}],
    ids=["ACS3-HMAC-SHA256", "ACS3-HMAC-SM3", "HMAC-SHA1"],
)
def test_each_signature_of_the_new_sdk_is_understood(new_sdk, config):
    context = {"EncryptionContext": {"k v": "é*~+/ &=%"}}
    client = new_sdk.client("kms", **config)
    key = new_sdk.invoke(client, "kms", "CreateKey", Description="a b+c*d~e/é%")["KeyMetadata"]
    assert key["Description"] == "a b+c*d~e/é%"
    sealed_text = new_sdk.invoke(client, "kms", "Encrypt", KeyId=key["KeyId"], Plaintext="aGk=", **context)
    opened = new_sdk.invoke(client, "kms", "Decrypt", CiphertextBlob=sealed_text["CiphertextBlob"], **context)
    assert opened["Plaintext"] == "aGk="
    wrong = new_sdk.as_(("test", "wrong")).client("kms", **config)
    with refused("SignatureDoesNotMatch", 400):
        new_sdk.invoke(wrong, "kms", "ListKeys")


def test_a_signature_that_is_not_built_is_refused_and_not_misread(new_sdk):
    client = new_sdk.client("kms", signature_version="v4")
    with pytest.raises(Exception, match="IncompleteSignature code: 400.*algorithm is not supported"):
        new_sdk.invoke(client, "kms", "ListKeys")


def test_a_wrong_secret_does_not_sign(new_sdk, old_sdk):
    alice = new_sdk.new_user("alice", policy(allow("*")))
    for service, operation in (("kms", "ListKeys"), ("ram", "ListUsers"), ("sts", "GetCallerIdentity")):
        with refused("SignatureDoesNotMatch", 400, MISMATCH):
            new_sdk.as_((alice[0], "wrong")).call(service, operation)
    # The old SDK compares the string to sign in the message with its own before it says this; for requests without a
    # class of their own, as those to RAM and STS are, it forgets its own.
    text = "The AccessKeySecret is incorrect. Please check your AccessKeyId and AccessKeySecret."
    with refused("InvalidAccessKeySecret", 400, text):
        old_sdk.as_((alice[0], "wrong")).call("kms", "ListKeys")
    for service, operation in (("ram", "ListUsers"), ("sts", "GetCallerIdentity")):
        with refused("SignatureDoesNotMatch", 400, MISMATCH):
            old_sdk.as_((alice[0], "wrong")).call(service, operation)


def test_an_unknown_access_key_is_refused(alibaba):
    stranger = alibaba.as_(STRANGER)
    for service, operation in (("kms", "ListKeys"), ("ram", "ListUsers"), ("sts", "GetCallerIdentity")):
        with refused("InvalidAccessKeyId.NotFound", 404, UNKNOWN_ACCESS_KEY):
            stranger.call(service, operation)


def test_an_inactive_access_key_is_refused_until_it_is_active_again(alibaba):
    alice = alibaba.as_(alibaba.new_user("alice", policy(allow("*"))))
    key = {"UserName": "alice", "UserAccessKeyId": alice.credentials[0]}
    alibaba.ram("UpdateAccessKey", **key, Status="Inactive")
    for service, operation in (("kms", "ListKeys"), ("sts", "GetCallerIdentity")):
        with refused("InvalidAccessKeyId.Inactive", {400, 403}):
            alice.call(service, operation)
    alibaba.ram("UpdateAccessKey", **key, Status="Active")
    alice.kms("ListKeys")
    alibaba.ram("DeleteAccessKey", **key)
    with refused("InvalidAccessKeyId.NotFound", 404, UNKNOWN_ACCESS_KEY):
        alice.kms("ListKeys")


def test_a_changed_parameter_is_noticed(server):
    request = list_keys(PageSize="2")
    status, answer = get_json(server, {**request, "PageSize": "3"})
    assert (status, answer["Code"]) == (400, "SignatureDoesNotMatch") and MISMATCH.fullmatch(answer["Message"])
    status, answer = get_json(server, {**request, "Action": "CreateKey"})
    assert (status, answer["Code"]) == (400, "SignatureDoesNotMatch")
    assert get_json(server, request)[0] == 200


def test_a_nonce_works_once(server):
    request = list_keys()
    assert get_json(server, request)[0] == 200
    status, answer = get_json(server, request)
    assert (status, answer["Code"], answer["Message"]) == (400, "SignatureNonceUsed", USED_NONCE)


def test_a_nonce_is_kept_until_its_date_is_too_old_and_no_longer(own_server):
    start = datetime.datetime.now(datetime.timezone.utc)

    def asked(minutes):
        """The same nonce, dated as the server's clock is after so many minutes."""
        moment = start + datetime.timedelta(minutes=minutes)
        parameters = {**common_parameters("kms", "ListKeys", moment=moment), "SignatureNonce": "once"}
        status, answer = get_json(own_server, sealed("GET", parameters, "test"))
        return answer["Code"] if status != 200 else "done"

    assert asked(0) == "done"
    own_server.advance("14m")
    assert asked(14) == "SignatureNonceUsed"
    own_server.advance("2m")
    assert asked(16) == "done"


def test_a_forged_request_does_not_use_up_a_nonce(server):
    request = list_keys()
    assert get_json(server, {**request, "Signature": "AAAA"})[0] == 400
    assert get_json(server, request)[0] == 200


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_date_far_from_now_is_refused(server, minutes):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    request = sealed("GET", common_parameters("kms", "ListKeys", moment=moment), "test")
    status, answer = get_json(server, request)
    assert (status, answer["Code"], answer["Message"]) == (400, "InvalidTimeStamp.Expired", EXPIRED_TIME)


def test_a_date_that_is_no_date_is_refused(server):
    status, answer = get_json(server, list_keys(Timestamp="yesterday"))
    assert (status, answer["Code"]) == (400, "InvalidTimeStamp.Format")


def test_a_request_without_signature_is_refused(server):
    complete = list_keys()
    for missing in ("Signature", "AccessKeyId"):
        request = {name: value for name, value in complete.items() if name != missing}
        status, answer = get_json(server, request)
        assert (status, answer["Code"]) == (400, f"Missing{missing}"), answer


def test_a_header_signature_covers_the_body(server):
    """A form body that was not signed may add no parameter."""
    seen = {}

    def capture(request, _):
        seen.update(request.headers, target="/?" + "&".join(f"{k}={v}" for k, v in (request.query or {}).items()))
        raise InterruptedError

    with mock.patch("darabonba.core.DaraCore.do_action", capture):
        with pytest.raises(Exception):
            NewSdk(server).kms("ListKeys")
    target = seen.pop("target").rstrip("?/") or "/"
    body = b"PageSize=1"
    form = {"content-type": "application/x-www-form-urlencoded"}
    status, _, answer = send(server, "POST", target, body, {**seen, **form})
    assert status == 400 and (b"SignatureDoesNotMatch" in answer or b"IncompleteSignature" in answer)
    changed = {**seen, **form, "x-acs-content-sha256": hashlib.sha256(body).hexdigest()}
    status, _, answer = send(server, "POST", target, body, changed)
    assert status == 400 and (b"SignatureDoesNotMatch" in answer or b"IncompleteSignature" in answer)
    assert send(server, "POST", target, b"", seen)[0] == 200


def test_an_operation_that_the_vendor_does_not_have_is_unknown(alibaba):
    for version in ("2016-01-20", "2015-05-01", "2015-04-01"):
        with refused("InvalidAction.NotFound", 404, UNKNOWN_ACTION):
            alibaba.any_call(version, "MakeCoffee", {})
    with refused("InvalidVersion", {400, 404}):
        alibaba.any_call("1999-01-01", "ListKeys", {})
    # An operation belongs to its service.
    with refused("InvalidAction.NotFound", 404, UNKNOWN_ACTION):
        alibaba.any_call("2015-04-01", "ListKeys", {})


def test_an_operation_that_is_not_built_says_so(alibaba):
    more = {"KmsInstanceId": "kst-1", "VpcId": "v", "ZoneIds": "z", "VSwitchIds": "s", "KMProvider": "Aliyun"}
    with refused("UnsupportedOperation", 400, re.compile(re.escape(NOT_BUILT) + " `ConnectKmsInstance`: .+")):
        alibaba.kms("ConnectKmsInstance", **more)


def test_errors_have_the_fields_that_clients_read(server):
    status, answer = get_json(server, list_keys(Action="DescribeKey", KeyId="none"))
    assert status == 404 and answer["Code"] == "Forbidden.KeyNotFound"
    assert all(isinstance(answer[name], str) for name in ("Code", "Message", "RequestId", "HostId"))
    assert isinstance(answer.get("Recommend", ""), str) and answer.get("HttpStatus", 404) == 404


def test_answers_come_in_xml_when_asked_for(server):
    status, root = get_xml(server, list_keys(Format="XML"))
    assert status == 200 and root.tag in ("KMS", "ListKeysResponse")
    assert root.findtext("TotalCount") == "0" and root.findtext("RequestId")
    status, root = get_xml(server, list_keys(Format="XML", Action="DescribeKey", KeyId="none"))
    assert status == 404 and root.tag in ("KMS", "Error") and root.findtext("Code") == "Forbidden.KeyNotFound"


def test_a_parameter_given_twice_is_not_guessed_at(server):
    """Which of two values a signature covers must not differ from the one that is used."""
    path = "/?" + canonical(list_keys(PageSize="2"))
    for twice in (path + "&PageSize=1", path.replace("/?", "/?PageSize=1&")):
        assert send(server, "GET", twice)[0] == 400


def test_every_answer_has_a_request_id(alibaba):
    found = [
        alibaba.call(*which)["RequestId"]
        for which in (("kms", "ListKeys"), ("ram", "ListUsers"), ("sts", "GetCallerIdentity"))
    ]
    assert len(set(found)) == 3 and all(re.fullmatch(r"[0-9A-Fa-f-]{36}", name) for name in found)


def test_an_expired_session_is_refused(own_server):
    owner = NewSdk(own_server)
    alice = owner.as_(owner.new_user("alice", policy(allow("*"))))
    owner.new_role("reader", trust(user_arn("alice")), policy(allow("kms:*")))
    key_id, secret, token = alice.assume("reader", DurationSeconds=900)
    alice.as_((key_id, secret, token)).kms("ListKeys")
    own_server.advance("16m")
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=16)
    wanted = {
        "kms": ("ListKeys", {"InvalidAccessKeyId.NotFound"}),
        "sts": ("GetCallerIdentity", {"InvalidSecurityToken.Expired"}),
    }
    for service, (operation, codes) in wanted.items():
        common = {**common_parameters(service, operation, key_id, later), "SecurityToken": token}
        status, answer = get_json(own_server, sealed("GET", common, secret))
        assert status in (400, 403, 404) and answer["Code"] in codes, answer
