"""Each kind of difference between a release's files and its manifests has its own message."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from akrim.errors import UserError
from akrim.trust import find_problems


def problems_in(folder: Path) -> list[str]:
    return [str(problem) for problem in find_problems(folder)]


def test_a_whole_release_and_a_centres_folder_alone_are_whole(release: Path) -> None:
    assert problems_in(release) == []
    assert problems_in(release / "oslo") == []


def test_an_altered_file(release: Path) -> None:
    path = release / "oslo" / "changes.json"
    content = bytearray(path.read_bytes())
    content[10] ^= 1
    path.write_bytes(content)

    assert problems_in(release) == ["oslo/changes.json: altered, its hash is not the manifest's"]


def test_a_truncated_file(release: Path) -> None:
    path = release / "oslo" / "assessment.pdf"
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:-1])

    assert problems_in(release / "oslo") == [f"assessment.pdf: cut short, {size - 1} bytes instead of {size}"]


def test_a_missing_file(release: Path) -> None:
    (release / "oslo" / "data" / "roles.parquet").unlink()
    assert problems_in(release) == ["oslo/data/roles.parquet: missing"]


def test_an_extra_file_in_either_place(release: Path) -> None:
    (release / "note.txt").touch()
    (release / "oslo" / "data" / ".hidden").touch()

    assert problems_in(release) == [
        "oslo/data/.hidden: extra, no manifest names it",
        "note.txt: extra, no manifest names it",
    ]


def test_another_centres_folder_in_this_ones_place(release: Path) -> None:
    shutil.rmtree(release / "oslo")
    shutil.copytree(release / "bergen", release / "oslo")

    problems = problems_in(release)

    assert any(problem.startswith("oslo/manifest.json: altered") for problem in problems)
    assert "oslo/manifest.json: recipient is 'bergen', not 'oslo'" in problems


def test_a_link_out_of_the_folder(release: Path) -> None:
    path = release / "oslo" / "assessment.html"
    path.unlink()
    path.symlink_to("/etc/hostname")
    assert problems_in(release) == ["oslo/assessment.html: points outside the folder"]


def test_a_manifest_that_is_none(release: Path) -> None:
    (release / "manifest.json").write_text(json.dumps(["no", "manifest"]))
    with pytest.raises(UserError, match="not a release's manifest"):
        problems_in(release)


def test_folders_inside_folders_are_not_followed_for_ever(release: Path) -> None:
    here = os.open(release / "oslo", os.O_RDONLY)
    for _ in range(3000):  # deeper than any path can name
        os.mkdir("d", dir_fd=here)
        deeper = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    try:
        assert problems_in(release) == ["oslo/d: extra, no manifest names it"]
    finally:
        subprocess.run(
            ["/bin/rm", "-rf", release / "oslo" / "d"], check=True
        )  # Python's own removal would not end


@pytest.mark.parametrize(
    "entry",
    [
        {"path": "x" * 5000},
        {"path": "a/" * 2000 + "x"},
        {"path": "x\0y"},
        {"path": "/etc/hostname"},
        {"path": ".."},
        {"path": ""},
        {"path": "\x1b]0;x"},
        {"centre_id": "../oslo"},
        {"centre_id": "x\0"},
    ],
)
def test_a_name_that_no_release_has_is_told_and_followed_nowhere(
    entry: dict[str, str], release: Path
) -> None:
    manifest = json.loads((release / "manifest.json").read_text())
    manifest["centres"].append(manifest["centres"][0] | entry)
    (release / "manifest.json").write_text(json.dumps(manifest))
    problems = problems_in(release)
    assert [problem.endswith("points outside the folder") for problem in problems] == [True]
    assert problems[0].isprintable()
