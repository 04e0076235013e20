"""Which rows of each table of a release are a centre's: the marts with their conditions and keys.

A row about a person reaches a centre only if marts.named_persons has the person for it as listed or decided on; an
enterprise, inspection or case outcome only if a row of one of those persons refers to it. Of a counterpart the centre is
given the name and the tie, nothing else; of whom an agency has nominated the name, the birth date and the nomination.
"""

from typing import NamedTuple

OF_CENTRES_PERSONS = "person_id in (select person_id from centre_persons)"
OF_CENTRES_ENTERPRISES = "orgnr in (select orgnr from centre_enterprises)"
OF_CENTRES_NAMED = "person_id in (select person_id from centre_named)"
OF_CENTRES_OBSERVATIONS = """person_id in (select person_id from centre_persons)
    and person_id not in (select person_id from centre_unfound)
    and (dimension = 'intention' or person_id not in (select person_id from centre_unable))"""
# What was dropped or ended in acquittal is shared only as what speaks for somebody listed.
OF_CENTRES_OFFENCES = """person_id in (select person_id from centre_persons)
    and (person_id in (select person_id from centre_named where named_because = 'listed') or not exists (
        select from seeds.outcome_codes as codes
        where codes.outcome_code = offence_cases.outcome_code and (codes.is_dropped or codes.speaks_for_person)
    ))"""
OF_SHARED_REPORTS = """reporting_agency not in (
        select agency from centre_withheld
        where category in ('inspection', 'benefit', 'tax_control', 'tax_arrears', 'criminal_offence')
    )"""
# A benefit case in the evidence may be a worker's, who is not the centre's to know about. Each row is of the agency that reported.
OF_CENTRES_CASES = """(case_number in (select case_number from centre_cases)
    or reporting_agency <> 'nav' and (reporting_agency, reference) in (select agency, source_row_id from centre_evidence))
    and {shared}""".replace("{shared}", OF_SHARED_REPORTS)
OF_CENTRES_NETWORKS = "network_id in (select whole_id from centre_networks)"


VISIBLE = """case {kind} when 'person'
    then {member} in (select person_id from centre_named where named_because <> 'nominated')
    else {member} in (select orgnr from centre_enterprises) end"""


def _visible(kind: str, member: str) -> str:
    return VISIBLE.format(kind=kind, member=member)


# A counterpart's ties are shown where they meet the centre's own persons: to one of them, or to an enterprise that one led.
MEETING = """(from_kind = 'enterprise' or from_id in (select person_id from centre_persons)
    or to_id in (select person_id from centre_persons)
    or tie = 'leading_role' and to_id in (select orgnr from centre_tied))"""

# Who stands in for whom, where one of them is the centre's and the other is named to it.
OF_CENTRES_FRONTS = """person_id in (select person_id from centre_named where named_because <> 'nominated')
    and front_person_id in (select person_id from centre_named where named_because <> 'nominated')
    and (person_id in (select person_id from centre_persons) or front_person_id in (select person_id from centre_persons))"""

# Ties that rest on where people live, or on what they are charged with. Which of several took a role over is decided by more than roles.
NO_WITHHELD_TIES = """(tie not in ('shared_home', 'handover')
    or not exists (select from centre_withheld where category in ('address', 'known', 'presence')))
    and (tie <> 'handover' or 'role_handed_over' not in (select indicator_code from centre_rules))
    and (tie <> 'charged_in' or not exists (select from centre_withheld where category = 'criminal_offence'))"""
# Whom a charge alone makes a member is named to those alone who may know of the charge.
NO_WITHHELD_CHARGES = """(part is distinct from 'facilitator' or member_id in (select person_id from centre_persons)
    and not exists (select from centre_withheld where category = 'criminal_offence'))"""

