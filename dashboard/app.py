"""The web application: the Streamlit script, the language of the page, and headers for every answer.

`streamlit run dashboard/app.py` from the root starts it, and so does uvicorn (`dashboard.app:app`).
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

# `streamlit run` puts this folder first on the path; we import by full name from the one above.
_ROOT = str(Path(__file__).resolve().parent.parent)
if _ROOT not in sys.path:
    sys.path.insert(0, _ROOT)

import streamlit as st  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402
from starlette.middleware.gzip import GZipMiddleware  # noqa: E402
from starlette.middleware.trustedhost import TrustedHostMiddleware  # noqa: E402
from streamlit.auth_util import get_origin_from_redirect_uri  # noqa: E402
from streamlit.user_info import generate_login_redirect_url  # noqa: E402
from streamlit.web.server.server_util import get_cookie_secret  # noqa: E402
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value  # noqa: E402

from dashboard import editions, kept, people, reading, sending, serving, web  # noqa: E402
from dashboard.outputs import composed, pages  # noqa: E402


def signed(name: str, value: str) -> bytes | None:
    """What Streamlit wrote into a cookie, if it was signed with our secret in the last hours."""
    return decode_signed_value(get_cookie_secret(), name, value.encode("latin-1", "replace"), people.HOURS / 24)


ROUTES = [*web.ROUTES, *serving.ROUTES, *editions.ROUTES, *sending.ROUTES, *people.ROUTES]

# Streamlit compresses none of its larger scripts; on a slow line that is most of the wait.
MIDDLEWARE = [
    # Streamlit asks this of its WebSocket only; our pages hold the words as well.
    Middleware(TrustedHostMiddleware, allowed_hosts=st.get_option("server.allowedHosts") or ["*"]),
    Middleware(people.Threshold),
    Middleware(GZipMiddleware, minimum_size=1024, compresslevel=6),
    Middleware(web.PageHead),
]

try:
    people.settle(
        st.get_option("secrets.files"),
        signed,
        lambda: generate_login_redirect_url("default"),
        get_origin_from_redirect_uri,
        {path.split("/")[1] for path in (*composed.PATHS, *(route.path for route in web.ROUTES))},
    )
except people.Refused as refused:
    sys.exit(f"The dashboard does not start. {refused}")
if people.login_offered():
    pages.offer_login()


@asynccontextmanager
async def life(of: object) -> AsyncIterator[None]:
    """A long registry is read from the start on, and what was made of it kept at the end."""
    kept.program()  # as it was loaded: the files may be those of a newer one by the time it ends
    reading.begin()
    yield
    reading.keep()
    web.keep()


app = st.App(Path(__file__).with_name("main.py"), lifespan=life, routes=ROUTES, middleware=MIDDLEWARE)
