"""What a search engine asks of a site first: its pages, and which of them are not for it."""

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from dashboard.registry.scalars import Day

PAGES = ("/", "/points", "/actors", "/sources", "/changes", "/method", "/coverage", "/about")
"""Pages of the dashboard that somebody may look for."""


def sitemap(addresses: Mapping[str, Day | None]) -> bytes:
    """Whole addresses with the day on which each was last looked at, to the day (sitemaps.org, version 0.9)."""
    lines = "".join(f"<url><loc>{escape(address)}</loc>{_seen(day)}</url>\n" for address, day in addresses.items())
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return f"{head}{lines}</urlset>\n".encode()


def _seen(day: Day | None) -> str:
    """Only a whole date is allowed there, or a year, or a month; an approximate one is none of these."""
    return f"<lastmod>{day}</lastmod>" if day and not day.approximate else ""


def robots(site: str, closed: Iterable[str] = ()) -> str:
    """Who looks for pages finds the present ones: no card, no past state, nobody's desk."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), "Allow: /"]
    return "\n".join((*lines, *((f"Sitemap: {site}/sitemap.xml",) if site else ()))) + "\n"
