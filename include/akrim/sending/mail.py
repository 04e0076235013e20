"""Mails a centre that its outbox has something new; nothing about persons.

No mail is sent without a mail server in the settings or without addresses for the centre.
"""

import smtplib
import ssl
from email.message import EmailMessage

from akrim.settings import get_settings
from akrim.texts import said_in, texts

SECONDS = 30


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
    message = EmailMessage()
    message["From"] = settings.smtp_from
    message["To"] = ", ".join(settings.notify[centre_id])
    message["Subject"] = " / ".join(mail["subject"] for mail in mails).format(**values)
    message["Message-ID"] = f"<{kind}.{about}.{centre_id}@akrim>"
    message.set_content("\n".join(mail["body"] for mail in mails).format(**values))
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=SECONDS) as server:
        if settings.smtp_starttls:
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        server.send_message(message)
