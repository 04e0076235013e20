"""What a check tells beside what is well and what is wrong."""


class Caution(str):
    """What a check tells that is not wrong, and should not stay as it is."""

    __slots__ = ()


class Absent(Caution):
    """What is not there yet, so that there is nothing to look at in what rests on it."""

    __slots__ = ()
