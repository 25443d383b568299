"""How the pages look and sound in Chromium: at three widths, light and dark, on paper and for axe."""

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Locator

from tests.browser.conftest import Visit, Visiting

WIDTHS = (390, 768, 1440)
SCHEMES = ("light", "dark")
RECORD = "/record?id=istanbul-convention-accession"
PAGES = (
    "/", "/points", RECORD, "/actors", "/sources", "/changes", "/desk", "/method", "/coverage", "/about",
)  # fmt: skip
STATES = (
    "/points?picture=steps&lang=kk",
    "/points?q=nothing+says+this",
    "/points?actor=kz-police&as_of=2025-01-01",
    "/points?published_on=2020-01-01&lang=ru",
    "/record?id=no-such-record",
)
LOOKS = (
    *((width, scheme, page) for width in (390, 1440) for scheme in SCHEMES for page in PAGES),
    *((768, scheme, page) for scheme in SCHEMES for page in PAGES[:3]),
    *((width, scheme, page) for width, scheme in ((390, "light"), (1440, "dark")) for page in STATES),
)

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]}}
OF_STREAMLIT: frozenset[tuple[str, str]] = frozenset()
"""Rule and the start of a selector that Streamlit's own parts break. None does now; name each here."""

LIGHT_GROUND, DARK_GROUND = (255, 255, 255), (17, 22, 28)


@pytest.fixture(scope="module", params=LOOKS, ids=str)
def seen(request: pytest.FixtureRequest, visiting: Visiting) -> Iterator[tuple[Visit, str]]:
    width, scheme, path = request.param
    with visiting(width, scheme) as visit:
        yield visit.go(path), scheme


def test_nothing_stands_wider_than_the_screen(seen: tuple[Visit, str]) -> None:
    page = seen[0].page
    wide = """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
        .map(box => box.scrollWidth - box.clientWidth)"""
    assert page.evaluate(wide) == [0, 0]
    outside = """() => [...document.querySelectorAll('.t *')].filter(each => {
        const box = each.getBoundingClientRect();
        return box.width > 1 && !each.closest('.scroll') && (box.right > innerWidth + 1 || box.left < -1);
    }).map(each => each.outerHTML.slice(0, 80))"""
    assert page.evaluate(outside) == []


def test_nothing_lies_over_a_link(seen: tuple[Visit, str]) -> None:
    """Streamlit's header floats over the top of the page."""
    covered = """() => [...document.querySelectorAll('.t header a, .t nav a, .t .marks a')].filter(link => {
        const box = link.getClientRects()[0];
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return box.bottom < innerHeight && !(link.contains(top));
    }).map(link => link.outerHTML.slice(0, 80))"""
    assert seen[0].page.evaluate(covered) == []


def test_the_ground_follows_the_scheme(seen: tuple[Visit, str]) -> None:
    visit, scheme = seen
    ground = visit.page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    wanted = LIGHT_GROUND if scheme == "light" else DARK_GROUND
    assert tuple(map(int, re.findall(r"\d+", ground))) == wanted


def test_no_request_leaves_for_another_host_and_nothing_complains(seen: tuple[Visit, str]) -> None:
    assert seen[0].foreign == []
    assert seen[0].complaints == []


def test_axe_finds_no_barrier(seen: tuple[Visit, str]) -> None:
    answer = Axe().run(seen[0].page, options=WCAG).response
    assert len(answer["passes"]) > 10
    found = [(rule["id"], str(node["target"][0])) for rule in answer["violations"] for node in rule["nodes"]]
    ours = [(rule, at) for rule, at in found if not any(rule == r and at.startswith(s) for r, s in OF_STREAMLIT)]
    assert ours == []


def test_glyphs_stand_out_from_the_ground(seen: tuple[Visit, str]) -> None:
    """Against the ground at 3 to 1 and more (WCAG 1.4.11), except those that are pale on purpose."""
    visit, _ = seen
    statuses = visit.page.evaluate("[...new Set([...document.querySelectorAll('.t .g')].map(g => g.className))]")
    assert statuses or visit.address not in PAGES[:4]
    for name in statuses:
        glyph = visit.page.locator(f".t [class='{name}']:visible").first
        if not glyph.count():
            continue  # folded away
        contrast = _contrast(glyph)
        assert contrast >= (1.5 if "pale" in name else 3), f"{name}: {contrast:.2f}"


