"""Linkage models: which there are, the one that links, and what there is to know of it."""

from akrim.linkage.model.card import model_card
from akrim.linkage.model.file import chosen_model, list_models, model_version, own_models

__all__ = ["chosen_model", "list_models", "model_card", "model_version", "own_models"]
