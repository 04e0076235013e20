"""Counts what a reader reads: nothing is read beyond the records that a file is declared to have."""

from collections.abc import Iterator

import pyarrow as pa

from akrim.deliveries.outcome import Refusal


class CountedBatches:
    """Batches whose records are counted as they pass; a refusal is kept for after the load instead of being raised inside."""

    def __init__(self, batches: Iterator[pa.RecordBatch], name: str, declared: int) -> None:
        self._batches = batches
        self._name, self._declared = name, declared
        self.count = 0
        self.refusal: Refusal | None = None

    def __iter__(self) -> "CountedBatches":
        return self

    def __next__(self) -> pa.RecordBatch:
        if self.refusal is not None:
            raise StopIteration
        try:
            batch = next(self._batches)
        except Refusal as refusal:
            self.refusal = refusal
            raise StopIteration from None
        self.count += batch.num_rows
        if self.count > self._declared:
            self.refusal = Refusal(
                "rows_mismatch", f"{self._name} has more records than the {self._declared} declared."
            )
            raise StopIteration
        return batch
