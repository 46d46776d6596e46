"""What the official SDKs of both clouds send for given inputs: each request is caught before it is sent, and nothing leaves
this process.

    python capture_requests.py INPUTS CAPTURED

INPUTS are those that `cargo test --test wire -- --ignored` writes; see tests/wire.rs, which holds our own requests up to
CAPTURED.
"""

import base64
import datetime
import importlib
import importlib.metadata
import inspect
import json
import sys
import urllib.parse

import botocore.config
import botocore.session
from alibabacloud_tea_openapi import client as tea
from alibabacloud_tea_openapi.models import Config
from botocore import xform_name
from darabonba.runtime import RuntimeOptions

KEY, SECRET, TOKEN = "AKIDEXAMPLE", "secret", "token/="
REGIONS = {"aws": "us-east-1", "alibaba": "cn-hangzhou"}
MODULES = {"kms": "alibabacloud_kms20160120", "ram": "alibabacloud_ram20150501", "sts": "alibabacloud_sts20150401"}
# What botocore calls services that it knows under another name.
CALLED = {"tagging": "resourcegroupstaggingapi"}
PACKAGES = ["botocore", "alibabacloud-tea-openapi", *(module.replace("_", "-") for module in MODULES.values())]


class Caught(BaseException):
    """A request that would have been sent. No SDK takes it for a failure to try again after."""


def caught(call):
    """The request that a call would send."""
    try:
        call()
    except Caught as request:
        return request.args
    raise AssertionError("nothing was sent")


def told(shape, value):
    """An input as botocore takes it: JSON has neither bytes nor dates."""
    match shape.type_name:
        case "structure":
            return {name: told(shape.members[name], part) for name, part in value.items()}
        case "list":
            return [told(shape.member, part) for part in value]
        case "map":
            return {name: told(shape.value, part) for name, part in value.items()}
        case "blob":
            return base64.b64decode(value)
        case "timestamp":
            return datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        case _:
            return value


def aws(service, operation, given):
    """What botocore sends."""
    session = botocore.session.Session()
    session.set_credentials(KEY, SECRET, TOKEN)
    config = botocore.config.Config(retries={"total_max_attempts": 1})
    service = CALLED.get(service, service)
    client = session.create_client(service, region_name=REGIONS["aws"], config=config)

    def catch(request, **_):
        raise Caught(request.method, request.url, dict(request.headers), request.body or b"")

    client.meta.events.register(f"before-send.{service}", catch)
    shape = client.meta.service_model.operation_model(operation).input_shape
    members = told(shape, given) if shape else {}
    return caught(lambda: getattr(client, xform_name(operation))(**members))


def texts(operation, request):
    """A request with a text wherever the SDK has one for what is a list: the SDK leaves it to its callers to write that."""
    for name, parameter in inspect.signature(type(request).__init__).parameters.items():
        value = getattr(request, name, None)
        if isinstance(value, list) and parameter.annotation in (str, "str"):
            text = ",".join(value) if (operation, name) == ("UntagResource", "tag_keys") else compact(value)
            setattr(request, name, text)
        elif value == []:
            setattr(request, name, None)  # `from_map` makes lists of nothing.
    return request


def compact(value):
    """JSON without white space."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def alibaba(service, operation, given):
    """What the official SDK for Python sends."""
    models = importlib.import_module(f"{MODULES[service]}.models")
    config = Config(access_key_id=KEY, access_key_secret=SECRET, security_token=TOKEN, region_id=REGIONS["alibaba"])
    client = importlib.import_module(f"{MODULES[service]}.client").Client(config)

    def catch(request, _=None):
        url = f"https://{request.headers['host']}{request.pathname}?{urllib.parse.urlencode(request.query)}"
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        raise Caught(request.method, url, request.headers, body if isinstance(body, bytes) else body.read())

    # The SDK has its own mind where words with several capitals end.
    methods = {name.replace("_", ""): name for name in dir(client)}
    call = getattr(client, methods[f"{operation.lower()}withoptions"])
    model = getattr(models, f"{operation}Request", None)
    arguments = [texts(operation, model().from_map(given))] if model else []
    real, tea.DaraCore.do_action = tea.DaraCore.do_action, staticmethod(catch)
    try:
        return caught(lambda: call(*arguments, RuntimeOptions()))
    finally:
        tea.DaraCore.do_action = real


def canonical(method, url, headers, body):
    """A request without what differs from one time to the next."""
    text = {name.lower(): value.decode() if isinstance(value, bytes) else str(value) for name, value in headers.items()}
    url = urllib.parse.urlsplit(url)
    kind = text.get("content-type", "")
    pairs = lambda query: sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))  # noqa: E731
    body = body if isinstance(body, bytes) else body.encode()
    members = json.loads(body) if "json" in kind and body else pairs(body.decode())
    signed = next((part for part in text["authorization"].split(",") if "SignedHeaders=" in part), "")
    chosen = {name: value for name, value in text.items() if name in CHOOSING}
    return {
        "method": method,
        "host": url.hostname,
        "path": url.path or "/",
        "query": pairs(url.query),
        "headers": dict(sorted(chosen.items())),
        "signed": signed.partition("SignedHeaders=")[2].split(";"),
        "body": members,
    }


# The headers that choose the operation, and how it is answered.
CHOOSING = {"x-amz-target", "x-acs-action", "x-acs-version", "content-type", "accept"}


def main():
    inputs, captured = sys.argv[1:]
    with open(inputs, encoding="utf-8") as file:
        rows = json.load(file)
    cases = []
    for row in rows:
        capture = {"aws": aws, "alibaba": alibaba}[row["dialect"]]
        for given in row["inputs"]:
            try:
                request = canonical(*capture(row["service"], row["operation"], given))
            except Exception as error:
                raise RuntimeError(f"{row['dialect']} {row['service']} {row['operation']} {given}") from error
            cases.append({key: row[key] for key in ("dialect", "service", "operation")} | {"input": given, "request": request})
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    with open(captured, "w", encoding="utf-8") as file:
        lines = ",\n".join(compact(case) for case in cases)
        file.write(f'{{"of":{json.dumps(versions)},"cases":[\n{lines}\n]}}\n')
    print(f"{len(cases)} requests")


if __name__ == "__main__":
    main()
