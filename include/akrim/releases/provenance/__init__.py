"""pins.json beside a release: what another machine needs to build the release again."""

from akrim.releases.provenance.pins import Provenance, pinned_form_keys, read_provenance, write_pins

__all__ = ["Provenance", "pinned_form_keys", "read_provenance", "write_pins"]
