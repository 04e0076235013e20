"""Mails: to a centre that its outbox has something new, and any other by the same server; nothing about persons.

No mail is sent to a centre without a mail server in the settings or without addresses for it.
"""

import smtplib
import ssl
from email.charset import QP, Charset
from email.header import Header
from email.message import Message
from email.utils import make_msgid

from akrim.settings import get_settings
from akrim.texts import said_in, texts

SECONDS = 30
# Of a mail's text.
UTF_8 = Charset("utf-8")
UTF_8.body_encoding = QP


def has_mail(centre_id: str) -> bool:
    settings = get_settings()
    return bool(settings.smtp_host and settings.notify.get(centre_id))


def notify(centre_id: str, kind: str, about: str, file_name: str) -> None:
    """Send the mail to the centre's addresses.

    Args:
        kind: `release`, `recall`, `erasure` or `correction`; one of `mails` in the texts.
        about: the release's or the case's id.
        file_name: the file in the outbox.
    """
    settings = get_settings()
    mails = [texts(language, "messages")["mails"][kind] for language in said_in(settings.language)]
    values = {"about": about, "centre_id": centre_id, "file_name": file_name}
    post_mail(
        settings.notify[centre_id],
        " / ".join(mail["subject"] for mail in mails).format(**values),
        "\n".join(mail["body"] for mail in mails).format(**values),
        f"<{kind}.{about}.{centre_id}@akrim>",
    )


def post_mail(to: list[str], subject: str, text: str, message_id: str = "") -> None:
    """Send a mail by the settings' server; raises OSError where that does not take it."""
    settings = get_settings()
    # Not EmailMessage: where a line of the subject ends beside a word with å, its folding doubles or drops the space.
    message = Message()
    message["From"] = settings.smtp_from
    message["To"] = ", ".join(to)
    message["Subject"] = Header(subject, header_name="Subject").encode()
    message["Message-ID"] = message_id or make_msgid(domain="akrim")
    message.set_payload(text, UTF_8)
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=SECONDS) as server:
        if settings.smtp_starttls:
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        server.send_message(message)
