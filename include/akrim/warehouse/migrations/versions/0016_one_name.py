"""One name and one type for one thing in the marts, of every release that stands there and of what centres were sent.

A release made before keeps its files as they are. What is built again by kept SQL names its columns itself.
"""

from alembic import op

revision = "0016"
down_revision = "0015"

RENAMED = (
    ("offence_cases", "reporter_code", "reporting_agency"),
    ("case_outcomes", "report_date", "reported_date"),
    ("prioritisations", "measures", "actions"),
    ("group_decisions", "measures", "actions"),
    ("actor_changes", "period", "decided_period"),
    ("goal_indicators", "period", "measured_period"),
    ("quarantine_counts", "period", "delivery_period"),
    ("delivery_ages", "as_of", "newest_fact_date"),
    ("extract_ages", "as_of", "newest_fact_date"),
)
RETYPED = (
    ("situation_measures", "numerator", "integer", "bigint"),
    ("situation_measures", "denominator", "integer", "bigint"),
    ("situation_measures", "value", "integer", "bigint"),
    ("principals", "amount_nok", "numeric", "bigint"),
    ("inspections", "fine_amount_nok", "numeric", "bigint"),
)
# The views on a mart are dropped, the last first, and laid again with the text that they had.
RETYPE = """
    create or replace function pg_temp.retype(mart text, named text, kind text) returns void language plpgsql as $$
    declare
        base oid := to_regclass(format('marts.%I', mart));
        views text[];
        texts text[];
    begin
        if base is null then
            return;
        end if;
        with recursive showing as (
            select base as id, 0 as depth
            union all
            select r.ev_class, showing.depth + 1 from showing
            join pg_depend as d on d.refobjid = showing.id and d.classid = 'pg_rewrite'::regclass
            join pg_rewrite as r on r.oid = d.objid and r.ev_class <> showing.id
        ), found as (
            select id, max(depth) as depth from showing where depth > 0 group by id
        )
        select array_agg(id::regclass::text order by depth), array_agg(pg_get_viewdef(id) order by depth)
        into views, texts from found;
        for place in reverse coalesce(cardinality(views), 0) .. 1 loop
            execute format('drop view %s', views[place]);
        end loop;
        execute format('alter table marts.%I alter column %I type %s', mart, named, kind);
        for place in 1 .. coalesce(cardinality(views), 0) loop
            execute format('create view %s as %s', views[place], texts[place]);
        end loop;
    end $$
"""


def upgrade() -> None:
    """Views on the marts are laid again as they were; what reads what was sent, by its own procedure."""
    for mart, old, new in RENAMED:
        _rename(mart, old, new)
    for mart, column, _, kind in RETYPED:
        _retype(mart, column, kind)


def downgrade() -> None:
    for mart, column, kind, _ in RETYPED:
        _retype(mart, column, kind)
    for mart, old, new in RENAMED:
        _rename(mart, new, old)


def _rename(mart: str, old: str, new: str) -> None:
    """Rename the column in the mart and its views, whether the mart is a table or a view itself, and in the rows that were sent."""
    for schema in ("marts", "marts_current", "marts_history", "shared_rows"):
        named, name = (_in_history(old), _in_history(new)) if schema == "marts_history" else (old, new)
        op.execute(f"""
            do $$
            begin
                if exists (
                    select from pg_attribute
                    where attrelid = to_regclass('{schema}.{mart}') and attname = '{named}' and not attisdropped
                ) then
                    alter table {schema}.{mart} rename column {named} to {name};
                    -- An earlier program has no such procedure; what it laid is laid anew when the next one is there.
                    if '{schema}' = 'shared_rows' and to_regprocedure('shared_rows.lay(text)') is not null then
                        call shared_rows.lay('{mart}');
                    end if;
                end if;
            end $$
        """)


def _in_history(name: str) -> str:
    """What a mart's column was called beside the period and the cut-off date that every row of history has."""
    return f"own_{name}" if name in ("period", "as_of") else name


def _retype(mart: str, column: str, kind: str) -> None:
    """Change the type of a mart's column, where it stands, under the views that show it."""
    op.execute(RETYPE)
    op.get_bind().exec_driver_sql("select pg_temp.retype(%s, %s, %s)", (mart, column, kind))
