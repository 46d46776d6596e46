"""The AWS clients under test: boto3, the aws command, and raw requests that no SDK would send."""

import base64
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
from botocore import UNSIGNED, xform_name
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from aws_names import REGION, role_arn
from refusal import Refusal, Refused

OWNER = ("test", "test")


class Aws:
    """boto3 for one caller; `kms`, `iam` and `sts` are its clients."""

    name = "boto3"

    def __init__(self, endpoint, credentials=OWNER, region=REGION):
        self.endpoint, self.credentials, self.region = endpoint, tuple(credentials), region

    def client(self, service, **config):
        """A client of a service; `config` goes to botocore's Config."""
        settings = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20, **config)
        key_id, secret, *token = self.credentials
        return boto3.Session().client(
            service,
            self.region,
            endpoint_url=self.endpoint,
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            aws_session_token=token[0] if token else None,
            config=settings,
        )

    def __getattr__(self, service):
        if service not in ("kms", "iam", "sts", "resourcegroupstaggingapi"):
            raise AttributeError(service)
        made = self.client(service)
        setattr(self, service, made)
        return made

    def unchecked(self, service):
        """A client that sends what the SDK would refuse to send."""
        return self.client(service, parameter_validation=False)

    def unsigned(self, service):
        """A client that does not sign."""
        return self.client(service, signature_version=UNSIGNED)

    def as_(self, credentials):
        """The same kind of client for another caller."""
        return type(self)(self.endpoint, credentials, self.region)

    def in_(self, region):
        """The same client in another region."""
        return type(self)(self.endpoint, self.credentials, region)

    def call(self, service, operation, **parameters):
        """Calls an operation by its name."""
        return getattr(getattr(self, service), xform_name(operation))(**parameters)

    def new_key(self, **parameters):
        """The id of a new key."""
        return self.call("kms", "CreateKey", **parameters)["KeyMetadata"]["KeyId"]

    def new_user(self, name, *inline):
        """A new user with inline policies; answers its credentials."""
        self.call("iam", "CreateUser", UserName=name)
        for number, document in enumerate(inline):
            self.call("iam", "PutUserPolicy", UserName=name, PolicyName=f"p{number}", PolicyDocument=document)
        key = self.call("iam", "CreateAccessKey", UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def new_role(self, name, trusted, *inline):
        """A new role with a trust policy and inline policies."""
        self.call("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=trusted)
        for number, document in enumerate(inline):
            self.call("iam", "PutRolePolicy", RoleName=name, PolicyName=f"p{number}", PolicyDocument=document)

    def assume(self, role, session="session", **parameters):
        """The credentials of a role session."""
        answer = self.call("sts", "AssumeRole", RoleArn=role_arn(role), RoleSessionName=session, **parameters)
        made = answer["Credentials"]
        return made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]


class AwsCli(Aws):
    """The aws command for one caller. It shows no HTTP status."""

    name = "aws-cli"
    BLOBS = ("Plaintext", "CiphertextBlob")
    FAILURE = re.compile(
        r"An error occurred \((\S+)\) when calling the \S+ operation(?: \(reached.*?\))?: ?(.*)", re.DOTALL
    )

    def call(self, service, operation, **parameters):
        with tempfile.TemporaryDirectory() as folder:
            blobs = self._blob_options(Path(folder), parameters)
            plain = {name: value for name, value in parameters.items() if not isinstance(value, bytes)}
            done = subprocess.run(
                [*self._command(), service, xform_name(operation, "-"), "--cli-input-json", json.dumps(plain), *blobs],
                env=self._environment(),
                capture_output=True,
                text=True,
                timeout=60,
            )
        if done.returncode != 0:
            raise self._refusal(done.stderr)
        answer = json.loads(done.stdout) if done.stdout.strip() else {}
        return {name: base64.b64decode(value) if name in self.BLOBS else value for name, value in answer.items()}

    def _command(self):
        aws = Path(sys.executable).with_name("aws")
        return [sys.executable, str(aws), "--endpoint-url", self.endpoint, "--region", self.region, "--output", "json"]

    def _environment(self):
        key_id, secret, *token = self.credentials
        own = {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": ""}
        return {**os.environ, **own, **({"AWS_SESSION_TOKEN": token[0]} if token else {})}

    @staticmethod
    def _blob_options(folder, parameters):
        options = []
        for name, value in parameters.items():
            if isinstance(value, bytes):
                path = folder / name
                path.write_bytes(value)
                options += ["--" + xform_name(name, "-"), f"fileb://{path}"]
        return options

    @classmethod
    def _refusal(cls, said):
        failure = cls.FAILURE.search(said)
        if failure is None:
            return AssertionError(f"aws said: {said}")
        return Refused(Refusal(failure[1], None, failure[2].strip()))


def sign(method, url, service, body=b"", headers=None, credentials=OWNER, region=REGION):
    """The headers of a request, signed by botocore's own signer."""
    key_id, secret, *token = credentials
    request = AWSRequest(method=method, url=url, data=body, headers=dict(headers or {}))
    SigV4Auth(Credentials(key_id, secret, token[0] if token else None), service, region).add_auth(request)
    return dict(request.headers.items())


def send(server, method, path, body=b"", headers=None):
    """Sends a request as it is; answers status, headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def kms_headers(operation):
    """The headers that name a KMS operation."""
    return {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"TrentService.{operation}"}


def raw_kms(server, operation, body, **signing):
    """Sends a signed KMS request with this body; answers status and decoded body."""
    headers = sign("POST", f"{server.endpoint}/", "kms", body, kms_headers(operation), **signing)
    status, _, answer = send(server, "POST", "/", body, headers)
    return status, json.loads(answer or b"{}")


def error_type(answer):
    """The code in the body of a KMS error."""
    return answer["__type"].rpartition("#")[2]
