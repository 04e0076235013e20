"""Imports that Great Expectations makes when it is imported, put off until they are used, or left out.

Statistics and charts are more than a third of what importing it takes, for expectations that no suite of ours has; Spark, where
it is there, is half as much again.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

UNUSED = ("scipy.stats", "altair")


class Later(ModuleType):
    """A module that is imported when something of it is first asked for: `import` alone does not.

    The standard library's LazyLoader imports when the name is imported a second time.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__path__":
            raise AttributeError(name)  # whoever looks through all modules uses none
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def import_later(*names: str) -> None:
    """Have these modules imported when they are used, unless they are imported already."""
    for name in names:
        if name not in sys.modules:
            later = Later(name)
            later.__spec__ = find_spec(name)
            sys.modules[name] = later
            package, _, child = name.rpartition(".")
            if package:
                setattr(import_module(package), child, later)


@contextmanager
def absent(name: str) -> Iterator[None]:
    """A context in which a package that nothing has imported yet cannot be: whoever can do without it does."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # Python's own way to say so
    try:
        yield
    finally:
        del sys.modules[name]
