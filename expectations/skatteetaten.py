"""What we expect of the tax administration's extracts beyond their contract."""

from expectations.rows import is_earlier, rows_never

BEYOND_CONTRACT = {
    "arbeidsforhold": [
        rows_never(
            "employment ends after it starts",
            is_earlier("sluttdato", "startdato"),
            "An employment's last day is not before its first.",
        )
    ],
    "kontroller": [
        rows_never(
            "report follows control",
            is_earlier("anmeldt_dato", "dato"),
            "A control is reported to the police on its day or later.",
        )
    ],
}
