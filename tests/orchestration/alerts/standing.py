"""What stands in a warehouse, and what makes it so."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from akrim.orchestration.alerts import current_conditions

TODAY = date(2026, 5, 20)
LONG_AGO = datetime.now(UTC) - timedelta(days=2)
DELIVERY = """insert into meta.deliveries
    (delivery_id, manifest_sha256, agency, period, mode, status, reason, folder, folder_fingerprint, received_at)
    values (%s, repeat('1', 64), 'nav', %s, 'full', %s, %s, '', '', now() + %s * interval '1 minute')"""
WITHDRAW = (
    b"insert into meta.delivery_withdrawals (delivery_id, by_name, reason) values (%s, 'kari', 'wrong')"
)


def stands(today: date = TODAY) -> dict[str, list[str]]:
    """What stands: each kind's first value, what it is about."""
    found: dict[str, list[str]] = {}
    for alert in current_conditions(today):
        found.setdefault(alert.kind, []).append(next(iter(alert.values.values())))
        for language in ("nb", "nn", "en"):
            assert alert.what(language)
            assert alert.advice(language)
    return found


def pins(period: str) -> dict[str, Any]:
    return {"deliveries": {"nav": [{"delivery_id": f"nav-{period}-01"}]}}
