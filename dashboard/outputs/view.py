"""What a page is drawn from, and the addresses that lead from it to others."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from dashboard.language import Translator
from dashboard.progress.filters import Filters
from dashboard.registry.model import Registry
from dashboard.registry.scalars import Clock


@dataclass(frozen=True, slots=True)
class Edition:
    """Which state of the data a page shows. `changed`: the files hold more than that commit."""

    commit: str
    on: date
    changed: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """Everything that a page is drawn from."""

    registry: Registry
    clock: Clock
    tr: Translator
    filters: Filters
    address_language: bool = False
    edition: Edition | None = None

    def link(self, path: str, filters: Filters | None = None, **values: object) -> str:
        """An address of ours that keeps the day and, where it was chosen, the language."""
        pairs = filters.pairs() if filters else []
        pairs += [(key, str(value)) for key, value in values.items()]
        if self.filters.as_of and "as_of" not in dict(pairs):
            pairs.append(("as_of", self.filters.as_of.isoformat()))
        if self.address_language and "lang" not in values:
            pairs.append(("lang", self.tr.language))
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def record(self, name: str) -> str:
        return self.link("/record", id=name)
