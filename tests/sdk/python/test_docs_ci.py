"""The page on tests, Terraform and CI: its set-ups and its workflow run, and what Terraform's providers send is replayed."""

import json
import os
from pathlib import Path

import hcl2
import pytest
import yaml

from alibaba_client import VERSIONS
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest
from aws_client import Aws
from botocore.exceptions import ClientError
from pages import Page, Reader

PAGE = Page("ci.md")
TOOLS = Path(os.environ.get("POLYKMS_SDK_TOOLS", Path(__file__).parents[3] / "target" / "sdk-tools")).absolute()


@pytest.fixture
def reader(tmp_path):
    reader = Reader(tmp_path, ["dev"])
    yield reader
    reader.server.stop()


def test_the_set_up_for_pytest(reader):
    fixtures, tests = PAGE.under("pytest").blocks("python")
    (reader.folder / "conftest.py").write_text(fixtures)
    (reader.folder / "test_keys.py").write_text(tests)
    assert "3 passed" in reader.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_keys.py")


def test_the_set_up_for_node(reader):
    emulator, tests = PAGE.under("Node").blocks("js")
    (reader.folder / "emulator.mjs").write_text(emulator)
    (reader.folder / "keys.test.mjs").write_text(tests)
    os.symlink(TOOLS / "node" / "node_modules", reader.folder / "node_modules")
    assert "pass 2" in reader.run("node", "--test", "keys.test.mjs")


@pytest.fixture
def runner(tmp_path):
    """What a runner of GitHub gives to the steps of a job."""
    variables = {"RUNNER_TEMP": str(tmp_path / "temp"), "GITHUB_ENV": str(tmp_path / "github.env")}
    (tmp_path / "temp").mkdir()
    return variables


