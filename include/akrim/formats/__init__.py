"""The release's data in other people's forms: a workbook always, FollowTheMoney and BODS where the setting asks."""

from akrim.formats.bods import bods_of
from akrim.formats.ftm import ftm_of
from akrim.formats.workbook import workbook_of

__all__ = ["bods_of", "ftm_of", "workbook_of"]
