"""Limits what one file may unpack to. A few bytes can stand for gigabytes, so it is counted while reading, not after."""

from akrim.contracts import Extract
from akrim.deliveries.outcome import Refusal

ANY_FILES_BYTES = 64 * 1024**2  # however small a file is, it may unpack to so much
BYTES_A_RECORD = 128  # what a record costs beside its text, even an empty one


class Allowance:
    """What one file may still unpack to: records, and bytes in proportion to the file's own size."""

    def __init__(self, extract: Extract, file_name: str, file_bytes: int) -> None:
        self._file_name = file_name
        self._records = extract.most_rows
        expanded = max(ANY_FILES_BYTES, extract.largest_expansion * file_bytes)
        self._bytes = min(expanded, extract.largest_unpacked_bytes)

    def take(self, records: int, size: int) -> None:
        """Count so many more records, or lines that may be one, with so many bytes of text together.

        Raises Refusal where that is more than the contract allows.
        """
        self._records -= records
        self._bytes -= size + records * BYTES_A_RECORD
        self.hold_against(0)

    def hold_against(self, size: int) -> None:
        """Raises Refusal where fewer bytes are left than the file declares that it unpacks to; counts nothing."""
        if self._records < 0 or self._bytes < size:
            raise Refusal("unreadable_file", f"{self._file_name} unpacks to more than the contract allows.")
