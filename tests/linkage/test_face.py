"""The face of linkage: type checkers see the names that are loaded."""

import ast
from pathlib import Path

from akrim import linkage


def test_each_name_is_loaded_from_where_it_is_typed() -> None:
    tree = ast.parse(Path(str(linkage.__file__)).read_text())
    typed = {
        alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("akrim.linkage.")
        for alias in node.names
    }
    assert typed.keys() == linkage._HOMES.keys()
    for name, where in typed.items():
        assert where == f"akrim.linkage.{linkage._HOMES[name]}.{name}"
        assert getattr(linkage, name) is not None
