"""Person linkage: finds the records of all agencies that describe one person, and gives persons lasting ids.

No other package imports Splink, nor any table but those that tables.yml says linkage publishes. The sub-packages `model`,
`quality`, `review`, `runs`, `spark` and `store` are faces too: importing Splink is slow, and only `quality` and `runs` need it.
"""

from akrim.linkage.explanation import explain, in_words

__all__ = ["explain", "in_words"]
