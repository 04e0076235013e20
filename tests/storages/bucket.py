"""A bucket in a server of the test's own."""

import math
from collections.abc import Iterator

import pytest

NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty bucket `moro`, to which the environment leads."""
    from moto import settings  # all take seconds to import
    from moto.moto_api._internal import moto_api_backend

    from tests.storages.s3 import S3

    # The server of an earlier test in this process has refused others from some request on.
    monkeypatch.setattr(settings, "INITIAL_NO_AUTH_ACTION_COUNT", math.inf)
    for name in NAMES:
        monkeypatch.setenv(name, "to be set by the server")
    server = S3()
    yield
    server.stop()
    moto_api_backend.reset()


def stored() -> list[str]:
    """The keys of all that lies in the bucket."""
    import boto3

    listed = boto3.Session().client("s3").list_objects_v2(Bucket="moro").get("Contents", [])
    return [each["Key"] for each in listed]
