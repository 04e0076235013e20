"""What people ask most: the deliveries that came, why records are one person, the situation table, what came of the rules."""

from akrim.insight.deliveries import (
    SetAside,
    count_quarantined,
    list_deliveries,
    list_deliveries_of,
    list_extracts,
    list_files,
    list_quarantined,
    list_replays,
    page_of_deliveries,
    periods_and_agencies,
    read_delivery,
    read_quarantined,
    require_known,
)
from akrim.insight.efficacy import FEW, by_least_share, read_efficacy
from akrim.insight.explanation import read_explanation
from akrim.insight.groups import find_groups, read_group, read_group_course, read_groups_of
from akrim.insight.impact import list_impact, removed_of
from akrim.insight.limits import list_limits
from akrim.insight.persons import (
    MOST_FOUND,
    find_persons,
    listed_among,
    newest_release,
    read_course,
    require_newest_release,
)
from akrim.insight.profiles import read_group_profile, read_profile
from akrim.insight.rules import count_pointed_at, list_rules_of_releases
from akrim.insight.situation import assessed_window, read_situation
from akrim.insight.thresholds import Threshold, present_thresholds, try_thresholds

__all__ = [
    "FEW",
    "MOST_FOUND",
    "SetAside",
    "Threshold",
    "assessed_window",
    "by_least_share",
    "count_pointed_at",
    "count_quarantined",
    "find_groups",
    "find_persons",
    "list_deliveries",
    "list_deliveries_of",
    "list_extracts",
    "list_files",
    "list_impact",
    "list_limits",
    "list_quarantined",
    "list_replays",
    "list_rules_of_releases",
    "listed_among",
    "newest_release",
    "page_of_deliveries",
    "periods_and_agencies",
    "present_thresholds",
    "read_course",
    "read_delivery",
    "read_efficacy",
    "read_explanation",
    "read_group",
    "read_group_course",
    "read_group_profile",
    "read_groups_of",
    "read_profile",
    "read_quarantined",
    "read_situation",
    "removed_of",
    "require_known",
    "require_newest_release",
    "try_thresholds",
]
