"""The dashboard with another script, and an address that tells who asks. Started by the tests of signing in."""

from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard import people
from dashboard.app import MIDDLEWARE, ROUTES


async def _who(request: Request) -> Response:
    found = people.who(request.headers, request.cookies)
    return PlainTextResponse(f"{found.role} {found.organisation}".strip())


app = st.App(
    Path(__file__).with_name("page.py"),
    routes=[Route("/who.txt", _who), *ROUTES],
    middleware=MIDDLEWARE,
)
