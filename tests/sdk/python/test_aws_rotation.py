"""Rotation of keys, as boto3 asks for it."""

import datetime

import pytest

from aws_client import Aws
from aws_names import MISSING_KEY, key_arn
from refusal import refused
from test_aws_auth import clock_moved


@pytest.fixture
def key(kms):
    return kms.create_key()["KeyMetadata"]


def now():
    return datetime.datetime.now(datetime.timezone.utc)


@pytest.mark.parametrize("days", [None, 90, 2560])
def test_rotation_is_switched_on_and_off(kms, key, days):
    arn = key["Arn"]
    status = kms.get_key_rotation_status(KeyId=key["KeyId"])
    assert (status["KeyId"], status["KeyRotationEnabled"]) == (arn, False)
    assert not {"RotationPeriodInDays", "NextRotationDate", "OnDemandRotationStartDate"} & status.keys()
    kms.enable_key_rotation(KeyId=arn, **({"RotationPeriodInDays": days} if days else {}))
    status = kms.get_key_rotation_status(KeyId=arn)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, days or 365)
    due = now() + datetime.timedelta(days=days or 365)
    assert abs(status["NextRotationDate"] - due) < datetime.timedelta(minutes=5)
    kms.disable_key_rotation(KeyId=key["KeyId"])
    assert kms.get_key_rotation_status(KeyId=arn)["KeyRotationEnabled"] is False


@pytest.mark.parametrize("days", [89, 2561])
def test_a_period_outside_90_to_2560_days_is_refused(aws, key, days):
    with refused("ValidationException", 400):
        aws.unchecked("kms").enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=days)


def test_a_rotated_key_opens_what_it_encrypted_before(kms, key):
    before = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"kept", EncryptionContext={"a": "b"})["CiphertextBlob"]
    assert kms.rotate_key_on_demand(KeyId=key["KeyId"])["KeyId"] == key["Arn"]
    material = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["CurrentKeyMaterialId"]
    assert material != key["CurrentKeyMaterialId"]
    after = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"new")["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=before, EncryptionContext={"a": "b"})
    assert (opened["Plaintext"], opened["KeyMaterialId"]) == (b"kept", key["CurrentKeyMaterialId"])
    opened = kms.decrypt(CiphertextBlob=after)
    assert (opened["Plaintext"], opened["KeyMaterialId"]) == (b"new", material)
    made = kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256")
    assert made["KeyMaterialId"] == material


def test_rotations_are_listed_page_by_page(kms, key):
    assert kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"] == []
    for _ in range(3):
        kms.rotate_key_on_demand(KeyId=key["KeyId"])
    pages = kms.get_paginator("list_key_rotations").paginate(
        KeyId=key["KeyId"], IncludeKeyMaterial="ALL_KEY_MATERIAL", PaginationConfig={"PageSize": 2}
    )
    listed = [entry for page in pages for entry in page["Rotations"]]
    assert [entry.get("RotationType") for entry in listed] == [None, "ON_DEMAND", "ON_DEMAND", "ON_DEMAND"]
    assert [entry["KeyMaterialState"] for entry in listed] == ["NON_CURRENT"] * 3 + ["CURRENT"]
    assert listed[0]["KeyMaterialId"] == key["CurrentKeyMaterialId"] and "RotationDate" not in listed[0]
    assert {entry["KeyId"] for entry in listed} == {key["Arn"]} and len({entry["KeyMaterialId"] for entry in listed}) == 4
    assert kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"] == listed[1:]


def test_a_key_is_rotated_on_demand_25_times(kms, key):
    for _ in range(25):
        kms.rotate_key_on_demand(KeyId=key["KeyId"])
    limit = "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed "
    with refused("LimitExceededException", 400, f"{limit}for this key: {key['Arn']}"):
        kms.rotate_key_on_demand(KeyId=key["KeyId"])


def test_a_key_that_waits_for_deletion_tells_no_rotation(kms, key):
    kms.enable_key_rotation(KeyId=key["KeyId"])
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is False
    kms.cancel_key_deletion(KeyId=key["KeyId"])
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is True


def test_a_key_of_a_service_rotates_yearly_and_nobody_rotates_it(kms):
    key = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["KeyId"]
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 365)
    for rotate in (kms.rotate_key_on_demand, kms.enable_key_rotation, kms.disable_key_rotation):
        with refused("AccessDeniedException", 400):
            rotate(KeyId=key)


def test_a_key_that_is_not_there_does_not_rotate(kms):
    for rotate in (kms.rotate_key_on_demand, kms.enable_key_rotation, kms.get_key_rotation_status, kms.list_key_rotations):
        with refused("NotFoundException", 400, f"Key '{key_arn(MISSING_KEY)}' does not exist"):
            rotate(KeyId=MISSING_KEY)


def test_a_key_rotates_when_its_time_has_come(own_server):
    kms = Aws(own_server.endpoint).kms
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"kept")["CiphertextBlob"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    own_server.advance("2160h")
    with clock_moved(days=90):
        (turn,) = kms.list_key_rotations(KeyId=key)["Rotations"]
        assert (turn["RotationType"], turn["KeyMaterialState"]) == ("AUTOMATIC", "CURRENT")
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"
