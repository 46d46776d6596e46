"""What other clients of AWS read off the wire: JSON of query services, signed links, names of headers."""

import base64
import json
import socket
import urllib.error
import urllib.parse
import urllib.request

import bson
import pytest
from pymongocrypt.mongocrypt import MongoCryptOptions
from pymongocrypt.synchronous.explicit_encrypter import ExplicitEncrypter
from pymongocrypt.synchronous.state_machine import MongoCryptCallback

from aws_client import OWNER, send, sign
from aws_names import ACCOUNT, REGION, ROOT_ARN, allow, policy, role_arn, trust, user_arn

JSON = {"Accept": "application/json"}


def asked(server, service, version, headers=None, credentials=OWNER, **parameters):
    """Asks a query service for JSON; answers status, type and the decoded body."""
    body = urllib.parse.urlencode({"Version": version, **parameters}).encode()
    given = {"Content-Type": "application/x-www-form-urlencoded", **JSON, **(headers or {})}
    signed = sign("POST", f"{server.endpoint}/", service, body, given, credentials)
    status, answered, answer = send(server, "POST", "/", body, signed)
    return status, answered["Content-Type"], json.loads(answer)


def sts(server, action, **parameters):
    return asked(server, "sts", "2011-06-15", Action=action, **parameters)


def iam(server, action, **parameters):
    return asked(server, "iam", "2010-05-08", Action=action, **parameters)


def opened(link, headers=None):
    """Opens a link; answers status, type and body."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(link, headers=headers or {}), timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers["Content-Type"], refused.read()


def test_a_token_of_eks_is_told_as_json(server, aws):
    link = aws.sts.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    status, content_type, body = opened(link, JSON)
    answer = json.loads(body)
    assert (status, content_type) == (200, "application/json")
    request_id = answer["GetCallerIdentityResponse"]["ResponseMetadata"].pop("RequestId")
    assert request_id and answer == {
        "GetCallerIdentityResponse": {
            "GetCallerIdentityResult": {"Arn": ROOT_ARN, "UserId": ACCOUNT, "Account": ACCOUNT},
            "ResponseMetadata": {},
        }
    }


def test_refusals_are_json_too(server, aws):
    link = aws.sts.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    status, content_type, body = opened(link.replace("GetCallerIdentity", "GetSessionToken"), JSON)
    answer = json.loads(body)
    assert (status, content_type) == (403, "application/json")
    assert answer["Error"]["Code"] == "SignatureDoesNotMatch" and answer["Error"]["Type"] == "Sender"
    assert set(answer) == {"Error", "RequestId"} and "does not match" in answer["Error"]["Message"]
    status, _, answer = iam(server, "GetUser", UserName="nobody")
    text = "The user with name nobody cannot be found."
    assert (status, answer["Error"]) == (404, {"Code": "NoSuchEntity", "Message": text, "Type": "Sender"})
    status, _, answer = iam(server, "NoSuchThing")
    assert (status, answer["Error"]["Code"]) == (400, "InvalidAction")
    status, _, answer = sts(server, "AssumeRole", RoleArn="x", RoleSessionName="ab")
    assert (status, answer["Error"]["Code"]) == (400, "ValidationError")


def test_dates_lists_and_documents_of_json_are_json(server, aws):
    aws.new_user("alice")
    status, content_type, answer = iam(server, "ListUsers")
    assert (status, content_type) == (200, "application/json")
    listed = answer["ListUsersResponse"]["ListUsersResult"]
    [user] = listed["Users"]
    made = aws.iam.get_user(UserName="alice")["User"]["CreateDate"].timestamp()
    assert (user["UserName"], int(user["CreateDate"])) == ("alice", int(made)) and listed["IsTruncated"] is False
    alice = aws.as_(aws.new_user("bob", policy(allow("sts:AssumeRole"))))
    aws.new_role("reader", trust(user_arn("bob")))
    got = sts(server, "AssumeRole", RoleArn=role_arn("reader"), RoleSessionName="session", credentials=alice.credentials)
    credentials = got[2]["AssumeRoleResponse"]["AssumeRoleResult"]["Credentials"]
    assert isinstance(credentials["Expiration"], float) and credentials["AccessKeyId"].startswith("ASIA")
    _, _, answer = iam(server, "DeleteUser", UserName="alice")
    assert answer["Error"]["Code"] == "DeleteConflict"


@pytest.mark.parametrize(
    "headers, content_type",
    [
        ({}, "text/xml"),
        ({"Accept": "*/*"}, "text/xml"),
        ({"Accept": "text/xml, application/json"}, "text/xml"),
        ({"Accept": "application/json, text/plain, */*"}, "application/json"),
        ({"Content-Type": "application/json"}, "application/json"),
    ],
)
def test_the_format_is_the_one_that_is_asked_for(server, aws, headers, content_type):
    link = aws.sts.generate_presigned_url("get_caller_identity", HttpMethod="GET")
    assert opened(link, headers)[:2] == (200, content_type)


@pytest.mark.parametrize("life", [60, 86_400])
def test_a_link_of_sts_lives_a_quarter_of_an_hour(own_server, life):
    from aws_client import Aws

    link = Aws(own_server.endpoint).sts.generate_presigned_url("get_caller_identity", ExpiresIn=life, HttpMethod="GET")
    own_server.advance("14m")
    assert opened(link)[0] == 200
    own_server.advance("2m")
    status, _, body = opened(link)
    assert status == 403 and b"<Code>SignatureDoesNotMatch</Code>" in body and b"15 min." in body


def raw(server, request):
    """The bytes that answer a request."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


