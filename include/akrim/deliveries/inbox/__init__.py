"""The inbox: which deliveries lie there, their manifests, and private copies of what is received."""

from akrim.deliveries.inbox.copying import copy_delivery, superseded_id
from akrim.deliveries.inbox.files import (
    MANIFEST,
    answering,
    entries,
    is_file,
    is_folder,
    read_limited,
    storage,
)
from akrim.deliveries.inbox.listing import UNDECLARED, lying_of, unreadable_folders
from akrim.deliveries.inbox.manifest import DELIVERY_ID, FORM_ID, REPLAY_ID

__all__ = [
    "DELIVERY_ID",
    "FORM_ID",
    "MANIFEST",
    "REPLAY_ID",
    "UNDECLARED",
    "answering",
    "copy_delivery",
    "entries",
    "is_file",
    "is_folder",
    "lying_of",
    "read_limited",
    "storage",
    "superseded_id",
    "unreadable_folders",
]
