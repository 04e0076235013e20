"""Whatever bytes come, a reader returns or raises its own refusal: what fuzzing found, and new bytes each time.

`make fuzz` looks for more; each finding is kept in corpus/, one file each in its reader's folder, named for what it is.
"""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS

CORPUS = sorted(path for path in (Path(__file__).parent / "corpus").glob("*/*"))
SIGNS = [
    b'"',
    b";",
    b"\n",
    b"\0",
    b"{",
    b"}",
    b"[",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"-",
    b"9" * 400,
    b"<",
    b"&",
    b"&a *a",
]

pytestmark = pytest.mark.usefixtures("home")


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_once_is_refused_or_read(path: Path, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    TARGETS[path.parent.name].try_out(path.read_bytes(), tmp_path / "x")


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_bytes_come_a_reader_returns_or_refuses(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Sound and spoilt content with places cut out, repeated, or replaced by signs that mean something."""
    content = data.draw(st.sampled_from(seeds(name)))
    for _ in range(data.draw(st.integers(0, 6))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 40)))
        new = data.draw(
            st.one_of(st.binary(max_size=8), st.sampled_from(SIGNS), st.just(content[start:end] * 2))
        )
        content = content[:start] + new + content[end:]
    TARGETS[name].try_out(content, tmp_path_factory.mktemp("x"))