# Made for this centre, from those whom it lists.
OF_CENTRE = "centre_id = {centre_id}"
# The centre's own decisions about its persons.
OF_CENTRES_OWN_PERSONS = f"{OF_CENTRE} and {OF_CENTRES_PERSONS}"
# What is found about a group's members tells who they are, so that it goes where the centre is told of no such group.
OF_TOLD_GROUPS = (
    "centre_id = {centre_id} and group_kind || '_assessments' not in (select mart from centre_silent)"
)
# Counts without names: the centre's own, and the national ones.
OF_CENTRES_SCOPE = "scope in ('national', {centre_id})"
# A measure tells of what it counts, and of whom it counts by.
OF_SHARED_MEASURES = """{scope} and measure not in (
        select measure from seeds.measures
        where exists (
            select from centre_withheld where agency || '.' || category = any(string_to_array(made_from, ' '))
        )
        or of_listed and exists (select from centre_rules)
    )""".replace("{scope}", OF_CENTRES_SCOPE)
# The outcomes of a few reports tell each of them.
OF_SHARED_SUMMARIES = f"""{OF_CENTRES_SCOPE} and {OF_SHARED_REPORTS}
    and not exists (select from centre_withheld where agency = 'politiet' and category = 'criminal_offence')"""
OF_CENTRE_OR_ASSESSMENT = "withheld_from in ('assessment', {centre_id})"

# The rows of a mart that may refer to others: none where the centre gets none of it, or what it is told of would tell what they say.
TOLD_ROWS = "release_id = {release_id} and {mart} not in (select mart from centre_silent)"