def test_every_status_has_a_glyph_in_both_schemes(visiting: Visiting) -> None:
    """Also those that no record has today: drawn by the style sheet alone."""
    names = (
        "implemented partly-implemented in-progress ongoing promised reversed "
        "refused blocked not-started nothing-found not-assessed"
    )
    for scheme in SCHEMES:
        with visiting(scheme=scheme) as visit:
            visit.go("/")
            visit.page.evaluate(
                """names => { document.querySelector('.t .marks').id = 'all';
                document.querySelector('#all').innerHTML = names.map(n => `<span class="g g-${n}"></span>`).join(' '); }""",
                names.split(),
            )
            glyphs = [visit.page.locator(f"#all .g-{name}") for name in names.split()]
            contrasts = {name: _contrast(glyph) for name, glyph in zip(names.split(), glyphs, strict=True)}
            assert {name: contrast for name, contrast in contrasts.items() if contrast < 3} == {}
            assert len({_shape(glyph) for glyph in glyphs}) == 11


def test_paper_holds_every_title(visit: Visit) -> None:
    """Chromium writes each heading that it prints into the outline of the PDF."""
    visit.go("/points")
    titles = [" ".join(title.split()) for title in visit.titles()]
    assert len(titles) == 34
    paper = visit.page.pdf(format="A4", tagged=True, outline=True)
    printed = re.findall(rb"/Title (\(.*?\)|<[0-9A-F]+>)\n", paper)
    assert set(titles) <= {" ".join(_said(entry).split()) for entry in printed}
    assert len(re.findall(rb"/Type /Page\n", paper)) >= 3


@pytest.mark.parametrize("path", PAGES)
def test_every_page_prints_whole_on_a4(visit: Visit, path: str) -> None:
    """Chromium's paper is as wide as the print area: nothing may reach beyond it, and the last line must be there."""
    visit.go(path)
    visit.page.emulate_media(media="print")
    visit.page.set_viewport_size({"width": 688, "height": 1000})  # A4 without its margins, at 96 dots an inch
    visit.page.wait_for_timeout(500)
    outside = """() => [...document.querySelectorAll('.t *, .js-plotly-plot')].filter(each => {
        const box = each.getBoundingClientRect();
        return box.width > 1 && box.height > 1 && !each.closest('.scroll') && box.right > innerWidth + 1;
    }).map(each => each.outerHTML.slice(0, 80))"""
    assert visit.page.evaluate(outside) == []
    hidden = """() => [...document.querySelectorAll('.stApp, [data-testid="stMain"], [data-testid="stAppViewContainer"]')]
        .filter(each => getComputedStyle(each).overflow !== 'visible').map(each => each.className)"""
    assert visit.page.evaluate(hidden) == []
    assert visit.page.locator(".t footer .print-only").is_visible()
    paper = visit.page.pdf(format="A4", tagged=True, outline=True)
    assert re.search(rb"/Type /Page\n", paper)


def test_paper_carries_no_way_about(visit: Visit) -> None:
    visit.go("/")
    visit.page.emulate_media(media="print")
    assert not visit.page.locator(".t nav").is_visible()
    assert not visit.page.locator(".t .languages").is_visible()
    assert visit.page.locator(".t h1").is_visible()
    assert _contrast(visit.page.locator(".t .marks .g").first) >= 3


def _said(entry: bytes) -> str:
    """A string of a PDF: in brackets with escapes, or UTF-16 in hexadecimal digits."""
    if entry.startswith(b"<"):
        return bytes.fromhex(entry[1:-1].decode()).decode("utf-16")
    return re.sub(r"\\(.)", r"\1", entry[1:-1].decode("latin-1"))


def _picture(glyph: Locator) -> "Image.Image":
    glyph.scroll_into_view_if_needed()
    return Image.open(BytesIO(glyph.screenshot(animations="disabled"))).convert("RGB")


def _contrast(glyph: Locator) -> float:
    """The highest contrast ratio (WCAG 2) of a pixel of the glyph against the page's ground."""
    ground = glyph.evaluate(
        """glyph => { for (let at = glyph.parentElement; at; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor; if (!/, 0\\)$|transparent/.test(colour)) return colour; } }"""
    )
    base = _luminance(tuple(map(int, re.findall(r"\d+", ground)[:3])))
    lights = [_luminance(colour) for _, colour in _picture(glyph).getcolors(100_000)]
    return max((max(base, light) + 0.05) / (min(base, light) + 0.05) for light in lights)


def _shape(glyph: Locator) -> bytes:
    """Where the glyph is drawn: what differs from the ground in its corner."""
    grey = _picture(glyph).convert("L")
    ground = grey.getpixel((0, 0))
    return grey.point(lambda light: 255 * (abs(light - ground) > 40)).tobytes()


def _luminance(colour: tuple[int, ...]) -> float:
    parts = [value / 255 for value in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
