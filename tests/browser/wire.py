"""A browser that is none: speaks to a server over its WebSocket, and can say what no page would ever send."""

import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from time import sleep
from types import TracebackType
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

SECONDS = 30
QUIET = 1.0
"""Seconds without a word after which the server has finished."""

Value = str | bool | list[str]
"""What stands in a field; True for a button that is pressed."""


@dataclass
class Drawn:
    """What one run of the script drew: its words, and each widget's id by its label."""

    words: str = ""
    widgets: dict[str, str] = field(default_factory=dict)


class Wire:
    """A session of its own, with whatever headers are given."""

    def __init__(
        self,
        address: str,
        cookie: str = "",
        origin: str | None = "own",
        host: str = "",
        through: int | None = None,
        **headers: str,
    ) -> None:
        self._there = urlsplit(address)
        self._port = through or self._there.port
        self._named = f"{host}:{self._there.port}" if host else self._there.netloc
        given = {"Cookie": cookie} if cookie else {}
        self._headers = given | {name.replace("_", "-"): value for name, value in headers.items()}
        self._origin = f"http://{self._named}" if origin == "own" else origin
        self._opened: connect | None = None
        self._line: ClientConnection | None = None

    def __enter__(self) -> "Wire":
        self._opened = connect(
            f"ws://{self._named}/_stcore/stream",
            sock=socket.create_connection(("127.0.0.1", self._port), SECONDS),
            origin=self._origin,  # type: ignore[arg-type]
            additional_headers=self._headers,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            user_agent_header=None,
            compression=None,
            max_size=None,
            proxy=None,
        )
        self._line = self._opened.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._opened
        self._opened.__exit__(kind, error, at)

    def run(
        self,
        query: str,
        values: Mapping[str, Value] | None = None,
        page: str = "desk",
        again_after: float | None = None,
    ) -> Drawn:
        """The page at an address, with these values by the ids of widgets; said once more after so many seconds."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_name = query, page
        asked.widget_states.widgets.extend(_state(name, value) for name, value in (values or {}).items())
        assert self._line
        self._line.send(message.SerializeToString())
        if again_after is not None:
            sleep(again_after)
            self._line.send(message.SerializeToString())
        drawn = Drawn()
        for said in self._until_finished(self._line, again_after is not None):
            if said.WhichOneof("type") == "delta" and said.delta.WhichOneof("type") == "new_element":
                _noted(said.delta.new_element, drawn)
        return drawn

    @staticmethod
    def _until_finished(line: ClientConnection, twice: bool) -> Iterator[ForwardMsg]:
        """What the server says until it has nothing more to say."""
        wait: float = SECONDS
        while True:
            try:
                data = line.recv(wait)
            except TimeoutError:
                return
            said = ForwardMsg()
            said.ParseFromString(data if isinstance(data, bytes) else data.encode())
            if said.WhichOneof("type") == "script_finished":
                if not twice and said.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return
                wait = QUIET if twice else SECONDS  # a run that begins another goes on
            yield said


def _state(name: str, value: Value) -> WidgetState:
    match value:
        case bool():
            return WidgetState(id=name, trigger_value=value)
        case str():
            return WidgetState(id=name, string_value=value)
    state = WidgetState(id=name)
    state.string_array_value.data.extend(value)
    return state


def _noted(element: object, drawn: Drawn) -> None:
    kind = element.WhichOneof("type")  # type: ignore[attr-defined]
    inner = getattr(element, kind)
    if kind in ("html", "markdown"):
        drawn.words += inner.body
    elif getattr(inner, "id", "") and getattr(inner, "label", ""):
        drawn.widgets[inner.label] = inner.id
