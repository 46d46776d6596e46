"""Load for the crash test: writers that remember what was acknowledged, and the check that all of it is still there."""

import base64
import http.client
import json
import threading
import urllib.parse
from dataclasses import dataclass, field

from aws_client import kms_headers, sign
from aws_names import user_arn

WRITERS = 4
# The owner of the server under load, which takes no credentials that everybody knows.
OWNER = ("AKIACRASHTESTOWNER01", "k9vT2qLw8xZ4mR7pJ1sDcrashTestOwner")
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


class Gone(Exception):
    """The server is no longer there."""


class Connection:
    """One connection over which signed requests go, without the weight of an SDK."""

    def __init__(self, server):
        self.url = f"{server.endpoint}/"
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)

    def kms(self, operation, **members):
        """Calls a KMS operation; answers the decoded body, or None when it was refused."""
        body = json.dumps(members).encode()
        status, answer = self._send("kms", body, kms_headers(operation))
        return (json.loads(answer or b"{}") or {}) if status == 200 else None

    def iam(self, operation, **parameters):
        """Calls an IAM operation; answers the body, or None when it was refused."""
        body = urllib.parse.urlencode({"Action": operation, "Version": "2010-05-08", **parameters}).encode()
        status, answer = self._send("iam", body, FORM)
        return answer if status == 200 else None

    def _send(self, service, body, headers):
        signed = sign("POST", self.url, service, body, headers, OWNER)
        try:
            self.connection.request("POST", "/", body, signed)
            response = self.connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Gone from error
        if response.status == 503:
            raise Gone
        return response.status, answer


@dataclass
class Acknowledged:
    """One key with everything that the server said it had stored about it."""

    key: str
    aliases: list = field(default_factory=list)
    users: list = field(default_factory=list)
    counter: int = 0
    sent_counter: int = 0
    ciphertexts: list = field(default_factory=list)

    def count(self):
        """How many writes were acknowledged."""
        return 1 + len(self.aliases) + len(self.users) + self.counter


def write(connection, name, notes, stop):
    """Writes until the server is gone: keys, and for each aliases, users, a counted tag and ciphertexts."""
    number = 0
    try:
        while not stop.is_set():
            note = Acknowledged(need(connection.kms("CreateKey"))["KeyMetadata"]["KeyId"])
            notes.append(note)
            for step in range(4):
                number += 1
                write_one(connection, note, f"{name}-{number}", step + 1)
    except Gone:
        pass


def write_one(connection, note, name, counter):
    """One write of each kind, noted only once it was acknowledged."""
    need(connection.kms("CreateAlias", AliasName=f"alias/{name}", TargetKeyId=note.key))
    note.aliases.append(f"alias/{name}")
    note.sent_counter = counter
    need(connection.kms("TagResource", KeyId=note.key, Tags=[{"TagKey": "n", "TagValue": str(counter)}]))
    note.counter = counter
    need(connection.iam("CreateUser", UserName=name))
    note.users.append(name)
    sealed = need(connection.kms("Encrypt", KeyId=note.key, Plaintext=base64.b64encode(name.encode()).decode()))
    note.ciphertexts.append((name, sealed["CiphertextBlob"]))


def need(answer):
    """The answer, which may not be a refusal."""
    assert answer is not None, "a write was refused"
    return answer


class Load:
    """Several writers at once."""

    def __init__(self, server, name):
        self.stop, self.failures = threading.Event(), []
        self.notes = [[] for _ in range(WRITERS)]
        self.threads = [
            threading.Thread(target=self._run, args=(Connection(server), f"{name}-{number}", self.notes[number]))
            for number in range(WRITERS)
        ]
        for thread in self.threads:
            thread.start()

    def _run(self, connection, name, notes):
        try:
            write(connection, name, notes, self.stop)
        except Exception as error:
            self.failures.append(error)

    def end(self):
        """Waits for the writers; answers all notes."""
        self.stop.set()
        for thread in self.threads:
            thread.join()
        assert not self.failures, self.failures
        return [note for notes in self.notes for note in notes]


def lost(server, notes):
    """What was acknowledged and is not there."""
    found, threads = [], []
    for number in range(WRITERS):
        part = notes[number::WRITERS]
        threads.append(threading.Thread(target=check_all, args=(Connection(server), part, found)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return found


def check_all(connection, notes, found):
    """Notes every loss; a check that fails to run is a loss too."""
    for note in notes:
        try:
            found += check(connection, note)
        except Exception as error:
            found.append(f"key {note.key}: {error!r}")


def check(connection, note):
    """What is missing of one key."""
    described = connection.kms("DescribeKey", KeyId=note.key)
    if described is None or described["KeyMetadata"]["KeyState"] != "Enabled":
        return [f"key {note.key}: {described}"]
    missing = []
    for alias in note.aliases:
        target = connection.kms("DescribeKey", KeyId=alias)
        if target is None or target["KeyMetadata"]["KeyId"] != note.key:
            missing.append(f"{alias}: {target}")
    counted = {tag["TagKey"]: tag["TagValue"] for tag in connection.kms("ListResourceTags", KeyId=note.key)["Tags"]}
    # A tag that was on its way when the process died may or may not have been stored.
    if not note.counter <= int(counted.get("n", 0)) <= note.sent_counter:
        missing.append(f"key {note.key}: tag {counted} after {note.counter} of {note.sent_counter}")
    for user in note.users:
        if user_arn(user).encode() not in (connection.iam("GetUser", UserName=user) or b""):
            missing.append(f"user {user}")
    for text, blob in note.ciphertexts:
        opened = connection.kms("Decrypt", CiphertextBlob=blob)
        if opened is None or base64.b64decode(opened["Plaintext"]).decode() != text:
            missing.append(f"ciphertext {text} of key {note.key}")
    return missing
