"""Which deliveries there are to answer for, and what would be said of each now."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from akrim import warehouse
from akrim.deliveries.inbox import DELIVERY_ID, FORM_ID, REPLAY_ID
from akrim.sending.agencies.nominations import EXTRACT, Answers, answers_to

# Of an erased row nothing is kept, so that the number of rows that are tells a receipt that must be made anew.
DELIVERIES = """
select d.delivery_id, d.manifest_sha256, d.agency, d.folder, d.period, d.mode, d.status, d.reason, d.detail, d.notes,
    d.manifest is not null as has_manifest, coalesce(f.extracts, '[]') as extracts, coalesce(q.kept, 0) as kept,
    s.state_sha256, s.sent_at::text as sent_at,
    d.status = 'accepted' and d.delivery_id = newest.delivery_id as has_nominations
from meta.deliveries as d
left join (
    select delivery_id, manifest_sha256, jsonb_agg(jsonb_build_object(
        'extract', extract, 'file', file_name, 'sha256', sha256, 'rows_delivered', rows_declared,
        'rows_loaded', rows_loaded, 'rows_quarantined', rows_quarantined) order by extract) as extracts
    from meta.delivery_files where file_name is not null group by 1, 2
) as f using (delivery_id, manifest_sha256)
left join (select delivery_id, manifest_sha256, count(raw) as kept from quarantine.rows group by 1, 2) as q
    using (delivery_id, manifest_sha256)
left join meta.sent_receipts as s using (delivery_id, manifest_sha256)
left join (
    select distinct on (agency) agency, delivery_id
    from meta.deliveries_in_force join meta.delivery_files using (delivery_id, manifest_sha256)
    where extract = %(nominations)s and file_name is not null order by agency, period desc, delivered_at desc, delivery_id desc
) as newest on newest.agency = d.agency
where d.agency = any(%(agencies)s) and (%(delivery)s::text is null or d.delivery_id = %(delivery)s)
order by d.delivery_id, d.manifest_sha256
"""


@dataclass(frozen=True)
class Answered:
    """A delivery as the register knows it, and what was last sent of it; with the newest nominations, what the centres have answered."""

    delivery_id: str
    manifest_sha256: str
    agency: str
    folder: str
    period: str | None
    mode: str | None
    status: str
    reason: str | None
    detail: str | None
    notes: list[str]
    has_manifest: bool
    extracts: list[dict[str, Any]]
    kept: int
    state_sha256: str | None
    sent_at: str | None
    nominations: Answers | None

    @property
    def name(self) -> str:
        """The receipt's folder: the delivery's id and what tells manifests of one id apart; of no proper id, that alone."""
        digest = hashlib.sha256(f"{self.folder} {self.manifest_sha256}".encode()).hexdigest()
        short = self.manifest_sha256[:12] if self.has_manifest else digest[:12]
        is_proper = any(known.fullmatch(self.delivery_id) for known in (DELIVERY_ID, REPLAY_ID, FORM_ID))
        return f"{self.delivery_id}-{short}" if is_proper else f"unnamed-{short}"

    def state(self, *more: str) -> str:
        """A digest of all that the receipt says, and of what it is signed with and sealed for."""
        said = [
            self.status, self.reason, self.detail, self.notes, self.extracts, self.kept, self.nominations, sorted(more),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def answered(agencies: Collection[str], delivery_id: str | None) -> list[Answered]:
    """Every delivery of these agencies, or the one with that id, under each manifest that came with it."""
    values = {"agencies": list(agencies), "delivery": delivery_id, "nominations": EXTRACT}
    with warehouse.connect() as connection:
        rows = warehouse.read_rows(connection, DELIVERIES, values)
        for row in rows:
            is_told = row.pop("has_nominations")
            row["nominations"] = (
                answers_to(connection, row["agency"], row["delivery_id"]) if is_told else None
            )
    return [Answered(**row) for row in rows]
