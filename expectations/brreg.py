"""What we expect of the business register's extracts beyond their contract."""

from expectations.rows import rows_never

BEYOND_CONTRACT = {
    "roller": [
        rows_never(
            "role ends after it starts",
            "meta.to_date(r.til, 'YYYY-MM-DD') < meta.to_date(r.fra, 'YYYY-MM-DD')",
            "A role's last day is not before its first.",
        )
    ],
    "enheter": [
        rows_never(
            "bankruptcy has a date",
            "r.konkurs = 'true' and r.konkursdato is null",
            "An enterprise that is bankrupt says since when.",
        )
    ],
}
