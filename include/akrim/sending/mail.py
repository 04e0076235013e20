"""Mails a centre that its outbox has something new; nothing about persons.

No mail is sent without a mail server in the settings or without addresses for the centre.
"""

import smtplib
import ssl
from email.message import EmailMessage
from importlib.resources import files

import yaml

from akrim.settings import get_settings

SECONDS = 30


def has_mail(centre_id: str) -> bool:
    settings = get_settings()
    return bool(settings.smtp_host and settings.notify.get(centre_id))


def notify(centre_id: str, kind: str, about: str, file_name: str) -> None:
    """Send the mail to the centre's addresses.

    Args:
        kind: `release`, `recall`, `erasure` or `correction`; a text of mails.yml.
        about: the release's or the case's id.
        file_name: the file in the outbox.
    """
    settings = get_settings()
    text = yaml.safe_load(files("akrim.sending").joinpath("mails.yml").read_text("utf-8"))[kind]
    message = EmailMessage()
    message["From"] = settings.smtp_from
    message["To"] = ", ".join(settings.notify[centre_id])
    message["Subject"] = text["subject"].format(about=about)
    message["Message-ID"] = f"<{kind}.{about}.{centre_id}@akrim>"
    message.set_content(text["body"].format(about=about, centre_id=centre_id, file_name=file_name))
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=SECONDS) as server:
        if settings.smtp_starttls:
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        server.send_message(message)
