"""The golden releases, for commands that want something to show."""

from tests.releases.conftest import golden_database, published

__all__ = ["golden_database", "published"]
