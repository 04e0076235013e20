"""An S3 server in this process whose listing is late, or that hangs up in the middle of a file, when asked to."""

import logging
import os
import re
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import boto3
from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

POLICY = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
LISTED = re.compile(rb"<Contents>.*?</Contents>", re.DOTALL)


class S3:
    """Moto's server: names in `late` are not listed, reading one in `broken` ends half-way."""

    inbox, outbox, mirror = "s3://moro/inbox", "s3://moro/outbox", "s3://moro/mirror/releases"
    nowhere = "s3://nobodys-bucket/inbox"

    def __init__(self) -> None:
        self.late: set[str] = set()
        self.broken: set[str] = set()
        self.moto = DomainDispatcherApplication(create_backend_app)
        logging.getLogger("werkzeug").setLevel(
            logging.WARNING
        )  # it tells each request, among what a sweep prints
        self.server = make_server("127.0.0.1", 0, self.answer, threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.use("first", "first-secret")
        self.use(*self.make_user())
        boto3.Session().client("s3").create_bucket(Bucket="moro")

    def use(self, key: str, secret: str) -> None:
        os.environ |= {
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        os.environ |= {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server.server_port}"}

    def make_user(self) -> tuple[str, str]:
        """From now on the server lets in nobody else."""
        iam = boto3.Session().client("iam")
        iam.create_user(UserName="akrim")
        iam.put_user_policy(UserName="akrim", PolicyName="all", PolicyDocument=POLICY)
        made = iam.create_access_key(UserName="akrim")["AccessKey"]
        self.refuse_others()
        return made["AccessKeyId"], made["SecretAccessKey"]

    def refuse_others(self) -> None:
        ActionAuthenticatorMixin.request_count = 0
        settings.INITIAL_NO_AUTH_ACTION_COUNT = 0

    def forget_secret(self) -> None:
        self.use(os.environ["AWS_ACCESS_KEY_ID"], "not-the-secret")

    def lay(self, folder: Path) -> None:
        """Put everything that lies in this folder into the inbox, and an empty object for the folder itself."""
        client = boto3.Session().client("s3")
        client.put_object(Bucket="moro", Key="inbox/", Body=b"")
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                client.put_object(
                    Bucket="moro", Key=f"inbox/{path.relative_to(folder)}", Body=path.read_bytes()
                )

    def answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        name = environ["PATH_INFO"].rpartition("/")[2]
        began: list[Any] = []
        whole = b"".join(self.moto(environ, lambda *head: began.append(head)))
        status, headers = began[0][:2]
        if self.late and b"<ListBucketResult" in whole:
            whole = LISTED.sub(lambda found: b"" if self.is_late(found[0]) else found[0], whole)
            headers = [(key, value) for key, value in headers if key.lower() != "content-length"]
        start(status, headers)
        return self.half(whole) if environ["REQUEST_METHOD"] == "GET" and name in self.broken else [whole]

    def is_late(self, listed: bytes) -> bool:
        return any(name.encode() in listed for name in self.late)

    def half(self, content: bytes) -> Iterator[bytes]:
        yield content[: len(content) // 2]
        raise ConnectionResetError("the storage hung up")

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
