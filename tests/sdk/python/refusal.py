"""One form for the refusals of all SDKs, and the check that a refusal is exactly the expected one."""

import re
from contextlib import contextmanager

from aliyunsdkcore.acs_exception.exceptions import ServerException as OldServerException
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from botocore.exceptions import ClientError


class Refusal:
    """A refusal as a client shows it: code, HTTP status (None when the client hides it), message, whole body."""

    def __init__(self, code, status, message, body=None):
        self.code, self.status, self.message, self.body = code, status, message, body or {}

    def __repr__(self):
        return f"{self.status} {self.code}: {self.message!r}"

    @property
    def denial(self):
        """The AccessDeniedDetail of an Alibaba refusal."""
        return self.body.get("AccessDeniedDetail") or {}


class Refused(Exception):
    """A refusal met by a client that has no exception of its own."""

    def __init__(self, refusal):
        super().__init__(repr(refusal))
        self.refusal = refusal


def refusal_of(error):
    """The refusal inside the exception of any SDK."""
    match error:
        case Refused():
            return error.refusal
        case ClientError():
            body = error.response
            status = body["ResponseMetadata"]["HTTPStatusCode"]
            return Refusal(body["Error"]["Code"], status, body["Error"].get("Message", ""), body)
        case AlibabaCloudException():
            body = error.data or {}
            return Refusal(error.code, error.status_code, body.get("Message", ""), body)
        case OldServerException():
            return Refusal(error.get_error_code(), error.get_http_status(), error.get_error_msg())
    raise error


class Expected:
    """Filled with the refusal once the block has ended."""

    refusal = None


@contextmanager
def refused(code, status=None, message=None):
    """Demands that the block is refused with this code, status and message; each may be a set or a pattern."""
    expected = Expected()
    try:
        yield expected
    except (Refused, ClientError, AlibabaCloudException, OldServerException) as error:
        expected.refusal = refusal_of(error)
    assert expected.refusal is not None, f"accepted, but {code} was expected"
    seen = expected.refusal
    assert fits(seen.code, code), f"{seen!r} is not {code}"
    assert seen.status is None or status is None or fits(seen.status, status), f"{seen!r} is not {status}"
    assert message is None or fits(seen.message, message), f"message\n  {seen.message!r}\nis not\n  {message!r}"


def fits(seen, wanted):
    """Whether a value is the wanted one, is in the wanted set, or matches the wanted pattern as a whole."""
    match wanted:
        case set() | frozenset():
            return seen in wanted
        case re.Pattern():
            return isinstance(seen, str) and wanted.fullmatch(seen) is not None
    return seen == wanted
