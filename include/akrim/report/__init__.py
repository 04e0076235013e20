"""The assessment report of one centre: its contents, its wording, and its rendering as HTML and PDF."""

from akrim.report.actors import SentPart, group_profile, person_profile
from akrim.report.blocks import Block
from akrim.report.drawings import glyph_sheet
from akrim.report.edition import TERTIALS_SHOWN, Earlier, Edition, ListSize, Renewal
from akrim.report.files import write_report
from akrim.report.lists.last_decision import last_decisions
from akrim.report.lists.linked import linked_enterprises, linked_persons
from akrim.report.lists.nominated import nominated_enterprises, nominated_persons
from akrim.report.lists.ranking import place_of
from akrim.report.national import write_national_report
from akrim.report.profile.findings.sentences import found
from akrim.report.reference import Reference, read_reference
from akrim.report.render.html import render_blocks
from akrim.report.sections.accuracy import name_of_subgroup
from akrim.report.templates import template_environment
from akrim.report.wording import DASH, Words, clean

__all__ = [
    "DASH",
    "TERTIALS_SHOWN",
    "Block",
    "Earlier",
    "Edition",
    "ListSize",
    "Reference",
    "Renewal",
    "SentPart",
    "Words",
    "clean",
    "found",
    "glyph_sheet",
    "group_profile",
    "last_decisions",
    "linked_enterprises",
    "linked_persons",
    "name_of_subgroup",
    "nominated_enterprises",
    "nominated_persons",
    "person_profile",
    "place_of",
    "read_reference",
    "render_blocks",
    "template_environment",
    "write_national_report",
    "write_report",
]
