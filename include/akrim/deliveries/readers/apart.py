"""Reads a file in a process of its own, for a parser whose code may end or fill the process that runs it.

Arrow's C++ ends its process on some spoilt Parquet files, and takes what memory they ask for before anything can be
counted. So the file is read in a child of this process, with bounds on memory and time, which hands the batches back.
"""

import faulthandler
import gc
import json
import os
import resource
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from akrim.contracts import Format
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers.batches import BatchBuilder

Reader = Callable[[Path, Format, BatchBuilder], Iterator[pa.RecordBatch]]

MEMORY_BYTES = 2 * 1024**3  # beside what this process had when it began
CPU_SECONDS = 1800
FATAL = (signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV, signal.SIGXCPU)
LENGTH = 8
BATCH, REFUSED, FAILED, MEMORY, ENDED = b"B", b"R", b"F", b"M", b"E"


def read_apart(read: Reader) -> Reader:
    """The same reader, run in a process of its own; a file that this process does not survive is `unreadable_file`.

    Raises RuntimeError where the reader itself fails, or the process was killed from outside: that says nothing of the file.
    """

    def reader(path: Path, form: Format, builder: BatchBuilder) -> Iterator[pa.RecordBatch]:
        receiving, sending = os.pipe()
        child = os.fork()
        if child == 0:
            _read(lambda: read(path, form, builder), sending)
        os.close(sending)
        ended = None
        try:
            with os.fdopen(receiving, "rb") as frames:
                yield from _batches(frames)
        except MemoryError:
            raise builder.unreadable("reading it takes more memory than any file may") from None
        except EOFError:
            ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            raise _verdict(ended, builder) from None
        finally:
            if ended is None:
                os.kill(child, signal.SIGKILL)  # nothing is left of it where it has ended already
                os.waitpid(child, 0)

    return reader


def _batches(frames: BinaryIO) -> Iterator[pa.RecordBatch]:
    """The batches that the child sends; raises what it raised, EOFError where it ended before its last word."""
    while True:
        kind = _exactly(frames, 1)
        content = _exactly(frames, int.from_bytes(_exactly(frames, LENGTH), "little"))
        if kind == ENDED:
            return
        if kind == REFUSED:
            raise Refusal(*json.loads(content))
        if kind == MEMORY:
            raise MemoryError
        if kind == FAILED:
            raise RuntimeError(f"The reader failed: {content.decode()}")
        with pa.ipc.open_stream(content) as stream:
            yield from stream


def _exactly(frames: BinaryIO, size: int) -> bytes:
    content = frames.read(size)
    if len(content) < size:
        raise EOFError
    return content


def _verdict(exit_code: int, builder: BatchBuilder) -> Exception:
    """What a child's end without a last word says of the file."""
    if exit_code == -signal.SIGXCPU:
        return builder.unreadable("reading it takes longer than any file may")
    if -exit_code in FATAL:
        return builder.unreadable("its parser broke on it")
    return RuntimeError(f"The process that read {builder.file_name} was ended ({exit_code}).")


def _read(batches: Callable[[], Iterator[pa.RecordBatch]], sending: int) -> None:
    """What the child does: read, send, end. Never returns."""
    try:
        gc.disable()  # nothing that the parent holds, such as a connection, is to be closed here
        _bound()
        with os.fdopen(sending, "wb") as frames:
            for kind, content in _frames(batches):
                frames.write(kind + len(content).to_bytes(LENGTH, "little"))
                frames.write(content)
    finally:
        os._exit(0)


def _frames(batches: Callable[[], Iterator[pa.RecordBatch]]) -> Iterator[tuple[bytes, bytes | memoryview]]:
    try:
        for batch in batches():
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, batch.schema) as stream:
                stream.write_batch(batch)
            yield BATCH, memoryview(sink.getvalue())
    except Refusal as refusal:
        yield REFUSED, json.dumps([refusal.code, refusal.detail]).encode()
    except MemoryError:
        yield MEMORY, b""
    except Exception as error:  # noqa: BLE001  # a defect, raised again in the parent; its text may hold data
        yield FAILED, type(error).__name__.encode()
    else:
        yield ENDED, b""


def _bound() -> None:
    """Bound this process; what it says of its end, and its memory, are written nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    # A handler that this process had before may go on instead of ending it.
    faulthandler.disable()
    for number in FATAL:
        signal.signal(number, signal.SIG_DFL)
    pa.set_memory_pool(pa.system_memory_pool())  # the others take memory in advance
    pa.set_cpu_count(1)
    bounds = {resource.RLIMIT_CORE: 0, resource.RLIMIT_CPU: CPU_SECONDS}
    used = Path("/proc/self/statm")
    if used.exists():  # other systems do not count it so
        bounds[resource.RLIMIT_DATA] = (
            int(used.read_text().split()[5]) * resource.getpagesize() + MEMORY_BYTES
        )
    for which, bound in bounds.items():
        hard = resource.getrlimit(which)[1]
        soft = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(which, (soft, hard))
