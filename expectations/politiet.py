"""What we expect of the police's extracts beyond their contract."""

from expectations.rows import rows_never

# Every byte is a letter of ISO-8859-1, so that text in another encoding is read, wrongly: UTF-8's letters of two bytes as Ã or Â and a
# sign, Windows' own as a control character.
OF_ANOTHER_ENCODING = (
    r"concat_ws(' ', r.fornavn, r.etternavn, r.adresse) ~ '[ÂÃ][\u0080-\u00bf]|[\u0080-\u009f]'"
)
BEYOND_CONTRACT = {
    "personer": [
        rows_never(
            "names are in the agreed encoding",
            OF_ANOTHER_ENCODING,
            "Names and addresses have no signs such as Ã¥, which come of a file in another encoding than agreed.",
        )
    ]
}
