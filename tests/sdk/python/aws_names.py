"""Names, policies and texts of AWS that the tests expect, written from the vendor's documentation."""

import json
import re

ACCOUNT = "000000000000"
REGION = "us-east-1"
ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MISSING_KEY = "12345678-1234-1234-1234-123456789012"

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
    " and signing method. Consult the service documentation for details."
)
INVALID_TOKEN = "The security token included in the request is invalid."
EXPIRED_TOKEN = re.compile(r"The security token included in the request is expired\.?")
INCORRECT_KEY = "The key ID in the request does not identify a CMK that can perform this operation."


def key_arn(key_id, region=REGION):
    """The ARN of a key."""
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/{key_id}"


def alias_arn(name):
    """The ARN of an alias, whose name begins with `alias/`."""
    return f"arn:aws:kms:{REGION}:{ACCOUNT}:{name}"


def user_arn(name):
    """The ARN of a user."""
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def role_arn(name):
    """The ARN of a role."""
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def policy_arn(name):
    """The ARN of a managed policy."""
    return f"arn:aws:iam::{ACCOUNT}:policy/{name}"


def session_arn(role, session):
    """The ARN of a role session."""
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}"


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
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def delegation():
    """The statement of a key policy that lets the account's IAM policies decide."""
    return allow("kms:*", principal={"AWS": ROOT_ARN})


def trust(*principals, condition=None):
    """The trust policy that lets these principals take a role."""
    made = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole"}
    return policy({**made, "Condition": condition} if condition else made)


def no_allow(who, action, resource, layer="identity-based policy"):
    """The text of an implicit denial."""
    start = f"User: {who} is not authorized to perform: {action} on resource: {resource}"
    return f"{start} because no {layer} allows the {action} action"


def denied(who, action, resource, layer="an identity-based policy"):
    """The text of an explicit denial."""
    return (
        f"User: {who} is not authorized to perform: {action} on resource: {resource} with an explicit deny in {layer}"
    )


def no_allow_for_ciphertext(who):
    """The text of an implicit denial of Decrypt."""
    start = f"User: {who} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext"
    return f"{start} because no identity-based policy allows the kms:Decrypt action"


def violation(path, constraint, value=None):
    """The text of one violated constraint; `value` is None for what is never shown."""
    shown = "Value at" if value is None else f"Value '{value}' at"
    return f"1 validation error detected: {shown} '{path}' failed to satisfy constraint: {constraint}"


def null(path):
    """The text of one missing member."""
    return f"1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must not be null"
