"""What we expect of the business register's extracts beyond their contract."""

from expectations.rows import is_earlier, rows_never

BEYOND_CONTRACT = {
    "roller": [
        rows_never(
            "role ends after it starts",
            is_earlier("til", "fra"),
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
