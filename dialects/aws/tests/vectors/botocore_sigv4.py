"""Writes botocore_sigv4.json: requests as botocore signs them, with a fixed clock and without a network."""

import datetime
import json
import pathlib
import urllib.parse

import botocore
import botocore.auth
import botocore.session
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.credentials import Credentials
from botocore.signers import RequestSigner

NOW = datetime.datetime(2026, 11, 24, 0, 10, 0, tzinfo=datetime.timezone.utc)
AKID, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJ+a/b==" * 6
botocore.auth.get_current_datetime = lambda *args, **kwargs: NOW

vectors = []


def record(name, service, region, request, token=None, presigned=False):
    url = urllib.parse.urlsplit(request.url)
    default = {"http": 80, "https": 443}[url.scheme]
    host = url.hostname if url.port in (None, default) else url.netloc
    headers = [(k, v.decode() if isinstance(v, bytes) else str(v)) for k, v in request.headers.items()]
    if not any(k.lower() == "host" for k, _ in headers):
        headers.insert(0, ("Host", host))
    body = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    vectors.append({
        "name": name, "service": service, "region": region, "token": token, "presigned": presigned,
        "method": request.method, "target": (url.path or "/") + ("?" + url.query if url.query else ""),
        "headers": headers, "body": body.decode() if isinstance(body, bytes) else body,
    })


def client(service, region, token=None, endpoint=None):
    session = botocore.session.Session()
    session.set_credentials(AKID, SECRET, token)
    return session.create_client(service, region_name=region, endpoint_url=endpoint)


def call(name, service, region, operation, token=None, endpoint=None, **arguments):
    made = client(service, region, token, endpoint)

    def capture(request, **_):
        record(name, service, region, request, token)
        body = b"{}" if service == "kms" else f"<{operation}Response><{operation}Result/></{operation}Response>".encode()
        response = AWSResponse(request.url, 200, {}, None)
        response._content = body
        return response

    made.meta.events.register("before-send.*.*", capture)
    made._make_api_call(operation, arguments)


call("kms encrypt", "kms", "us-east-1", "Encrypt", KeyId="alias/a", Plaintext=b"\x00\x01", EncryptionContext={"k v": "é*~+/"})
call("kms unicode body", "kms", "eu-central-1", "CreateKey", Description="鍵 ключ 🔑", Tags=[{"TagKey": "ü", "TagValue": " a  b "}])
call("kms session token", "kms", "us-east-1", "GenerateDataKey", token=TOKEN, KeyId="alias/a", KeySpec="AES_256")
call("kms custom port", "kms", "local-1", "ListKeys", endpoint="http://127.0.0.1:4566")
call("kms custom port and token", "kms", "cn-north-1", "DescribeKey", token=TOKEN, endpoint="https://kms.example.test:8443", KeyId="1234")
call("sts caller identity", "sts", "us-east-1", "GetCallerIdentity")
call("sts caller identity of a session", "sts", "eu-west-1", "GetCallerIdentity", token=TOKEN)
call("sts assume role", "sts", "ap-southeast-2", "AssumeRole", RoleArn="arn:aws:iam::123456789012:role/a+b=c,d.e@f", RoleSessionName="session")
call("iam list users", "iam", "us-east-1", "ListUsers", PathPrefix="/é /+/")


def presign(name, token=None, header=None, region="us-east-1", endpoint=None):
    made = client("sts", region, token, endpoint)
    signer = RequestSigner(made.meta.service_model.service_id, region, "sts", "v4", Credentials(AKID, SECRET, token), made.meta.events)
    url = (endpoint or f"https://sts.{region}.amazonaws.com") + "/?Action=GetCallerIdentity&Version=2011-06-15"
    signed = signer.generate_presigned_url(
        {"method": "GET", "url": url, "body": {}, "headers": header or {}, "context": {}},
        region_name=region, expires_in=60, operation_name="")
    request = AWSRequest("GET", signed, headers=header or {})
    record(name, "sts", region, request, token, presigned=True)


presign("sts presigned")
presign("sts presigned by a session", token=TOKEN)
presign("sts presigned for a cluster", token=TOKEN, header={"x-k8s-aws-id": "my-cluster"}, region="eu-north-1")
presign("sts presigned custom port", endpoint="http://localhost:4566")


def plain(name, method, url, headers=None, body=b"", token=None, service="kms", region="us-east-1"):
    request = AWSRequest(method, url, headers=headers or {}, data=body)
    botocore.auth.SigV4Auth(Credentials(AKID, SECRET, token), service, region).add_auth(request)
    record(name, service, region, request.prepare(), token)


plain("odd path and query", "GET", "https://kms.us-east-1.amazonaws.com/a//./b/../%E3%81%82%20c/?b=2&a-b=3&a=%2F%20x&a=1&a=1&empty=&~=%7E".replace("%7E", "~"))
plain("odd header space", "POST", "https://kms.us-east-1.amazonaws.com/", {"X-Amz-Meta": "a   b \t c", "Content-Type": "text/plain"}, b"x")
plain("unicode body", "POST", "https://kms.us-east-1.amazonaws.com/", {"X-Amz-Target": "TrentService.CreateKey"}, '{"Description":"鍵 🔑"}'.encode())
plain("date header", "POST", "https://kms.us-east-1.amazonaws.com/", {"Date": "any"}, b"{}")

document = {
    "made_with": f"botocore {botocore.__version__}", "now": "2026-11-24T00:10:00Z",
    "access_key_id": AKID, "secret": SECRET, "vectors": vectors,
}
path = pathlib.Path(__file__).with_name("botocore_sigv4.json")
path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
print(len(vectors), "vectors")
