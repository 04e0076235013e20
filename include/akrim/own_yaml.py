"""YAML that the project itself brings: read by libyaml, a tenth of the time of the reader in Python, and trusted."""

from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml


def read_own(file: Path | Traversable) -> Any:
    """What the file says."""
    return yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
