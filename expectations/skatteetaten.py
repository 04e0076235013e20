"""What we expect of the tax administration's extracts beyond their contract."""

from expectations.rows import rows_never

BEYOND_CONTRACT = {
    "arbeidsforhold": [
        rows_never(
            "employment ends after it starts",
            "meta.to_date(r.sluttdato, 'YYYY-MM-DD') < meta.to_date(r.startdato, 'YYYY-MM-DD')",
            "An employment's last day is not before its first.",
        )
    ],
    "kontroller": [
        rows_never(
            "report follows control",
            "meta.to_date(r.anmeldt_dato, 'YYYY-MM-DD') < meta.to_date(r.dato, 'YYYY-MM-DD')",
            "A control is reported to the police on its day or later.",
        )
    ],
}
