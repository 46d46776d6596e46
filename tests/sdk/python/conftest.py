"""The server that the tests share, emptied before each of them, and the clients."""

import os

import pytest

for variable in [name for name in os.environ if name.startswith(("AWS_", "ALIBABA_CLOUD_"))]:
    del os.environ[variable]
for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
    os.environ.pop(variable, None)
os.environ.update(AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)

from alibaba_client import NewSdk, OldSdk  # noqa: E402
from aws_client import Aws, AwsCli  # noqa: E402
from process import Server  # noqa: E402


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory):
    """One `polykms dev` for all tests."""
    server = Server(["dev"], tmp_path_factory.mktemp("dev"))
    yield server
    server.stop()


@pytest.fixture
def server(shared_server):
    """The shared server, with nothing in it but the owners."""
    shared_server.reset()
    return shared_server


@pytest.fixture
def own_server(tmp_path):
    """A server of its own, for tests that move its clock."""
    server = Server(["dev"], tmp_path)
    yield server
    server.stop()


@pytest.fixture
def aws(server):
    """The owner of the AWS account, with boto3."""
    return Aws(server.endpoint)


@pytest.fixture
def kms(aws):
    """The owner's KMS client of boto3."""
    return aws.kms


@pytest.fixture
def iam(aws):
    """The owner's IAM client of boto3."""
    return aws.iam


@pytest.fixture(params=[Aws, AwsCli], ids=lambda client: client.name)
def any_aws(request, server):
    """The owner of the AWS account, with each client."""
    return request.param(server.endpoint)


@pytest.fixture(params=[NewSdk, OldSdk], ids=lambda client: client.name)
def alibaba(request, server):
    """The owner of the Alibaba account, with each generation of SDKs."""
    return request.param(server)


@pytest.fixture
def new_sdk(server):
    """The owner of the Alibaba account, with the new generation of SDKs."""
    return NewSdk(server)


@pytest.fixture
def old_sdk(server):
    """The owner of the Alibaba account, with the old generation of SDKs."""
    return OldSdk(server)
