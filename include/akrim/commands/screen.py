"""The terminal, as every command writes to it: text is text there, whoever wrote it.

Nothing is read as markup, and characters that hide, reorder or command are shown as �. What is emphasised is a label of
the command's own.
"""

from typing import Any

from rich.console import Console
from rich.text import Text

from akrim.commands.plain_csv import visible


class Screen(Console):
    """A console for text of any origin, in lines and in tables' cells."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, highlight=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **options)

    def tell(self, label: str, text: str, style: str = "yellow") -> None:
        """A line that begins with an emphasised label."""
        self.print(Text.assemble((label, style), " ", visible(text)))
