"""YAML that somebody else has written: of a bounded size however often it refers to itself, and with errors in plain words."""

from pathlib import Path
from typing import Any

import yaml

from akrim.errors import UserError
from akrim.trust import read_limited

MAX_BYTES = 1024**2
MAX_NODES = 100_000


def read_yaml(path: Path, what: str, next_step: str) -> dict[str, Any]:
    """The file's fields by name; raises UserError where it is no YAML, or names none.

    Args:
        what: what the file is, such as "contract".
        next_step: what to do where it cannot be read.
    """
    try:
        content = yaml.load(read_limited(path, MAX_BYTES), Loader=_CountingLoader)  # noqa: S506  # a safe loader
    except (OSError, yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise UserError(f"The {what} cannot be read: {_fault(error)}.", str(path), next_step) from None
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content):
        raise UserError(f"The {what} names no fields.", str(path), next_step)
    return content


def _fault(error: Exception) -> str:
    """What is wrong with the file, to be read after "cannot be read: "."""
    match error:
        case yaml.MarkedYAMLError():
            line = f"line {error.problem_mark.line + 1}" if error.problem_mark else "its beginning"
            return f"{error.problem if isinstance(error, _NamedTwice) else 'it is no YAML'} at {line}"
        case yaml.reader.ReaderError():
            return f"it is no text in UTF-8 at its byte {error.position + 1}"
        case FileNotFoundError():  # a folder, a pipe and a device count as none
            return "it is no file" if Path(error.filename).exists() else "it is not there"
        case OSError():
            return error.strerror or type(error).__name__
        case RecursionError():
            return "it is nested too deeply"
        case _:  # such as a date that there is not
            return str(error)[:200]


class _NamedTwice(yaml.constructor.ConstructorError):
    """Of two values under one name, YAML's reader would drop the first."""


class _CountingLoader(yaml.SafeLoader):
    """Counts what the content comes to where each reference is followed: some lines of them can stand for any amount."""

    def __init__(self, stream: bytes) -> None:
        super().__init__(stream)
        self._nodes = 0
        self._sizes: dict[int, int] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        is_reference = self.check_event(yaml.AliasEvent)
        before = self._nodes
        node = super().compose_node(parent, index)
        if is_reference and id(node) not in self._sizes:
            raise yaml.YAMLError("it holds itself")
        self._nodes += self._sizes[id(node)] if is_reference else 1
        if self._nodes > MAX_NODES:
            raise yaml.YAMLError("it comes to too much")
        if not is_reference:
            self._sizes[id(node)] = self._nodes - before
        return node

    def compose_mapping_node(self, anchor: Any) -> Any:
        node = super().compose_mapping_node(anchor)
        # As it is written: what `<<` takes over is put beside the fields that take its place later.
        seen = set()
        for key, _ in node.value:
            name = (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else None
            if name in seen:
                raise _NamedTwice(problem="a field is named twice", problem_mark=key.start_mark)
            seen |= {name} - {None}
        return node
