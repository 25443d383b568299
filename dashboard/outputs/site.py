"""The dashboard as files for any web host: the report, a small page and a card a record, the data, the feed.

Every link between them is relative, so that the folder works under any address and from a disk. What
is written is yielded file by file; nothing here touches a disk.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup

from dashboard.language import NAMES, translator
from dashboard.outputs import alone, card, pages, sitemap, telling
from dashboard.outputs.view import Place, View
from dashboard.progress.filters import Filters
from dashboard.registry.model import Recommendation
from dashboard.registry.scalars import LANGUAGES, Language

FORMATS = ("csv", "json")
"""The formats in which each table is laid out as a file."""

_FACE = "html { color-scheme: light dark; }\n#before { font-family: system-ui, 'Noto Sans', sans-serif; }\n"
"""What is on every computer: a typeface of ours would weigh more than the page."""


@dataclass(frozen=True)
class Filed(View):
    """A view whose addresses are files of the site.

    `top`: the way from the page up to the report, such as `../../`; `whole`: further up, to the site that
    an edition's own files lie in (`e/NAME/`); empty for the site itself. `origin` is the address of all.
    """

    served: ClassVar[bool] = False
    top: str = ""
    whole: str = ""

    @classmethod
    def of(cls, view: View, language: Language = "en", **more: Any) -> Self:
        told = {each.name: getattr(view, each.name) for each in fields(View)}
        # No selection and no past day: what a file shows is what it was made of.
        told |= {"tr": translator(language), "filters": Filters(), "address_language": True, "past": None}
        return cls(**{**told, **more})

    def page(self, name: str) -> Self:
        """The same for the page of a record."""
        return replace(self, place=Place("/record", (("id", name),), alone="./"), top="../../")

    def link(self, path: str, filters: Filters | None = None, **values: object) -> str:
        """The file that stands for an address of the dashboard: of a record its page, of the data the data."""
        if path == "/record":
            return f"{self.top}r/{values['id']}/{index(self.tr.language)}"
        if path.startswith(("/r/", "/embed/")):
            _, what, name = path.split("/")
            file = index(self.tr.language) if what == "r" else card_file(self.tr.language)
            return f"{self.top}r/{name}/{file}"
        if path.startswith("/api/v1/") or path == "/feed.atom":
            return f"{self.top}{path[1:]}"
        # The other pages are those of the report, whose addresses lie behind a # (outputs/report.py).
        pairs = [(key, str(value)) for key, value in values.items() if key != "lang"]
        pairs += [("lang", self.tr.language)] if self.tr.language != "en" else []
        pairs += filters.without("as_of").without("published_on").pairs() if filters else []
        return f"{self.top}index.html#{path}" + (f"?{urlencode(pairs)}" if pairs else "")

    def lasting(self, path: str, **values: object) -> str:
        """The whole address of the page that is shown: in the files of its edition, where it is one."""
        edition = self.edition
        folder = f"/e/{edition.name}" if edition and edition.name else ""
        name = values.get("id") or path.removeprefix("/r/").strip("/") if path.startswith("/r") else ""
        return f"{self.origin}{folder}/" + (f"r/{name}/" if name else "")


def index(language: Language) -> str:
    """The file of a page in a language; English is what a web host shows of the folder."""
    return "index.html" if language == "en" else f"index.{language}.html"


def card_file(language: Language) -> str:
    return "card.html" if language == "en" else f"card.{language}.html"


def files(view: View, editions: Mapping[str, View]) -> Iterator[tuple[str, bytes]]:
    """Every file of the site with its path: of the state that is shown, and of each edition below `e/`."""
    yield from _state(view)
    for name, then in editions.items():
        yield from ((f"e/{name}/{path}", content) for path, content in _state(then, "../../"))
    if view.origin:
        yield "sitemap.xml", sitemap.sitemap(_addresses(view))
    yield "robots.txt", sitemap.robots(view.origin, [f"{_below(view)}/e/"]).encode()
    yield "404.html", _missing(view)
    yield ".nojekyll", b""


def count(view: View, editions: Mapping[str, View]) -> int:
    """How many records have their pages in it: what the work is measured by."""
    return sum(len(each.registry.records) for each in (view, *editions.values()))


def _state(view: View, whole: str = "") -> Iterator[tuple[str, bytes]]:
    yield from _first(view, whole)
    for name in view.registry.records:
        for language in LANGUAGES:
            here = Filed.of(view, language, whole=whole).page(name)
            yield f"r/{name}/{index(language)}", record(here, name).encode()
            yield f"r/{name}/{card_file(language)}", card.card(here, name, index(language)).encode()
    yield from _data(carried(view, whole))


def _first(view: View, whole: str) -> Iterator[tuple[str, bytes]]:
    """The report; where there are more records than it holds, a list of them in each language."""
    from dashboard.outputs import report

    try:
        yield "index.html", report.report(Filed.of(view, whole=whole)).encode()
    except report.TooMany:
        for language in LANGUAGES:
            here = Filed.of(view, language, whole=whole)
            drawn = pages.drawn("site_index.html", here, policy=alone.POLICY, index=index, languages=NAMES)
            yield index(language), alone.styled(drawn, _FACE).encode()


def carried(view: View, whole: str = "") -> Filed:
    """For what leaves the site and is read elsewhere: its addresses begin with that of the site."""
    return Filed.of(view, whole=whole, top=f"/e/{view.edition.name}/" if whole and view.edition else "/")


def _data(every: Filed) -> Iterator[tuple[str, bytes]]:
    """What the web server answers below /api/v1, as files; and the feed."""
    from dashboard.outputs import api, exported, feed, tables

    whole = {"registry": api.registry_json, "records": api.records_json, "changes": api.changes_json}
    for name, made in whole.items():
        yield f"api/v1/{name}.json", _bytes(made(every))
    for name in tables.NAMES:
        for format in FORMATS:
            if format != "json" or name not in whole:  # these mean more than a table
                yield f"api/v1/{name}.{format}", exported.one(every, name, format)
    yield "feed.atom", _bytes(feed.atom(every))


def _bytes(made: str | bytes) -> bytes:
    return made.encode() if isinstance(made, str) else made


_LOCALES: Mapping[Language, str] = {"en": "en_GB", "ru": "ru_RU", "kk": "kk_KZ"}
"""As link previews (Open Graph) write a language."""


# --- the page of a record ---------------------------------------------------------------------------


def record(view: Filed, name: str) -> str:
    """The small page of a record, in the language of the view."""
    row = pages.standing_of(view, name)
    entry = view.registry.records[name]
    title = entry.title.shown(view.tr.language)[0]
    says = telling.of_record(view, row) if row else ""
    address = view.lasting("/record", id=name) if view.whole else f"{view.origin}/r/{name}/"
    drawn = pages.drawn(
        "site_record.html",
        view,
        policy=alone.POLICY,
        title=title,
        locale=_LOCALES[view.tr.language],
        says=says,
        address=f"{address}{_own(view.tr.language)}" if view.origin else "",
        index=index,
        languages=NAMES,
        dataset=alone.in_script(dataset(view, entry, says, address if view.origin else "")),
        body=Markup(pages.record(view, name) or ""),
        sentence=f"{says} {view.lasting('/record', id=name)}" if says else "",
        citation=telling.citation(view, view.lasting("/record", id=name)),
        embed=telling.framed(f"{address}{card_file(view.tr.language)}", title) if view.origin else "",
    )
    return alone.styled(drawn, _FACE)


def _own(language: Language) -> str:
    """What follows the folder in an address: nothing for the page that a host shows by itself."""
    return "" if language == "en" else index(language)


def dataset(view: Filed, record: Recommendation, says: str, address: str) -> dict[str, Any]:
    """A record as a Dataset of schema.org, a part of the registry. Relative addresses are of the page."""
    file, tr, edition = view.registry.file, view.tr, view.edition
    row = pages.standing_of(view, record.id)
    seen = row.standing.checked_on if row else None
    named = {} if file.publisher.name == "not yet named" else {"publisher": _organisation(file.publisher.name)}
    found = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": address or None,
        "url": address or None,
        "identifier": record.id,
        "name": record.title.shown(tr.language)[0],
        "description": says or record.title.shown(tr.language)[0],
        "inLanguage": tr.language,
        "license": licence(file.licence),
        "isAccessibleForFree": True,
        "dateModified": str(seen) if seen and not seen.approximate else None,
        "version": (edition.name or edition.commit) if edition and not edition.changed else None,
        **named,
        "isPartOf": {
            "@type": "Dataset",
            "name": file.title.shown(tr.language)[0],
            "url": f"{view.top}index.html",
            "license": licence(file.licence),
            "distribution": [
                _download(view, "registry.json", "application/json"),
                _download(view, "records.csv", "text/csv"),
            ],
        },
    }
    return {key: value for key, value in found.items() if value is not None}


def _organisation(name: str) -> dict[str, str]:
    return {"@type": "Organization", "name": name}


def _download(view: Filed, name: str, media: str) -> dict[str, str]:
    return {"@type": "DataDownload", "encodingFormat": media, "contentUrl": view.link(f"/api/v1/{name}")}


def licence(name: str) -> str:
    """The address of a licence that goes by its SPDX name; else what the registry calls it."""
    plain = name.replace("-", "").replace(".", "").isalnum() and name.isascii() and "-" in name
    return f"https://spdx.org/licenses/{name}.html" if plain else name


# --- what a host and search engines ask for ---------------------------------------------------------


def _addresses(view: View) -> dict[str, Any]:
    """The pages in English, with the day of the last look; those in other languages are named in them."""
    found: dict[str, Any] = {f"{view.origin}/": None}
    return found | {f"{view.origin}/r/{row.id}/": row.standing.checked_on for row in view.frame.rows}


def _below(view: View) -> str:
    """The path of the site's address, without a slash at its end."""
    return urlsplit(view.origin).path


def _missing(view: View) -> bytes:
    """What a host shows in place of a page that is not there. It stands at any depth: no relative link would do."""
    home = f"{view.origin}/" if view.origin else ""
    views: Iterable[Filed] = [Filed.of(view, language) for language in NAMES]
    drawn = pages.drawn("site_missing.html", Filed.of(view), policy=alone.POLICY, views=views, home=home)
    return alone.styled(drawn, _FACE).encode()
