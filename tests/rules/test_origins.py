"""`make sharing` on a project that is not whole."""

import pytest
from akrim.errors import UserError
from akrim.rules import origins
from akrim.rules.lineage import Model


def test_sql_that_is_left_of_a_rule_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    left = Model("indicators", "left_over", "having count(*) >= group by 1", "indicators/tax")
    monkeypatch.setattr(origins, "compiled_models", lambda _: [left])
    with pytest.raises(UserError, match="left_over has SQL and is no rule"):
        origins.main()
