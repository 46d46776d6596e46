"""`exec` and `env` in a shell that was used for other things: no request leaves for anywhere else."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from aws_names import ROOT_ARN
from process import binary

CALLS = """
import boto3, json
from alibabacloud_kms20160120.client import Client
from alibabacloud_kms20160120 import models
from alibabacloud_tea_openapi.models import Config
from alibabacloud_credentials.client import Client as Credentials
import os
who = boto3.client("sts").get_caller_identity()["Arn"]
keys = boto3.client("kms").list_keys()["Keys"]
users = boto3.client("iam").list_users()["Users"]
chain = Credentials().get_credential()
kms = Client(Config(credential=Credentials(), endpoint=os.environ["ALIBABA_CLOUD_ENDPOINT"], protocol="http"))
print(json.dumps([who, keys, users, chain.access_key_id, kms.list_keys(models.ListKeysRequest()).status_code]))
"""


@pytest.fixture
def elsewhere():
    """A server that nobody should ask; what it was asked."""
    asked = []

    class Trap(BaseHTTPRequestHandler):
        def handle_one_request(self):
            asked.append(self.rfile.readline(65537))
            self.close_connection = True

    trap = ThreadingHTTPServer(("127.0.0.1", 0), Trap)
    threading.Thread(target=trap.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{trap.server_port}", asked
    trap.shutdown()


def used(url, folder):
    """The environment of a shell in which much was done before."""
    config = Path(folder) / "config"
    config.write_text(
        f"[default]\nregion = eu-west-9\nendpoint_url = {url}\nuse_fips_endpoint = true\nservices = there\n"
        f"ignore_configured_endpoint_urls = true\n[profile work]\nendpoint_url = {url}\n"
        f"credential_process = /bin/false\n[services there]\nkms =\n  endpoint_url = {url}\n"
    )
    aliyun = Path(folder) / ".aliyun"
    aliyun.mkdir()
    there = {"name": "default", "mode": "CredentialsURI", "credentials_uri": url, "region_id": "cn-shanghai"}
    (aliyun / "config.json").write_text(json.dumps({"current": "default", "profiles": [there]}))
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "AWS_CONFIG_FILE": str(config),
        "AWS_PROFILE": "work",
        "AWS_DEFAULT_PROFILE": "work",
        "AWS_SECURITY_TOKEN": "old",
        "AWS_SESSION_TOKEN": "old",
        "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z",
        "AWS_ENDPOINT_URL": url,
        "AWS_ENDPOINT_URL_KMS": url,
        "AWS_ENDPOINT_URL_IAM": url,
        "AWS_ENDPOINT_URL_STS": url,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_DEFAULTS_MODE": "auto",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/dev/null",
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/there",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": url,
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/there",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": url,
        "ALIBABA_CLOUD_PROFILE": "there",
        "ALIBABA_CLOUD_SECURITY_TOKEN": "old",
        "ALIBABA_CLOUD_CREDENTIALS_URI": url,
        "ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1234567890123456:role/there",
        "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1234567890123456:oidc-provider/there",
        "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "/dev/null",
        "ALIBABA_CLOUD_ECS_METADATA": "there",
        "HTTP_PROXY": url,
        "HTTPS_PROXY": url,
        "http_proxy": url,
        "https_proxy": url,
    }


def run(command, environment):
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def pointed(server, what, *more):
    return [binary(), what, "--endpoint", server.endpoint, *more]


def test_a_command_asks_nobody_else(server, elsewhere, tmp_path):
    url, asked = elsewhere
    answer = run(pointed(server, "exec", "--", sys.executable, "-c", CALLS), used(url, tmp_path))
    assert json.loads(answer) == [ROOT_ARN, [], [], "test", 200]
    aws = str(Path(sys.executable).with_name("aws"))
    answer = run(pointed(server, "exec", "--", sys.executable, aws, "sts", "get-caller-identity"), used(url, tmp_path_of(tmp_path)))
    assert json.loads(answer)["Arn"] == ROOT_ARN
    assert asked == []


def tmp_path_of(folder):
    """Another home in the same place."""
    other = folder / "other"
    other.mkdir()
    return other


def test_the_printed_lines_do_the_same(server, elsewhere, tmp_path):
    url, asked = elsewhere
    environment = used(url, tmp_path)
    lines = run(pointed(server, "env"), environment)
    script = f'{lines}\nexec "$0" -c "$1"'
    answer = run(["sh", "-c", script, sys.executable, CALLS], environment)
    assert json.loads(answer) == [ROOT_ARN, [], [], "test", 200] and asked == []


def test_without_them_the_shell_leads_elsewhere(server, elsewhere, tmp_path):
    url, asked = elsewhere
    environment = {**used(url, tmp_path), "AWS_PROFILE": "default", "AWS_MAX_ATTEMPTS": "1"}
    for name in ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"):
        environment.pop(name)
    environment.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
    subprocess.run([sys.executable, "-c", CALLS], env=environment, capture_output=True, timeout=120)
    assert asked
