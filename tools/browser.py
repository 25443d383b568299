"""Finds the Chromium that tests and pictures are made with, and proves that it starts.

`python -m tools.browser` prints where it is and its version, or says what is
missing and exits with 1. It installs nothing: `make system` does.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# A container gives Chromium no user namespace to build its sandbox in; the rest
# keeps it from calling its maker, which a closed network answers slowly.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoBrowser(Exception):
    """No Chromium that works was found where one could be."""


def main() -> int:
    try:
        with sync_playwright() as playwright:
            print(f"{executable(playwright)} starts: Chromium {proven_version(playwright)}")
    except (NoBrowser, Error) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def launch(playwright: Playwright) -> Browser:
    """Starts the browser without a window. Raises NoBrowser where there is none."""
    return playwright.chromium.launch(executable_path=executable(playwright), args=list(ARGUMENTS))


def executable(playwright: Playwright) -> Path:
    """Playwright's own Chromium where it was installed, else the system's.

    Its own comes first because it is only ever installed where the system's
    does not start. Raises NoBrowser where there is neither.
    """
    own = Path(playwright.chromium.executable_path)
    if own.exists():
        return own
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    raise NoBrowser(f"No browser: looked for {', '.join(NAMES)} and {own}. Run: make system")


def proven_version(playwright: Playwright) -> str:
    """The version of a browser that has just opened a page and read it back."""
    with launch(playwright) as browser:
        page = browser.new_page()
        page.goto("data:text/html;charset=utf-8,<h1>Қазақстан</h1>")
        heading = page.inner_text("h1")
        if heading != "Қазақстан":
            raise NoBrowser(f"Expected the browser to show 'Қазақстан', it shows {heading!r}.")
        return browser.version


if __name__ == "__main__":
    sys.exit(main())