# Who is named to the centre, the centre's persons (the listed and the decided on), who is nominated, and what their rows refer to; all
# other tables are selected by these.
CENTRE_SCOPE = (
    """create temp table centre_withheld on commit drop as
    select agency, category from meta.withheld where release_id = {release_id} and recipient = {centre_id}""",
    # The extracts whose rows, by what their keys are, the centre may not know of.
    """create temp table centre_closed on commit drop as
    select agency, extract from (values {extracts}) as extracts (agency, extract, category)
    join centre_withheld using (agency, category)""",
    # The marts of which the centre gets no row, since what every row has of the key is made from what it may not know.
    """create temp table centre_silent on commit drop as
    select distinct mart from (values {keys}) as keys (mart, name)
    join seeds.data_origins as o on o.subject = mart || '.' || name
    join centre_withheld using (agency, category)""",
    """create temp table centre_rules on commit drop as
    select indicator_code, told from marts.withheld_rules
    where release_id = {release_id} and withheld_from = {centre_id}""",
    """create temp table centre_named on commit drop as
    select person_id, named_because from marts.named_persons
    where release_id = {release_id} and centre_id = {centre_id}""",
    """create temp table centre_persons on commit drop as
    select person_id from centre_named where named_because not in ('counterpart', 'nominated')""",
    """create temp table centre_nominated on commit drop as
    select person_id, orgnr from marts.nominations where release_id = {release_id} and centre_id = {centre_id}""",
    # What whoever is looked at disputes, all of them, could be checked for others: their own sentence tells the two apart.
    """create temp table centre_unchecked on commit drop as
    select indicator_code from marts.indicator_observations
    where release_id = {release_id} and indicator_code in (select indicator_code from centre_rules)
    group by indicator_code having bool_and(checked = 'unavailable' and not starts_with(explanation_nb, (
        select split_part(text, '{{agencies}}', 1) from seeds.labels
        where code_list = 'unmet' and language = 'nb' and code = 'disputed'
    )))""",
    # Rules are looked at for those of whom one has found something, and for those who dispute something. Where that is none, or nothing, of
    # which the centre is told, rows that find nothing would tell that another has, or of the dispute.
    """create temp table centre_unfound on commit drop as
    select person_id from marts.indicator_observations left join centre_rules using (indicator_code)
    where release_id = {release_id} and {of_centres_persons} and exists (select from centre_rules)
    group by person_id
    having not bool_or(checked = 'fired' and dimension = 'intention' and told is distinct from 'nothing')""",
    # Capacity is looked at from so many points of intention on. Where the centre is told of fewer, that it was would tell that rules
    # of which it is not told have found the rest.
    """create temp table centre_unable on commit drop as
    select person_id from marts.indicator_observations left join centre_rules using (indicator_code)
    where release_id = {release_id} and {of_centres_persons} and dimension = 'intention'
    group by person_id
    having bool_or(points > 0 and told is not null) and coalesce(sum(points) filter (where told is null), 0)
        < (select quantity::integer from seeds.definitions where definition_code = 'capacity_counts')""",
    """create temp table centre_evidence on commit drop as
    select distinct item ->> 'agency' as agency, item ->> 'source_row_id' as source_row_id, led.orgnr
    from marts.indicator_observations
    cross join jsonb_array_elements(coalesce(evidence, '[]'::jsonb)) as item
    cross join lateral (
        select item ->> 'orgnr' as orgnr
        union all select jsonb_array_elements_text(item -> 'through')
    ) as led
    where release_id = {release_id} and {of_centres_observations}
        and indicator_code not in (select indicator_code from centre_rules)""",
    """create temp table centre_cases on commit drop as
    select case_number, orgnr from marts.offence_cases where {told_offence_cases} and {of_centres_offences}""",
    # Somebody who is on no list here may be on another's by a rule of which this centre is not told.
    """create temp table centre_assessed on commit drop as
    select person_id from centre_persons
    where not exists (select from centre_rules)
        or person_id in (select person_id from centre_named where named_because = 'listed')""",
    # A network bears the name of its first enterprise, which may be in it by such a person alone.
    """create temp table centre_networks on commit drop as
    select network_id as whole_id, case when exists (select from centre_rules)
        then 'N' || upper(left(md5('network ' || min(to_id)), 12)) else network_id end as told_id
    from marts.network_ties
    where release_id = {release_id} and tie = 'leading_role' and from_id in (select person_id from centre_assessed)
    group by network_id""",
    """create temp table centre_led on commit drop as
    select distinct roles.orgnr from marts.roles join marts.assessments using (release_id, person_id)
    where {told_roles} and centre_id = {centre_id} and roles.is_leading and {of_centres_persons}""",
    """create temp table centre_tied on commit drop as
    select to_id as orgnr from marts.network_ties
    where {told_network_ties} and tie = 'leading_role' and from_id in (select person_id from centre_persons)""",
    """create temp table centre_enterprises on commit drop as
    select orgnr from marts.roles where {told_roles} and {of_centres_persons}
    union select orgnr from marts.bankruptcy_involvements where {told_bankruptcy_involvements} and {of_centres_persons}
    union select orgnr from centre_cases
    union select orgnr from centre_led
    union select principal_orgnr from marts.principals
        where {told_principals} and supplier_orgnr in (select orgnr from centre_led)
    -- What is tied to these. A sole proprietorship bears its owner's name, who need not be the centre's person.
    union select enterprises.orgnr from (
            select from_id, to_id from marts.network_ties
            where release_id = {release_id} and from_kind = 'enterprise' and to_kind = 'enterprise'
            union all select to_id, from_id from marts.network_ties
            where release_id = {release_id} and from_kind = 'enterprise' and to_kind = 'enterprise'
        ) as tied (near_id, far_id)
        join centre_tied on centre_tied.orgnr = near_id
        join marts.enterprises on enterprises.release_id = {release_id} and enterprises.orgnr = far_id
        where legal_form_code <> 'ENK'
    union select orgnr from marts.enterprise_assessments where {told_enterprise_assessments} and centre_id = {centre_id}
    union select orgnr from marts.straw_man_ties where {told_straw_man_ties} and {of_centres_fronts}
    union select orgnr from centre_evidence
    union select orgnr from centre_nominated where orgnr is not null""",
)


class Mart(NamedTuple):
    """One table of the release: the condition for a centre's rows, and the key, of which `optional` may be empty."""

    name: str
    row_filter: str
    key: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """What every row has of the key."""
        return tuple(name for name in self.key if name not in self.optional)


