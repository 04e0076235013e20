"""Which agency sends which extracts."""

from collections.abc import Callable, Iterator

from akrim.synthetic.extracts import arbeidstilsynet, brreg, nav, politiet, skatteetaten
from akrim.synthetic.extracts.columns import ExtractTable
from akrim.synthetic.world.world import World

AGENCIES: dict[str, Callable[[World, int], Iterator[ExtractTable]]] = {
    "brreg": brreg.extracts,
    "arbeidstilsynet": arbeidstilsynet.extracts,
    "skatteetaten": skatteetaten.extracts,
    "nav": nav.extracts,
    "politiet": politiet.extracts,
}


def extracts_of(agency: str, world: World, as_of: int) -> Iterator[ExtractTable]:
    """Each made when it is asked for, so that one at a time is in memory."""
    return AGENCIES[agency](world, as_of)
