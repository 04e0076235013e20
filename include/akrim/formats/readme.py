"""README.md: what each file of a centre's folder is, and how its tables are opened with DuckDB and pandas."""

from pathlib import Path

from akrim.formats.registry import Format, Snapshot
from akrim.texts import texts


def write(folder: Path, snapshot: Snapshot) -> None:
    """Write README.md."""
    head = snapshot.head
    said: str = texts(snapshot.words.language, "messages")["release_readme"]
    places = {name: head[name] for name in ("centre", "release_id", "as_of", "handling", "synthetic")}
    (folder / "README.md").write_text(said.format(**places).rstrip() + "\n", encoding="utf-8")


FORMAT = Format("readme", write)
