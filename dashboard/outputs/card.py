"""The card of one record: a small page for a frame on somebody else's site."""

from dashboard.outputs import alone, pages
from dashboard.outputs.view import View

POLICY = f"{alone.POLICY}; frame-ancestors *"
"""As the web server sends it: whoever likes may show a card, and only a card, in a frame."""


def card(view: View, name: str, record: str) -> str:
    """The whole page: where the record stands, and the way to it at the address `record`, in a tab of its own."""
    entry = view.registry.records.get(name)
    row = pages.standing_of(view, name) if entry and not view.unpublished else None
    given = {"record": row.record if row else entry, "row": row, "address": record, "policy": alone.POLICY}
    return alone.styled(pages.drawn("card.html", view, **given), STYLE)


STYLE = """\
html { color-scheme: light dark; background: var(--ground); }
body { margin: 0; font-family: system-ui, "Noto Sans", sans-serif; }
.card { box-sizing: border-box; padding: 0.6rem 0.8rem; border: 1px solid var(--line); border-radius: 4px; min-height: 100vh; display: flex; flex-direction: column;
  gap: 0.3rem; font-size: 0.8125rem; line-height: 1.35; overflow-wrap: anywhere; }
.t.t.card p { margin: 0; }
.t.t.card h1 { font-size: 1rem; line-height: 1.25; letter-spacing: 0; }
.card h1, .card .of { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.card .of { -webkit-line-clamp: 1; color: var(--soft); flex: none; }
.card .big { display: flex; gap: 0.4rem; font-size: 0.9375rem; font-weight: 650; }
.card .big .g { margin-top: 0.12em; }
.t.t.card .way { margin-top: auto; }
@media (max-height: 235px) { .card { padding: 0.4rem 0.7rem; gap: 0.15rem; line-height: 1.3; } .card h1 { -webkit-line-clamp: 2; } }
@media (max-height: 215px) { .card { font-size: 0.75rem; } .t.t.card h1 { font-size: 0.9375rem; } .card .big { font-size: 0.875rem; } }
"""
