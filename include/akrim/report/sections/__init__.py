"""The report's sections: each module here that defines SECTION is one."""

import importlib
import pkgutil

from akrim.report.material import Section


def sections() -> tuple[Section, ...]:
    """Every section, in the report's order."""
    modules = sorted(found.name for found in pkgutil.iter_modules(__path__))
    found = (getattr(importlib.import_module(f"{__name__}.{name}"), "SECTION", None) for name in modules)
    return tuple(sorted((s for s in found if isinstance(s, Section)), key=lambda section: section.place))
