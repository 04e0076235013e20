"""Mails that tell a centre of what lies in its outbox."""

import email
import json
import ssl
from email.policy import default
from pathlib import Path

import pytest
from akrim.sending import deliver, notices, post_mail
from akrim.sending.key_succession import replace_keys

from tests.certificates import authority
from tests.conftest import configure
from tests.letters import Letters, mail_server
from tests.sending.outboxes import NAME
from tests.trust.conftest import CENTRES, SECOND


def test_a_centre_gets_one_mail_for_a_release_and_one_for_a_recall(
    installation: Path, letters: Letters
) -> None:
    deliver()
    deliver()
    assert [to for to, _ in letters.got] == [["leder@oslo.example", "vakt@oslo.example"]]
    assert f"oslo/{NAME}" in letters.got[0][1]
    notices.recall_release(SECOND, "Kari Vakt", "Feil.")
    deliver()
    deliver()
    assert sum("trukket tilbake" in text for _, text in letters.got) == 1
    replace_keys(installation / "keys" / "successor.key", "planned")
    deliver()
    assert sum("trukket tilbake" in text for _, text in letters.got) == 1, "signed anew, it is no news"


@pytest.mark.parametrize(
    ("language", "said", "unsaid"), [("nb", "Hent den", "Hent henne"), ("nn", "Hent henne", "Hent den")]
)
def test_a_mail_is_in_one_norwegian_and_in_english(
    installation: Path,
    letters: Letters,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    said: str,
    unsaid: str,
) -> None:
    configure(monkeypatch, AKRIM_LANGUAGE=language)
    deliver()
    ((_, text),) = letters.got
    assert said in text
    assert unsaid not in text
    assert "Fetch it" in text


@pytest.mark.parametrize(
    "subject",
    [
        "Noe er omstridt, sak K-2026-001 / Something is disputed, case K-2026-001",
        "akrim: Leveranse nav-2026-T1-01 ble avvist (bad_signature); utgaver går ut med det nav leverte før. / Delivery nav-2026-T1-01 was refused",
        "akrim: Leveranse nav-2026-T1-01 blei avvist (bad_signature); utgåver går ut med det nav leverte før. / Delivery nav-2026-T1-01 was refused",
    ],
)
def test_a_subject_is_read_as_it_was_written(letters: Letters, subject: str) -> None:
    post_mail(["vakt@oslo.example"], subject, "Å")
    ((_, text),) = letters.got
    assert str(email.message_from_string(text, policy=default)["Subject"]) == subject
    assert max(map(len, text.splitlines())) <= 78


def test_a_mail_server_failure_is_reported_and_the_mail_sent_later(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(
        monkeypatch,
        AKRIM_SMTP_HOST="127.0.0.1",
        AKRIM_SMTP_PORT="9",
        AKRIM_NOTIFY=json.dumps({"oslo": ["leder@oslo.example"]}),
    )
    delivered = deliver()
    assert delivered.sent == {SECOND: list(CENTRES)}
    assert delivered.failed == {"oslo": "mail: ConnectionRefusedError"}


@pytest.mark.parametrize(
    ("known", "failed"), [("root", {}), ("stranger", {"oslo": "mail: SSLCertVerificationError"})]
)
def test_a_mail_goes_to_no_server_but_the_one_that_it_is_for(
    installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: str, failed: dict[str, str]
) -> None:
    roots = {name: authority(tmp_path, name) for name in ("root", "stranger")}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*roots["root"].sign("localhost"))
    monkeypatch.setenv("SSL_CERT_FILE", str(roots[known].path))
    with mail_server(monkeypatch, context) as letters:
        assert deliver().failed == failed
    assert len(letters.got) == (known == "root")
