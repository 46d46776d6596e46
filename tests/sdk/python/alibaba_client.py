"""The Alibaba Cloud clients under test: both SDK generations behind one call, and raw requests of signature 1.0."""

import base64
import datetime
import hashlib
import hmac
import importlib
import json
import urllib.parse
import uuid
import xml.etree.ElementTree as ElementTree

from alibabacloud_kms20160120 import models as kms_models
from alibabacloud_kms20160120.client import Client as KmsClient
from alibabacloud_ram20150501 import models as ram_models
from alibabacloud_ram20150501.client import Client as RamClient
from alibabacloud_sts20150401 import models as sts_models
from alibabacloud_sts20150401.client import Client as StsClient
from alibabacloud_tea_openapi.models import Config, OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions
from aliyunsdkcore.auth.credentials import StsTokenCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest
from botocore import xform_name

from alibaba_names import REGION, role_arn
from aws_client import send

OWNER = ("test", "test")
VERSIONS = {"kms": "2016-01-20", "ram": "2015-05-01", "sts": "2015-04-01"}


class Alibaba:
    """What the clients of both generations have in common."""

    def __init__(self, server, credentials=OWNER, region=REGION):
        self.server, self.credentials, self.region = server, tuple(credentials), region

    def as_(self, credentials):
        """The same kind of client for another caller."""
        return type(self)(self.server, credentials, self.region)

    def kms(self, operation, **parameters):
        """Calls an operation of KMS."""
        return self.call("kms", operation, **parameters)

    def ram(self, operation, **parameters):
        """Calls an operation of RAM."""
        return self.call("ram", operation, **parameters)

    def sts(self, operation, **parameters):
        """Calls an operation of STS."""
        return self.call("sts", operation, **parameters)

    def new_key(self, **parameters):
        """The id of a new key."""
        return self.kms("CreateKey", **parameters)["KeyMetadata"]["KeyId"]

    def state(self, key):
        """The state of a key."""
        return self.kms("DescribeKey", KeyId=key)["KeyMetadata"]["KeyState"]

    def new_policy(self, name, document):
        """A new custom policy; answers how attachments name it."""
        self.ram("CreatePolicy", PolicyName=name, PolicyDocument=document)
        return {"PolicyType": "Custom", "PolicyName": name}

    def new_user(self, name, *documents):
        """A new user with custom policies of its own; answers its credentials."""
        self.ram("CreateUser", UserName=name, DisplayName=name)
        for number, document in enumerate(documents):
            self.ram("AttachPolicyToUser", UserName=name, **self.new_policy(f"{name}-p{number}", document))
        return self.new_access_key(name)

    def new_access_key(self, user):
        """The credentials of a new access key."""
        made = self.ram("CreateAccessKey", UserName=user)["AccessKey"]
        return made["AccessKeyId"], made["AccessKeySecret"]

    def new_role(self, name, trusted, *documents):
        """A new role with a trust policy and custom policies of its own."""
        self.ram("CreateRole", RoleName=name, AssumeRolePolicyDocument=trusted)
        for number, document in enumerate(documents):
            self.ram("AttachPolicyToRole", RoleName=name, **self.new_policy(f"{name}-p{number}", document))

    def assume(self, role, session="session", **parameters):
        """The credentials of a role session."""
        answer = self.sts("AssumeRole", RoleArn=role_arn(role), RoleSessionName=session, **parameters)
        made = answer["Credentials"]
        return made["AccessKeyId"], made["AccessKeySecret"], made["SecurityToken"]


