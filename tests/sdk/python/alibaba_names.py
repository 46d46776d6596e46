"""Names, policies and texts of Alibaba Cloud that the tests expect, written from the vendor's documentation."""

import json
import re

ACCOUNT = "1000000000000000"
REGION = "cn-hangzhou"
ROOT_ARN = f"acs:ram::{ACCOUNT}:root"
UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MISSING_KEY = "12345678-1234-1234-1234-123456789012"

FORBIDDEN = "This operation is forbidden by permission system."
NO_PERMISSION = "You are not authorized to do this action. You should be authorized by RAM."
UNKNOWN_ACCESS_KEY = "Specified access key is not found."
UNKNOWN_ACTION = "Specified api is not found, please check your url and method."
EXPIRED_TIME = "Specified time stamp or date value is expired."
USED_NONCE = "Specified signature nonce was used already."
MISMATCH = re.compile(
    r"Specified signature is not matched with our calculation\. server string to sign is:.+", re.DOTALL
)
NOT_BUILT = "This action is not supported."


def rejected(state):
    """The text of a refusal because of a key's state."""
    return f"The request was rejected because the key state is {state}."


# The vendor's error page words `Rejected.StateModifiedFailed` so; its other state errors name the state.
ANY_STATE = "Keystate modified failed."


def key_arn(key_id):
    """The ARN of a key."""
    return f"acs:kms:{REGION}:{ACCOUNT}:key/{key_id}"


def alias_arn(name):
    """The ARN of an alias, whose name begins with `alias/`."""
    return f"acs:kms:{REGION}:{ACCOUNT}:{name}"


def user_arn(name):
    """The ARN of a user."""
    return f"acs:ram::{ACCOUNT}:user/{name}"


def role_arn(name):
    """The ARN of a role."""
    return f"acs:ram::{ACCOUNT}:role/{name}"


def statement(effect, action, resource="*", condition=None, principal=None):
    """A statement of a policy."""
    parts = {"Effect": effect, "Principal": principal, "Action": action, "Resource": resource, "Condition": condition}
    return {name: value for name, value in parts.items() if value is not None}


def allow(action, resource="*", condition=None, principal=None):
    """A statement that allows."""
    return statement("Allow", action, resource, condition, principal)


def deny(action, resource="*", condition=None, principal=None):
    """A statement that denies."""
    return statement("Deny", action, resource, condition, principal)


def policy(*statements):
    """A policy document."""
    return json.dumps({"Version": "1", "Statement": list(statements)})


def trust(*principals):
    """The trust policy that lets these principals take a role."""
    return policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": list(principals)}})


def tags(**pairs):
    """The `Tags` parameter of KMS."""
    return json.dumps([{"TagKey": key, "TagValue": value} for key, value in pairs.items()])
