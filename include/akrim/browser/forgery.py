"""Refuses requests that another site has a signed-in browser send: whatever changes something comes from these pages, with their token."""

import hashlib
import hmac
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

SAFE = {"GET", "HEAD"}


def form_token(name: str) -> str:
    """The token in each form of that user: no other site can know it."""
    return hmac.new(secret(), f"akrim.browser\0{name}".encode(), hashlib.sha256).hexdigest()


def secret() -> bytes:
    """The secret that signs Airflow's own tokens."""
    from airflow.configuration import conf

    return conf.get_mandatory_value("api_auth", "jwt_secret").encode()


async def check_origin(request: Request, name: str) -> None:
    """Raise HTTPException 403 where a request that may change something is not from a form of that user's page."""
    from airflow.configuration import conf

    if request.method in SAFE:
        return
    origin = urlsplit(request.headers.get("origin", "")).netloc
    is_own = origin in {request.url.netloc, urlsplit(conf.get("api", "base_url", fallback="")).netloc} - {""}
    token = (await request.form()).get("token")
    if not is_own or not hmac.compare_digest(str(token).encode(), form_token(name).encode()):
        raise HTTPException(403)