class NewSdk(Alibaba):
    """The SDKs of the new generation, which sign in a header."""

    name = "new"
    SERVICES = {
        "kms": (KmsClient, kms_models),
        "ram": (RamClient, ram_models),
        "sts": (StsClient, sts_models),
    }

    def client(self, service, **config):
        """The SDK's own client of a service; `config` goes to its Config."""
        key_id, secret, *token = self.credentials
        made = Config(
            access_key_id=key_id,
            access_key_secret=secret,
            security_token=token[0] if token else None,
            endpoint=self.server.address,
            protocol="http",
            region_id=self.region,
            read_timeout=20000,
            connect_timeout=5000,
            **config,
        )
        return self.SERVICES[service][0](made)

    def call(self, service, operation, **parameters):
        """Calls an operation through the method and the model that the SDK has for it."""
        return self.invoke(self.client(service), service, operation, **parameters)

    def invoke(self, client, service, operation, **parameters):
        """Calls an operation with a client that was made before."""
        method = getattr(client, xform_name(operation.replace("MFADevice", "Mfadevice").replace("MFAInfo", "Mfainfo")))
        model = getattr(self.SERVICES[service][1], f"{operation}Request", None)
        answer = method(model().from_map(parameters)) if model else method()
        assert answer.status_code == 200
        return answer.body.to_map()

    def any_call(self, version, operation, query):
        """Calls an operation that the SDK may not know."""
        params = Params(
            action=operation,
            version=version,
            protocol="HTTP",
            pathname="/",
            method="POST",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        )
        return self.client("sts").call_api(params, OpenApiRequest(query=query), RuntimeOptions())["body"]


class OldSdk(Alibaba):
    """The SDK of the old generation, which signs in the query; it has generated requests for KMS only."""

    name = "old"

    def call(self, service, operation, **parameters):
        """Calls an operation through a generated request, or through a common one."""
        request = (
            self._generated(operation, parameters) if service == "kms" else self._common(service, operation, parameters)
        )
        request.set_protocol_type("http")
        return json.loads(self._client().do_action_with_exception(request))

    def any_call(self, version, operation, query):
        """Calls an operation that the SDK may not know."""
        request = CommonRequest(domain=self.server.address, version=version, action_name=operation)
        request.set_protocol_type("http")
        request.set_query_params(dict(query))
        return json.loads(self._client().do_action_with_exception(request))

    def _client(self):
        key_id, secret, *token = self.credentials
        options = {"region_id": self.region, "timeout": 20, "connect_timeout": 5, "auto_retry": False}
        if token:
            return AcsClient(credential=StsTokenCredential(key_id, secret, token[0]), **options)
        return AcsClient(key_id, secret, **options)

    def _generated(self, operation, parameters):
        module = importlib.import_module(f"aliyunsdkkms.request.v20160120.{operation}Request")
        request = getattr(module, f"{operation}Request")()
        request.set_endpoint(self.server.address)
        for name, value in parameters.items():
            getattr(request, f"set_{name}")(json.dumps(value) if isinstance(value, dict) else value)
        return request

    def _common(self, service, operation, parameters):
        request = CommonRequest(domain=self.server.address, version=VERSIONS[service], action_name=operation)
        for name, value in parameters.items():
            request.add_query_param(name, value)
        return request


def encoded(text):
    """RFC 3986 percent encoding, as the signatures use it."""
    return urllib.parse.quote(str(text), safe="-_.~")


def canonical(parameters):
    """The sorted, encoded query."""
    return "&".join(f"{encoded(name)}={encoded(value)}" for name, value in sorted(parameters.items()))


def sealed(method, parameters, secret):
    """The parameters with a signature of the first version."""
    to_sign = f"{method}&%2F&{encoded(canonical(parameters))}"
    digest = hmac.new(f"{secret}&".encode(), to_sign.encode(), hashlib.sha1).digest()
    return {**parameters, "Signature": base64.b64encode(digest).decode()}


def common_parameters(service, operation, key_id=OWNER[0], moment=None):
    """The common parameters of a request of the first signature."""
    moment = moment or datetime.datetime.now(datetime.timezone.utc)
    return {
        "Action": operation,
        "Version": VERSIONS[service],
        "AccessKeyId": key_id,
        "Format": "JSON",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": str(uuid.uuid4()),
        "Timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def get(server, parameters):
    """Sends the parameters as a GET; answers status, headers and body."""
    return send(server, "GET", f"/?{canonical(parameters)}")


def get_json(server, parameters):
    """Sends the parameters as a GET; answers status and decoded body."""
    status, _, body = get(server, parameters)
    return status, json.loads(body)


def get_xml(server, parameters):
    """Sends the parameters as a GET; answers status and the root of the document."""
    status, headers, body = get(server, parameters)
    assert "xml" in {name.lower(): value for name, value in headers.items()}["content-type"]
    return status, ElementTree.fromstring(body)