@pytest.mark.parametrize(
    "line, headers",
    [
        (b"GET /healthz", b""),
        (b"POST /", b"X-Amz-Target: TrentService.ListKeys\r\nContent-Type: application/x-amz-json-1.1\r\n"),
        (b"GET /?Action=GetCallerIdentity&Version=2011-06-15", b""),
        (b"GET /?Action=ListKeys&Version=2016-01-20", b""),
        (b"GET /?Action=ListUsers&Version=2015-05-01", b""),
        (b"GET /nothing", b""),
    ],
)
def test_names_of_headers_are_in_title_case(server, line, headers):
    request = line + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + headers + b"\r\n"
    head = raw(server, request).partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    names = [line.partition(b":")[0] for line in head]
    assert {b"Content-Type", b"Content-Length", b"Date", b"Connection"} <= set(names), head
    assert all(part[:1].isupper() or not part[:1].isalpha() for name in names for part in name.split(b"-")), head


class Callback(MongoCryptCallback):
    """What a MongoDB driver does for its encryption library, over plain sockets."""

    def __init__(self, server):
        self.server, self.stored = server, None

    def kms_request(self, kms_context):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as connection:
            connection.sendall(kms_context.message)
            while kms_context.bytes_needed > 0:
                part = connection.recv(kms_context.bytes_needed)
                assert part, "the answer ended too early"
                kms_context.feed(part)

    def fetch_keys(self, filter):
        yield self.stored

    def insert_data_key(self, data_key):
        self.stored = data_key
        return bson.decode(data_key)["_id"]

    def bson_encode(self, doc):
        return bson.encode(doc)

    def collection_info(self, database, filter):
        raise NotImplementedError

    def mark_command(self, database, cmd):
        raise NotImplementedError

    def close(self):
        pass


def test_field_level_encryption_of_mongodb_works(server, aws):
    key = aws.new_key()
    callback = Callback(server)
    providers = {"aws": {"accessKeyId": OWNER[0], "secretAccessKey": OWNER[1]}}
    algorithm = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"

    def encrypter():
        return ExplicitEncrypter(callback, MongoCryptOptions(providers))

    master = {"region": REGION, "key": key, "endpoint": server.address}
    data_key = encrypter().create_data_key("aws", master)
    sealed = encrypter().encrypt(bson.encode({"v": "secret"}), algorithm, key_id=data_key)
    # A library of its own asks KMS to decrypt the data key.
    assert bson.decode(encrypter().decrypt(sealed)) == {"v": "secret"}
    assert base64.b64encode(b"secret") not in base64.b64encode(sealed)
