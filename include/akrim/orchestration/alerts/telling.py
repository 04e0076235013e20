"""Sends alerts by mail and to a webhook, each once.

What was told, and what still waits for a way that was closed, lies in a file each under the home folder, and not in the database,
which may be what failed.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

from akrim import sending
from akrim.atomic_files import write_whole
from akrim.errors import UserError
from akrim.full_disk import error_text
from akrim.orchestration.alerts.alert import Alert, by_advice
from akrim.settings import get_settings
from akrim.texts import said_in, texts

SECONDS = 30
# What happened, and is told by whom it happened to. All else stands until it is mended.
OF_A_MOMENT = {"failed", "late"}
Send = Callable[[list[Alert]], None]


def receivers() -> list[str]:
    """Whom alerts go to, mail addresses and the webhook; nobody where no way is open."""
    mail = get_settings().alert_mail
    return [who for name in _channels() for who in (mail if name == "mail" else ["the webhook"])]


def tell(alerts: Iterable[Alert]) -> list[Alert]:
    """Send what was not sent yet, of these and of what could not be sent before; returns what was sent now.

    Raises UserError where a way is closed; what waits for it is sent when it is open again, and nothing twice.
    """
    channels = _channels()
    if not channels:
        return []
    sent: dict[str, Alert] = {}
    failed = []
    with _exclusively() as folder:
        for alert in alerts:
            path = folder / f"{alert.key}.json"
            if not path.exists():
                _keep(path, alert, set(channels))
        for name, send in channels.items():
            try:
                sent |= _send_due(folder, name, send)
            # smtplib's and urllib's errors are of the first kind; what a web server answers, and a name that is none, of the others.
            except (OSError, HTTPException, UnicodeError) as error:
                failed.append(f"{name}: {error_text(error)}")
    if failed:
        raise UserError(
            f"Alerts could not be sent: {'; '.join(failed)}",
            "AKRIM_ALERT_MAIL, AKRIM_ALERT_WEBHOOK",
            "They wait, and go out when the way is open again; `akrim doctor` tells of what stands.",
        )
    return list(sent.values())


def forget_ended(stands: Iterable[Alert]) -> None:
    """Forget the conditions that no longer stand: one that comes back is told anew, and none that was mended while a way was closed."""
    keys = {alert.key for alert in stands}
    with _exclusively() as folder:
        for path, alert, _ in _kept(folder):
            if alert.kind not in OF_A_MOMENT and alert.key not in keys:
                path.unlink()


def _send_due(folder: Path, name: str, send: Send) -> dict[str, Alert]:
    """Send by one way what waits for it, all at once; returns it by key."""
    due = [(path, alert, ways) for path, alert, ways in _kept(folder) if name in ways]
    due.sort(
        key=lambda kept: (kept[1].kind, *kept[1].values.values())
    )  # files are in no order that a reader knows
    if due:
        send([alert for _, alert, _ in due])
    for path, alert, ways in due:
        _keep(path, alert, ways - {name})
    return {alert.key: alert for _, alert, _ in due}


@contextmanager
def _exclusively() -> Iterator[Path]:
    """The folder of alerts, for one process at a time, so that two do not send the same."""
    folder = get_settings().home / "alerts"
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(lock)


def _keep(path: Path, alert: Alert, ways: set[str]) -> None:
    write_whole(path, json.dumps({**alert._asdict(), "waits_for": sorted(ways)}).encode())


def _kept(folder: Path) -> Iterator[tuple[Path, Alert, set[str]]]:
    """What was kept, but for what another version of akrim alone can tell: it waits for that."""
    for path in sorted(folder.glob("*.json")):
        kept = json.loads(path.read_text())
        alert = Alert(kept["kind"], kept["values"])
        if alert.is_known:
            yield path, alert, set(kept["waits_for"])


def _channels() -> dict[str, Send]:
    settings = get_settings()
    given = {
        "mail": (_mail, bool(settings.smtp_host and settings.alert_mail)),
        "webhook": (_post, bool(settings.alert_webhook.get_secret_value())),
    }
    return {name: send for name, (send, is_open) in given.items() if is_open}


def _mail(alerts: list[Alert]) -> None:
    sending.post_mail(get_settings().alert_mail, _subject(alerts), _body(alerts))


def _post(alerts: list[Alert]) -> None:
    """As chats take it: `text` is what they show; `alerts` is for programs."""
    told = {
        "text": f"{_subject(alerts)}\n\n{_body(alerts)}",
        "alerts": [{"kind": alert.kind, **alert.values, "runbook": alert.runbook} for alert in alerts],
    }
    asked = Request(  # noqa: S310  # the settings take http and https alone
        get_settings().alert_webhook.get_secret_value(),
        json.dumps(told).encode(),
        {"Content-Type": "application/json"},
    )
    with urlopen(asked, timeout=SECONDS):  # noqa: S310  # as above
        pass


def _subject(alerts: list[Alert]) -> str:
    return "akrim: " + " / ".join(
        alerts[0].what(language)
        if len(alerts) == 1
        else texts(language, "messages")["alerts"]["several"].format(count=len(alerts))
        for language in said_in(get_settings().language)
    )


def _body(alerts: list[Alert]) -> str:
    return "\n".join(
        "\n".join([*(alert.what(language) for alert in same), same[0].advice(language), same[0].runbook, ""])
        for language in said_in(get_settings().language)
        for same in by_advice(alerts, language)
    )
