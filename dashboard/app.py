"""The web application: the Streamlit script, the language of the page, and headers for every answer.

`streamlit run dashboard/app.py` from the root starts it, and so does uvicorn (`dashboard.app:app`).
"""

import sys
from pathlib import Path

# `streamlit run` puts this folder first on the path; we import by full name from the one above.
_ROOT = str(Path(__file__).resolve().parent.parent)
if _ROOT not in sys.path:
    sys.path.insert(0, _ROOT)

import streamlit as st  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402
from starlette.middleware.gzip import GZipMiddleware  # noqa: E402
from starlette.middleware.trustedhost import TrustedHostMiddleware  # noqa: E402

from dashboard.web import ROUTES, PageHead  # noqa: E402

# Streamlit compresses none of its larger scripts; on a slow line that is most of the wait.
app = st.App(
    Path(__file__).with_name("main.py"),
    routes=ROUTES,
    middleware=[
        # Streamlit asks this of its WebSocket only; our pages hold the words as well.
        Middleware(TrustedHostMiddleware, allowed_hosts=st.get_option("server.allowedHosts") or ["*"]),
        Middleware(GZipMiddleware, minimum_size=1024, compresslevel=6),
        Middleware(PageHead),
    ],
)
