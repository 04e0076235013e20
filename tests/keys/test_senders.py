"""The keys that agencies and centres sign with: one in force, an agency's older ones up to their days, and none of who no longer signs."""

from datetime import timedelta
from pathlib import Path

import pytest
from akrim.errors import UserError
from akrim.keys.agencies import distrust_sender, trust_sender
from akrim.keys.centres import distrust_signer, signer_of, trust_signer
from akrim.periods import today
from akrim.trust import signing
from akrim.trust.keyring import sender_keys


@pytest.fixture
def handed_over(home: Path, tmp_path: Path) -> list[Path]:
    """Three public keys as NAV hands them over."""
    home.mkdir()
    for number in range(3):
        signing.create_pair(tmp_path / f"{number}.key", tmp_path / f"{number}.pub", "nav's key")
    return [tmp_path / f"{number}.pub" for number in range(3)]


def test_two_old_keys_never_share_a_day_and_none_is_left_of_who_no_longer_signs(
    handed_over: list[Path], home: Path
) -> None:
    first, second, third = handed_over
    tomorrow = today() + timedelta(days=1)
    ids = [trust_sender("nav", first, None), trust_sender("nav", second, tomorrow)]
    with pytest.raises(UserError, match="until that very day"):
        trust_sender("nav", third, tomorrow)
    assert [key.id for key in sender_keys(home / "keys", "nav")] == ids[::-1], "nothing has changed"
    assert distrust_sender("nav") == ids[::-1]
    assert sender_keys(home / "keys", "nav") == []


def test_a_centre_signs_with_its_newest_key_until_it_no_longer_signs(handed_over: list[Path]) -> None:
    for public in handed_over[:2]:
        assert trust_signer("oslo", public) == signer_of("oslo")
    assert signer_of("oslo") == signing.key_id(signing.read_public_key(handed_over[1]))
    assert signer_of("bergen") == ""
    distrust_signer("oslo")
    assert signer_of("oslo") == ""
    for name in ("oslo", "nav"):
        with pytest.raises(UserError, match=r"no such key|no centre or agency"):
            distrust_signer(name)
