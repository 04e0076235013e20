"""How sure a share or a rate is: its interval of 95 per cent."""

import pandas as pd
from scipy.stats import binomtest, chi2


def share(counted: pd.Series, total: pd.Series) -> pd.DataFrame:
    """Of each `total` the part that is `counted`, with Wilson's interval.

    Returns `value`, `low` and `high` in per cent, and `total` and `counted`; rows without a total are left out.
    """
    total = total[total > 0]
    counted = counted.reindex(total.index, fill_value=0)
    ranges = [
        binomtest(int(part), int(whole)).proportion_ci(method="wilson")
        for part, whole in zip(counted, total, strict=True)
    ]
    lows, highs = [range_.low for range_ in ranges], [range_.high for range_ in ranges]
    return _per_hundred(counted, total, pd.Series(lows, total.index), pd.Series(highs, total.index))


def rate(events: pd.Series, years: pd.Series) -> pd.DataFrame:
    """Events for each 100 years of `years`, with Poisson's exact interval.

    Returns `value`, `low` and `high` in events for 100 years, and `total` (the years) and `counted`.
    """
    years = years[years > 0]
    events = events.reindex(years.index, fill_value=0).astype(int)
    # Of no events nothing is the least.
    low = pd.Series(chi2.ppf(0.025, 2 * events) / 2, years.index).fillna(0)
    high = pd.Series(chi2.ppf(0.975, 2 * events + 2) / 2, years.index)
    return _per_hundred(events, years, low / years, high / years)


def _per_hundred(counted: pd.Series, total: pd.Series, low: pd.Series, high: pd.Series) -> pd.DataFrame:
    figures = {"value": counted / total, "low": low, "high": high}
    return pd.DataFrame({name: 100 * column.astype(float) for name, column in figures.items()}).assign(
        total=total, counted=counted
    )