def started(file):
    """The ids of the processes that a step left in the background, which have this file among their arguments."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(file) in (process / "cmdline").read_bytes().split(b"\0"):
                found.append(int(process.name))
        except OSError:
            continue
    return found


def test_the_workflow_of_github_actions(reader, runner):
    workflow = yaml.safe_load(PAGE.under("GitHub Actions").block("yaml"))
    checkout, _install, emulator, tests, told = workflow["jobs"]["test"]["steps"]
    # YAML 1.1 reads `on` as a truth.
    assert workflow[True] == ["push", "pull_request"] and checkout["uses"].startswith("actions/checkout@")
    assert tests["run"] == "python -m pytest" and told["if"] == "failure()"
    try:
        reader.shell(emulator["run"], **runner)
        lines = Path(runner["GITHUB_ENV"]).read_text().splitlines()
        variables = dict(line.split("=", 1) for line in lines)
        assert variables["AWS_ENDPOINT_URL"] != reader.server.endpoint
        who = reader.run("aws", "sts", "get-caller-identity", **variables)
        assert "arn:aws:iam::000000000000:root" in who
        assert "GetCallerIdentity" in reader.shell(told["run"], **runner)
    finally:
        for process in started(Path(runner["RUNNER_TEMP"]) / "polykms.json"):
            os.kill(process, 15)


class Terraform:
    """The configuration of a page, and what a provider sends for it."""

    def __init__(self, heading):
        parsed = hcl2.loads(PAGE.under(heading).block("hcl"))
        (self.provider,) = [settings for provider in parsed["provider"] for settings in provider.values()]
        self.resources = {
            kind: settings
            for resource in parsed["resource"]
            for kind, named in resource.items()
            for settings in named.values()
        }

    def of(self, kind):
        """The settings of the resource of a kind."""
        return self.resources[kind]

    def document(self, kind, name):
        """A policy, as `jsonencode` would write it."""
        text = self.of(kind)[name].removeprefix("${jsonencode(").removesuffix(")}")
        return json.dumps(json.loads(text), separators=(",", ":"))


def refused(code, call, *arguments, **parameters):
    with pytest.raises((ClientError, ServerException)) as error:
        call(*arguments, **parameters)
    shown = error.value.response["Error"]["Code"] if isinstance(error.value, ClientError) else error.value.get_error_code()
    assert shown == code


@pytest.fixture
def aws_terraform():
    return Terraform("AWS")


@pytest.fixture
def pointed_aws(server, aws_terraform):
    """The owner, by what the provider's block says; the endpoints are the server's."""
    provider = aws_terraform.provider
    assert set(provider["endpoints"][0]) == {"iam", "kms", "sts"}
    return Aws(server.endpoint, (provider["access_key"], provider["secret_key"]), provider["region"])


def test_terraform_makes_reads_and_removes_an_alias_of_aws(pointed_aws, aws_terraform):
    aws, alias = pointed_aws, aws_terraform.of("aws_kms_alias")["name"]
    assert aws.call("sts", "GetCallerIdentity")["Account"] == "000000000000"
    # The data source asks for the key by the alias that a seed gave to it.
    aws.kms.create_alias(AliasName="alias/apollo", TargetKeyId=aws.new_key())
    key = aws.kms.describe_key(KeyId="alias/apollo")["KeyMetadata"]
    aws.kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])

    def found():
        pages = aws.kms.get_paginator("list_aliases").paginate()
        return [entry for page in pages for entry in page["Aliases"] if entry["AliasName"] == alias]

    assert [(entry["TargetKeyId"], entry["AliasArn"]) for entry in found()] == [
        (key["KeyId"], f"arn:aws:kms:us-east-1:000000000000:{alias}")
    ]
    aws.kms.delete_alias(AliasName=alias)
    assert found() == []


def test_terraform_makes_reads_and_removes_a_role_with_a_policy_of_aws(pointed_aws, aws_terraform):
    iam, role = pointed_aws.iam, aws_terraform.of("aws_iam_role")["name"]
    trust = aws_terraform.document("aws_iam_role", "assume_role_policy")
    tags = [{"Key": name, "Value": value} for name, value in aws_terraform.of("aws_iam_role")["tags"].items()]
    iam.create_role(RoleName=role, Path="/", AssumeRolePolicyDocument=trust, MaxSessionDuration=3600, Tags=tags)
    read = iam.get_role(RoleName=role)["Role"]
    assert read["Tags"] == tags
    assert read["AssumeRolePolicyDocument"] == json.loads(trust) and read["MaxSessionDuration"] == 3600
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == []
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []

    document = aws_terraform.document("aws_iam_policy", "policy")
    name = aws_terraform.of("aws_iam_policy")["name"]
    arn = iam.create_policy(PolicyName=name, Path="/", Description="", PolicyDocument=document)["Policy"]["Arn"]
    made = iam.get_policy(PolicyArn=arn)["Policy"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId=made["DefaultVersionId"])["PolicyVersion"]
    assert version["Document"] == json.loads(document) and made["AttachmentCount"] == 0

    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == [{"PolicyName": name, "PolicyArn": arn}]

    # A changed policy: a version first, which becomes the default afterwards.
    assert len(iam.list_policy_versions(PolicyArn=arn)["Versions"]) == 1
    second = iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=False)["PolicyVersion"]
    iam.set_default_policy_version(PolicyArn=arn, VersionId=second["VersionId"])

    refused("DeleteConflict", iam.delete_role, RoleName=role)
    iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    assert iam.list_instance_profiles_for_role(RoleName=role)["InstanceProfiles"] == []
    iam.delete_role(RoleName=role)
    refused("NoSuchEntity", iam.get_role, RoleName=role)
    for old in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not old["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=old["VersionId"])
    iam.delete_policy(PolicyArn=arn)
    refused("NoSuchEntity", iam.get_policy, PolicyArn=arn)


def test_a_key_resource_of_aws_is_made_and_read_as_the_page_says(pointed_aws):
    kms = pointed_aws.kms
    made = kms.create_key(
        BypassPolicyLockoutSafetyCheck=False, KeySpec="SYMMETRIC_DEFAULT", KeyUsage="ENCRYPT_DECRYPT", Description="apollo"
    )
    key = made["KeyMetadata"]["KeyId"]
    kms.describe_key(KeyId=key)
    kms.get_key_policy(KeyId=key, PolicyName="default")
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    assert kms.list_resource_tags(KeyId=key)["Tags"] == []
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    read = kms.get_key_rotation_status(KeyId=key)
    assert (read["KeyRotationEnabled"], read["RotationPeriodInDays"]) == (True, 90)
    kms.disable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)


def test_a_key_of_alibaba_cloud_is_made_with_rotation_as_the_page_says(alicloud):
    made = alicloud.kms("CreateKey", EnableAutomaticRotation="true", RotationInterval="365d")["KeyMetadata"]
    assert (made["AutomaticRotation"], made["RotationInterval"]) == ("Enabled", "31536000s")
    key = made["KeyId"]
    alicloud.kms("UpdateRotationPolicy", KeyId=key, EnableAutomaticRotation="false", RotationInterval="365d")
    assert alicloud.kms("DescribeKey", KeyId=key)["KeyMetadata"]["AutomaticRotation"] == "Disabled"


def test_tags_of_a_role_are_not_changed_later_as_the_page_says(pointed_aws, aws_terraform):
    iam, role = pointed_aws.iam, aws_terraform.of("aws_iam_role")["name"]
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=aws_terraform.document("aws_iam_role", "assume_role_policy"))
    refused("UnsupportedOperation", iam.tag_role, RoleName=role, Tags=[{"Key": "a", "Value": "b"}])


class Alicloud:
    """Requests in the form that the provider sends: POST, the arguments in the body, signature 1.0."""

    def __init__(self, server, provider):
        assert provider["protocol"] == "HTTP" and set(provider["endpoints"][0]) == {"kms", "ram", "sts"}
        self.address, self.region = server.address, provider["region"]
        self.client = AcsClient(provider["access_key"], provider["secret_key"], self.region, auto_retry=False)

    def ask(self, service, operation, **parameters):
        request = CommonRequest(domain=self.address, version=VERSIONS[service], action_name=operation)
        request.set_protocol_type("http")
        request.set_method("POST")
        for name, value in parameters.items():
            request.add_body_params(name, value)
        return json.loads(self.client.do_action_with_exception(request))

    def kms(self, operation, **parameters):
        return self.ask("kms", operation, **parameters)

    def ram(self, operation, **parameters):
        return self.ask("ram", operation, **parameters)


    def tags_of(self, kind, **named):
        """The tags of a thing of RAM."""
        listed = self.ram("ListTagResources", ResourceType=kind, **named)["TagResources"]
        return {tag["TagKey"]: tag["TagValue"] for tag in listed}


def as_json(tags):
    """Tags as the provider gives them when something is made."""
    return json.dumps([{"Key": name, "Value": value} for name, value in tags.items()])


@pytest.fixture
def alicloud_terraform():
    return Terraform("Alibaba Cloud")


@pytest.fixture
def alicloud(server, alicloud_terraform):
    return Alicloud(server, alicloud_terraform.provider)


def test_terraform_makes_reads_and_removes_a_key_with_an_alias_of_alibaba_cloud(alicloud, alicloud_terraform):
    settings, alias = alicloud_terraform.of("alicloud_kms_key"), alicloud_terraform.of("alicloud_kms_alias")["alias_name"]
    tags = [{"TagKey": name, "TagValue": value} for name, value in settings["tags"].items()]
    made = alicloud.kms(
        "CreateKey", Description=settings["description"], ProtectionLevel="SOFTWARE", Tags=json.dumps(tags)
    )["KeyMetadata"]
    key = made["KeyId"]
    read = alicloud.kms("DescribeKey", KeyId=key)["KeyMetadata"]
    assert (read["KeyState"], read["Description"], read["ProtectionLevel"]) == ("Enabled", settings["description"], "SOFTWARE")
    listed = alicloud.kms("ListTagResources", ResourceType="key", **{"ResourceId.1": key})["TagResources"]["TagResource"]
    assert [(tag["TagKey"], tag["TagValue"]) for tag in listed] == list(settings["tags"].items())

    alicloud.kms("CreateAlias", AliasName=alias, KeyId=key)
    aliases = alicloud.kms("ListAliases", PageNumber=1, PageSize=20)["Aliases"]["Alias"]
    assert [entry["KeyId"] for entry in aliases if entry["AliasName"] == alias] == [key]
    alicloud.kms("DeleteAlias", AliasName=alias)
    assert alicloud.kms("ListAliases", PageNumber=1, PageSize=20)["Aliases"]["Alias"] == []
    alicloud.kms("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=settings["pending_window_in_days"])
    assert alicloud.kms("DescribeKey", KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_terraform_makes_reads_and_removes_a_user_with_a_policy_of_alibaba_cloud(alicloud, alicloud_terraform):
    settings = alicloud_terraform.of("alicloud_ram_user")
    user, policy = settings["name"], alicloud_terraform.of("alicloud_ram_policy")["policy_name"]
    made = alicloud.ram("CreateUser", UserName=user, DisplayName=settings["display_name"])["User"]
    # The provider keeps the id, and looks for the name among all users.
    users = alicloud.ram("ListUsers", MaxItems=100)["Users"]["User"]
    assert [found["UserName"] for found in users if found["UserId"] == made["UserId"]] == [user]
    assert alicloud.ram("GetUser", UserName=user)["User"]["DisplayName"] == settings["display_name"]

    document = alicloud_terraform.document("alicloud_ram_policy", "policy_document")
    tags = alicloud_terraform.of("alicloud_ram_policy")["tags"]
    alicloud.ram("CreatePolicy", PolicyName=policy, PolicyDocument=document, Tag=as_json(tags))
    assert alicloud.tags_of("policy", **{"ResourceNames.1": policy}) == tags
    read = alicloud.ram("GetPolicy", PolicyName=policy, PolicyType="Custom")
    assert json.loads(read["DefaultPolicyVersion"]["PolicyDocument"]) == json.loads(document)
    assert read["Policy"]["PolicyType"] == "Custom" and read["Policy"]["DefaultVersion"] == "v1"
    alicloud.ram("CreatePolicyVersion", PolicyName=policy, PolicyDocument=document, SetAsDefault="true")

    attachment = {"PolicyType": "Custom", "PolicyName": policy}
    alicloud.ram("AttachPolicyToUser", UserName=user, **attachment)
    attached = alicloud.ram("ListPoliciesForUser", UserName=user)["Policies"]["Policy"]
    assert [found["PolicyName"] for found in attached] == [policy]
    refused("DeleteConflict.User.Policy", alicloud.ram, "DeleteUser", UserName=user)

    # With `force`, everything of a user goes before it does.
    assert alicloud.ram("ListAccessKeys", UserName=user)["AccessKeys"]["AccessKey"] == []
    for found in alicloud.ram("ListPoliciesForUser", UserName=user)["Policies"]["Policy"]:
        alicloud.ram("DetachPolicyFromUser", UserName=user, PolicyName=found["PolicyName"], PolicyType=found["PolicyType"])
    assert alicloud.ram("ListGroupsForUser", UserName=user)["Groups"]["Group"] == []
    refused("EntityNotExist.User.LoginProfile", alicloud.ram, "DeleteLoginProfile", UserName=user)
    refused("EntityNotExist.User.MFADevice", alicloud.ram, "UnbindMFADevice", UserName=user)
    alicloud.ram("DeleteUser", UserName=user)
    assert alicloud.ram("ListUsers", MaxItems=100)["Users"]["User"] == []

    entities = alicloud.ram("ListEntitiesForPolicy", **attachment)
    assert not any(entities[kind][kind[:-1]] for kind in ("Users", "Groups", "Roles"))
    for old in alicloud.ram("ListPolicyVersions", **attachment)["PolicyVersions"]["PolicyVersion"]:
        if not old["IsDefaultVersion"]:
            alicloud.ram("DeletePolicyVersion", PolicyName=policy, VersionId=old["VersionId"])
    alicloud.ram("DeletePolicy", PolicyName=policy)
    refused("EntityNotExist.Policy", alicloud.ram, "GetPolicy", **attachment)


def test_terraform_makes_reads_and_removes_a_role_of_alibaba_cloud(alicloud, alicloud_terraform):
    role = alicloud_terraform.of("alicloud_ram_role")["role_name"]
    trust = alicloud_terraform.document("alicloud_ram_role", "assume_role_policy_document")
    tags = alicloud_terraform.of("alicloud_ram_role")["tags"]
    alicloud.ram("CreateRole", RoleName=role, AssumeRolePolicyDocument=trust, Tag=as_json(tags))
    read = alicloud.ram("GetRole", RoleName=role)["Role"]
    assert json.loads(read["AssumeRolePolicyDocument"]) == json.loads(trust) and read["MaxSessionDuration"] == 3600
    # Lists come repeated and as JSON, by the age of the resource.
    for named in ({"ResourceNames.1": role}, {"ResourceNames": json.dumps([role])}):
        assert alicloud.tags_of("role", **named) == tags
    alicloud.ram("UntagResources", ResourceType="role", **{"ResourceNames.1": role, "TagKey.1": "Project"})
    alicloud.ram("TagResources", ResourceType="role", **{"ResourceNames.1": role, "Tag.1.Key": "Stage", "Tag.1.Value": "test"})
    assert alicloud.tags_of("role", **{"ResourceNames.1": role}) == {"Stage": "test"}
    assert alicloud.ram("ListPoliciesForRole", RoleName=role)["Policies"]["Policy"] == []
    alicloud.ram("DeleteRole", RoleName=role)
    refused("EntityNotExist.Role", alicloud.ram, "GetRole", RoleName=role)