MARTS = (
    Mart("named_persons", OF_CENTRE, ("person_id",)),
    Mart("persons_counted", OF_CENTRE, ("basis",)),
    Mart("persons", OF_CENTRES_NAMED, ("person_id",)),
    Mart("enterprises", OF_CENTRES_ENTERPRISES, ("orgnr",)),
    Mart("roles", OF_CENTRES_PERSONS, ("role_id",)),
    Mart("bankruptcy_involvements", OF_CENTRES_PERSONS, ("role_id",)),
    Mart("inspections", OF_CENTRES_ENTERPRISES, ("inspection_id",)),
    Mart("offence_cases", OF_CENTRES_OFFENCES, ("case_number", "person_id")),
    Mart("indicator_observations", OF_CENTRES_OBSERVATIONS, ("person_id", "indicator_code")),
    Mart("assessments", OF_CENTRES_OWN_PERSONS, ("person_id",)),
    Mart("prioritisations", OF_CENTRES_PERSONS, ("decision_id", "person_id")),
    Mart("status_questions", OF_CENTRES_OWN_PERSONS, ("person_id", "question")),
    Mart("nominations", OF_CENTRE, ("agency", "nomination_id")),
    Mart(
        "case_outcomes", OF_CENTRES_CASES, ("reporting_agency", "reference", "case_number"), ("case_number",)
    ),
    Mart("networks", OF_CENTRES_NETWORKS, ("network_id",)),
    Mart(
        "network_members",
        f"{OF_CENTRES_NETWORKS} and {_visible('member_kind', 'member_id')} and {NO_WITHHELD_CHARGES}",
        ("network_id", "member_kind", "member_id"),
    ),
    Mart(
        "network_ties",
        f"{OF_CENTRES_NETWORKS} and {_visible('from_kind', 'from_id')} and {_visible('to_kind', 'to_id')} and {MEETING}"
        f" and {NO_WITHHELD_TIES}",
        ("network_id", "from_id", "to_id", "tie"),
    ),
    Mart("network_assessments", OF_CENTRE, ("network_id",)),
    Mart("enterprise_assessments", OF_CENTRE, ("orgnr",)),
    Mart("group_observations", OF_TOLD_GROUPS, ("group_kind", "group_id", "indicator_code")),
    Mart("group_decisions", OF_CENTRE, ("decision_id",)),
    Mart("group_members", OF_CENTRE, ("group_kind", "group_id", "person_id")),
    Mart("straw_man_ties", OF_CENTRES_FRONTS, ("person_id", "front_person_id", "orgnr")),
    Mart("coordination", "person_id in (select person_id from centre_assessed)", ("person_id",)),
    Mart("exposed_workers", "orgnr in (select orgnr from centre_led)", ("orgnr",)),
    Mart(
        "principals",
        "supplier_orgnr in (select orgnr from centre_led)",
        ("principal_orgnr", "supplier_orgnr", "purchase_year"),
    ),
    Mart("delivery_ages", "true", ("agency",)),
    Mart("extract_ages", "true", ("agency", "extract")),
    Mart("withheld_data", OF_CENTRE_OR_ASSESSMENT, ("withheld_from", "agency", "category")),
    Mart("withheld_rules", OF_CENTRE_OR_ASSESSMENT, ("withheld_from", "indicator_code")),
    Mart("situation_measures", OF_SHARED_MEASURES, ("scope", "base", "measure")),
    Mart("goal_indicators", OF_SHARED_MEASURES, ("scope", "measured_period", "measure")),
    Mart("outcome_summaries", OF_SHARED_SUMMARIES, ("scope", "reporting_agency", "outcome_class")),
    Mart("actor_changes", OF_CENTRES_OWN_PERSONS, ("person_id", "decided_period")),
    Mart("status_history", OF_CENTRES_OWN_PERSONS, ("person_id", "valid_from")),
)
