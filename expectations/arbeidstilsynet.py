"""What we expect of the Labour Inspection Authority's extracts beyond their contract."""

from expectations.rows import rows_never

BEYOND_CONTRACT = {
    "tilsyn": [
        rows_never(
            "breaches are within checkpoints",
            "pg_input_is_valid(r.antall_brudd, 'bigint') and pg_input_is_valid(r.antall_kontrollpunkter, 'bigint')"
            " and r.antall_brudd::bigint > r.antall_kontrollpunkter::bigint",
            "No more breaches are found than checkpoints were controlled.",
        )
    ],
}
