"""Looking for links that no longer answer: what is never asked, how hosts are spared, and what is said of each page."""

import errno
import gzip
import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from threading import Thread
from time import sleep
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.inputs import addresses, robots
from dashboard.inputs.links import Look, looks
from dashboard.inputs.reaching import TOKEN, Failed, Way, ask
from dashboard.registry import linked, reader
from dashboard.registry.linked import Answer
from tests.linkbed import NOT_FOUND, Asked, Authority, Bed, dripping, endless, page
from tests.small import ROOT

LOOPBACK = "127.0.0.1"


@pytest.fixture
def bed() -> Iterator[Bed]:
    made = Bed()
    made.host("fine.example", page())  # so that nobody takes this computer for offline
    yield made
    made.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def look(bed: Bed, *asked: str, seconds: float = 10.0, pause: float = 0.0) -> Look:
    """What came of the last of some addresses."""
    return looked(bed, *asked, seconds=seconds, pause=pause)[asked[-1]]


def looked(bed: Bed, *asked: str, seconds: float = 10.0, pause: float = 0.0) -> dict[str, Look]:
    return dict(looks(["http://fine.example/", *asked], bed.way(seconds), pause))


# --- what is never asked ------------------------------------------------------------------------------

REFUSED = (
    *("http://127.0.0.1/", "http://127.1/", "http://127.0.1/", "http://2130706433/", "http://0x7f000001/"),
    *("http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://017700000001/", "http://0/", "http://0.0.0.0/"),
    *(
        "http://127。0。0。1/",
        "http://①②⑦.0.0.1/",
        "http://１２７.0.0.1/",
        "http://127.0.0.1./",
        "http://%31%32%37.0.0.1/",
    ),
    *("http://localhost/", "http://localhost./", "http://LOCALHOST/", "http://a.localhost/", "http://printer/"),
    *(
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
    ),
    *("http://[64:ff9b::7f00:1]/", "http://[64:ff9b:1::7f00:1]/", "http://[2002:7f00:1::]/", "http://[2001:0:1::1]/"),
    *(
        "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[fc00::1]/",
        "http://[fec0::1]/",
    ),
    *(
        "http://[ff02::1]/",
        "http://[2001:db8::1]/",
        "http://[3fff::1]/",
        "http://[100::1]/",
        "http://[5f00::1]/",
        "http://[4000::1]/",
        "http://[e000::1]/",
        "http://[fe00::1]/",
    ),
    *("http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/", "http://169.254.169.254/", "http://100.64.0.1/"),
    *("http://198.18.0.1/", "http://192.0.2.1/", "http://198.51.100.1/", "http://203.0.113.1/", "http://224.0.0.1/"),
    *(
        "http://240.0.0.1/",
        "http://255.255.255.255/",
        "http://192.0.0.1/",
        "http://192.88.99.1/",
        "http://168.63.129.16/",
    ),
    *("http://user@fine.example/", "http://user:secret@fine.example/", "http://fine.example:80@127.0.0.1/"),
    *("http://127.0.0.1\\@fine.example/", "http://fine.example\\.127.0.0.1/", "http://fine.example:8080/"),
    *(
        "http://fine.example:22/",
        "http://fine.example:0/",
        "http://fine.example:99999999999/",
        "http://fine.example:-80/",
    ),
    *(
        "ftp://fine.example/",
        "file:///etc/passwd",
        "gopher://fine.example/",
        "javascript:alert(1)",
        "http:///etc/passwd",
    ),
    *(
        "http:fine.example",
        "//fine.example/",
        "http://",
        "http://?fine.example",
        "http://#fine.example",
        "http://a..example/",
    ),
    *(
        "http://fine.example/a\\b",
        "http://fine.example/a\tb",
        "http://fine.example\r\nHost: x/",
        "http://fine\u0000.example/",
        f"http://{'a' * 64}.example/",
    ),
    *(
        f"http://{'a.' * 130}example/",
        "http://℀.example/",
        "http://[::1",
        "http://[127.0.0.1]/",
        "http://fine.example:8０/",
    ),
)


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_no_public_page_is_never_asked_however_it_is_spelled(bed: Bed, address: str) -> None:
    bed.names |= {name: [LOOPBACK] for name in ("localhost", "a.localhost", "printer", "127.1", "2130706433")}
    found = look(bed, address)
    assert (found.answer, bool(found.says)) == (None, True)
    assert bed.canary == []
    assert {each.host for each in bed.asked} == {"fine.example"}


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://user@fine.example/", "it holds a user name or a password"),
        ("http://127.1/", "its host is an IP address in a spelling that programs read differently"),
        ("http://127.0.0.1/", "its host leads to 127.0.0.1, which stands for this computer itself"),
        ("http://[fe80::1%25eth0]/", "its host is no IP address that can be asked"),
        ("http://printer/", "its host is no name of the public internet"),
        ("http://fine.example:8080/", "only ports 80 and 443 are asked"),
        ("ftp://fine.example/", "only http:// and https:// are asked"),
        ("http://fine.example/" + "ы" * 4000, "it is too long"),
    ],
)
def test_it_is_told_why_an_address_is_not_asked(bed: Bed, address: str, says: str) -> None:
    assert look(bed, address).says == says


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "10.1.2.3",
        "::1",
        "::ffff:10.0.0.1",
        "fe80::1%eth0",
        "2606:4700::1%eth0",
        "64:ff9b::a00:1",
        "169.254.169.254",
    ],
)
def test_a_name_that_leads_to_one_place_that_is_not_public_is_not_asked_at_the_others_either(bed: Bed, ip: str) -> None:
    own = bed.host("mixed.example", page())
    bed.names["mixed.example"] = [own, ip]
    assert "which stands for" in look(bed, "http://mixed.example/").says
    assert bed.canary == []
    assert bed.paths("mixed.example") == []


def test_a_name_that_leads_elsewhere_the_second_time_does_not_get_there(bed: Bed) -> None:
    own = bed.host("rebinding.example", page())
    answers = iter([[own]])

    def public_first() -> Sequence[str]:
        return next(answers, [LOOPBACK])

    bed.names["rebinding.example"] = public_first
    found = look(bed, "http://rebinding.example/")
    assert found == Look(None, "its host leads to 127.0.0.1, which stands for this computer itself", reached=False)
    assert bed.canary == []


SAME_HOST = ("http:///127.0.0.1/", "////127.0.0.1/")
"""Without a host of its own, what follows is a path of the same host."""


@pytest.mark.parametrize(
    "location",
    [
        *("http://127.0.0.1/", "http://2130706433/", "//127.1/", "http://inside.example/", "http://[::1]:80/"),
        *(
            "file:///etc/passwd",
            "gopher://x/",
            "http://fine.example:8080/",
            "http://user:pw@fine.example/",
            "javascript:1",
        ),
        *(
            "http://fine.example\\@127.0.0.1/",
            "http:///127.0.0.1/",
            "http://127。0。0。1/",
            "http://[::1",
            "\\\\127.0.0.1\\",
        ),
        *(
            "http://fine.example\t.127.0.0.1/",
            "http://%s.example/" % ("a" * 70),
            "/" + "a" * 25_000,
            "////127.0.0.1/",
            "/a\tb",
            "/a\\b",
        ),
    ],
)
def test_a_redirect_is_judged_as_an_address_that_was_never_seen(bed: Bed, location: str) -> None:
    bed.names["inside.example"] = [LOOPBACK]
    bed.host("leads.example", f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
    found = look(bed, "http://leads.example/")
    if location not in SAME_HOST:
        assert (found.answer, found.says[:27]) == (None, "it leads to another address")
    assert bed.canary == []
    assert {each.host for each in bed.asked} == {"fine.example", "leads.example"}


def leading(times: int) -> Bed:
    made = Bed()

    def says(asked: Asked) -> bytes:
        n = int(asked.path.strip("/"))
        return page(301, b"", Location=f"/{n + 1}") if n < times else page()

    made.host("chain.example", says)
    made.host("fine.example", page())
    return made


def test_three_redirects_are_followed_and_a_fourth_is_not() -> None:
    found = look(leading(3), "http://chain.example/0")
    assert (found.answer, found.to) == (Answer.MOVED, "http://chain.example/3")
    bed = leading(4)
    assert look(bed, "http://chain.example/0") == Look(Answer.FAILS, "it leads on more than 3 times")
    assert bed.paths("chain.example") == ["HEAD /0", "HEAD /1", "HEAD /2", "HEAD /3"]


@pytest.mark.parametrize("to", ["http://www.same.example/page", "http://www.same.example/page/", "/page/"])
def test_the_same_page_under_a_slightly_other_address_has_not_moved(bed: Bed, to: str) -> None:
    bed.host("www.same.example", page())
    bed.host("same.example", lambda asked: page() if asked.path != "/page" else page(301, b"", Location=to))
    assert look(bed, "http://same.example/page").answer is Answer.ANSWERS


def test_a_page_that_leads_to_itself_is_left(bed: Bed) -> None:
    bed.host("loop.example", page(302, b"", Location="http://loop.example/"))
    assert look(bed, "http://loop.example/").answer is Answer.FAILS
    assert len(bed.paths("loop.example")) == 4


def test_nothing_is_sent_along_and_no_proxy_is_used(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    bed.host("cookie.example", page(302, b"", Location="http://fine.example/b", Set_Cookie="a=b"))
    assert look(bed, "http://cookie.example/a").answer is Answer.MOVED
    heads = {name.partition(":")[0] for each in bed.asked for name in each.head.split("\r\n")[1:] if name}
    assert heads == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
    assert all("@" not in each.head for each in bed.asked)


def test_names_and_paths_in_cyrillic_are_asked_for_as_the_net_spells_them(bed: Bed) -> None:
    bed.host("xn--p1ad74a.xn--80ao21a", page())
    assert look(bed, "http://тұр.қаз/заң?q=ә%20б#x").answer is Answer.ANSWERS
    assert bed.paths("xn--p1ad74a.xn--80ao21a") == ["HEAD /%D0%B7%D0%B0%D2%A3?q=%D3%99%20%D0%B1"]


def test_where_the_first_ip_address_cannot_be_reached_the_next_is_asked(bed: Bed) -> None:
    own = bed.host("two.example", page())
    bed.names["two.example"] = ["2606:4700::1", own]
    assert look(bed, "http://two.example/").answer is Answer.ANSWERS


# --- what a page says -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        *((200, Answer.ANSWERS), (204, Answer.ANSWERS), (404, Answer.GONE), (410, Answer.GONE), (500, Answer.FAILS)),
        *((401, Answer.REFUSES), (403, Answer.REFUSES), (429, Answer.REFUSES), (451, Answer.REFUSES)),
        *((503, Answer.FAILS), (400, Answer.FAILS), (302, Answer.FAILS), (304, Answer.FAILS)),
    ],
)
def test_what_a_status_means(bed: Bed, status: int, answer: Answer) -> None:
    bed.host("status.example", page(status, b""))
    assert look(bed, "http://status.example/").answer is answer


@pytest.mark.parametrize("status", [403, 404, 405, 501, 500])
def test_where_head_tells_too_little_get_is_asked(bed: Bed, status: int) -> None:
    bed.host("get.example", lambda asked: page(status if asked.method == "HEAD" else 200))
    assert look(bed, "http://get.example/").answer is Answer.ANSWERS
    assert bed.paths("get.example") == ["HEAD /", "GET /"]


def test_where_head_is_cut_short_get_is_asked(bed: Bed) -> None:
    bed.host("cut.example", lambda asked: b"HTTP/1.1 2" if asked.method == "HEAD" else page())
    assert look(bed, "http://cut.example/").answer is Answer.ANSWERS


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("says", "answer", "words"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", Answer.FAILS, "no HTTP"),
        (b"<html>as it was in 1991", Answer.FAILS, "no HTTP"),
        (b"\x00" * 4096, Answer.FAILS, "no HTTP"),
        (b"", Answer.FAILS, "no HTTP"),
        (OK + b"X: " + b"a" * 200_000, Answer.FAILS, "no HTTP"),
        (OK + b"X: y\r\n" * 50_000, Answer.FAILS, "no HTTP"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000, Answer.FAILS, "headers have no end"),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", Answer.FAILS, "no HTTP"),
        (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", Answer.FAILS, "no HTTP"),
        (OK + b"Content-Length: -5\r\n\r\nhello", Answer.FAILS, "no HTTP"),
        (OK + b"Content-Length: 500\r\n\r\nhello", Answer.FAILS, "broke off"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", Answer.FAILS, "no HTTP"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", Answer.ANSWERS, "200"),
        (OK + b"Content-Length: 5\r\n\r\nhello and more", Answer.ANSWERS, "200"),
        (OK + b"Content-Length: 70000\r\n\r\n" + b"a" * 66_000, Answer.ANSWERS, "200"),
        (OK + b"Content-Length: 999999999999999999\r\n\r\n" + b"a" * 200_000, Answer.ANSWERS, "200"),
        (b"HTTP/1.1 302 Found\r\nLocation: /a\r\n b\r\n\r\n", Answer.ANSWERS, ""),
    ],
)
def test_whatever_comes_is_told_in_plain_words(bed: Bed, says: bytes, answer: Answer, words: str) -> None:
    def get_only(asked: Asked) -> bytes:
        return page(405) if asked.method == "HEAD" else says if asked.path == "/" else page()

    bed.host("odd.example", get_only)
    found = look(bed, "http://odd.example/")
    if words:
        assert (found.answer, words in found.says) == (answer, True), found
    assert bed.canary == []


def test_an_endless_page_is_read_only_so_far(bed: Bed) -> None:
    sent = []

    def says(asked: Asked) -> Iterator[bytes]:
        for part in endless(OK + b"\r\n", b"a" * 4096):
            sent.append(len(part))
            yield part

    bed.host("endless.example", lambda asked: page(405) if asked.method == "HEAD" else says(asked))
    assert look(bed, "http://endless.example/").answer is Answer.ANSWERS
    assert sum(sent) < 16 * 2**20  # what the system took before the line was closed


def test_what_is_compressed_is_never_opened(bed: Bed) -> None:
    bomb = gzip.compress(b"a" * 50_000_000)
    assert len(bomb) < 2**16
    bed.host(
        "bomb.example", lambda asked: page(405) if asked.method == "HEAD" else page(200, bomb, Content_Encoding="gzip")
    )
    assert look(bed, "http://bomb.example/").answer is Answer.ANSWERS
    assert all("Accept-Encoding: identity" in each.head for each in bed.asked)


@pytest.mark.parametrize("head", [b"", OK + b"X: ", OK + b"Content-Length: 9999\r\n\r\n"])
def test_whoever_drips_has_no_more_time_than_others(bed: Bed, head: bytes) -> None:
    def says(asked: Asked) -> Iterator[bytes]:
        yield head
        yield from dripping(b"a")

    bed.host("slow.example", lambda asked: page(405) if asked.method == "HEAD" else says(asked))
    found = look(bed, "http://slow.example/", seconds=0.6)
    assert found == Look(Answer.FAILS, "it took longer than 0.6 seconds")


def test_a_handshake_that_drips_has_no_more_time_than_others(bed: Bed) -> None:
    listening = socket.create_server(("127.0.0.9", 0))
    bed._doors["93.184.255.1", 443] = listening.getsockname()
    bed.names["hello.example"] = ["93.184.255.1"]
    found = look(bed, "https://hello.example/", seconds=0.5)
    listening.close()
    assert "took longer than 0.5 seconds" in found.says


def test_a_name_that_takes_long_is_not_waited_for(bed: Bed) -> None:
    bed.names["slow.example"] = lambda: sleep(3) or []
    assert look(bed, "http://slow.example/", seconds=0.3) == Look(
        None, "its name could not be looked up in time", reached=False
    )


def test_who_cannot_prove_its_name_does_not_answer(bed: Bed, authority: Authority) -> None:
    bed.trusted = authority.trusted()
    bed.host("good.example", page(), tls=authority.server("good.example"))
    bed.host("expired.example", page(), tls=authority.server("expired.example", days=-3))
    bed.host("other.example", page(), tls=authority.server("wrong.example"))
    bed.host("self.example", page(), tls=authority.server("self.example", own=True))
    found = looked(bed, *(f"https://{name}.example/" for name in ("good", "expired", "other", "self")))
    said = {address: (each.answer, each.says) for address, each in found.items() if address.startswith("https")}
    assert said == {
        "https://good.example/": (Answer.ANSWERS, "answered with 200"),
        "https://expired.example/": (Answer.FAILS, "its certificate has expired"),
        "https://other.example/": (Answer.FAILS, "its certificate is for another name"),
        "https://self.example/": (Answer.FAILS, "its certificate is one that it made itself"),
    }
    assert {each.host for each in bed.asked} == {"fine.example", "good.example"}


def test_what_speaks_no_tls_is_told(bed: Bed) -> None:
    def greet() -> None:
        line, _ = listening.accept()
        line.sendall(b"220 mail.example ESMTP\r\n")
        line.recv(4096)
        line.close()

    listening = socket.create_server(("127.0.0.9", 0))
    Thread(target=greet, daemon=True).start()
    bed._doors["93.184.255.1", 443] = listening.getsockname()
    bed.names["plain.example"] = ["93.184.255.1"]
    assert look(bed, "https://plain.example/") == Look(Answer.FAILS, "it cannot speak TLS as it is spoken today")
    listening.close()


# --- offline, or only this host -------------------------------------------------------------------------


def test_a_name_that_leads_nowhere_while_others_answer_is_dead(bed: Bed) -> None:
    assert look(bed, "http://dead.example/") == Look(Answer.FAILS, "its name no longer leads anywhere", reached=False)


def test_a_name_that_cannot_be_looked_up_for_now_is_not_checked(bed: Bed) -> None:
    bed.names["later.example"] = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    assert look(bed, "http://later.example/").answer is None


def test_where_nobody_can_be_reached_nothing_is_said_of_any_page() -> None:
    bed = Bed(names={"shut.example": ["93.184.216.1"]})
    found = dict(looks(["http://a.example/", "http://shut.example/"], bed.way(), 0))
    assert {each.answer for each in found.values()} == {None}
    assert all("nobody else could be reached either" in each.says for each in found.values())


@pytest.mark.parametrize("number", [errno.ENETUNREACH, errno.EMFILE, errno.EACCES, errno.EAFNOSUPPORT])
def test_what_is_our_own_trouble_is_not_taken_for_the_host_s(bed: Bed, number: int) -> None:
    way = bed.way()

    def connect(ip: str, port: int, seconds: float) -> socket.socket:
        if ip == "93.184.254.1":
            raise OSError(number, "not from here")
        return bed.connect(ip, port, seconds)

    bed.names["there.example"] = ["93.184.254.1"]
    found = dict(looks(["http://fine.example/", "http://there.example/"], replace(way, connect=connect), 0))
    assert found["http://there.example/"] == Look(None, "no way leads there from this computer", reached=False)


def test_who_takes_no_connection_while_others_answer_fails(bed: Bed) -> None:
    bed.names["shut.example"] = ["93.184.254.1"]
    assert look(bed, "http://shut.example/") == Look(Answer.FAILS, "nobody takes the connection", reached=False)


# --- robots.txt, and how hosts are spared ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?z", True),
        ("User-agent: *\nDisallow: /a*b*c", "/a1b2d", True),
        ("User-agent: *\nDisallow: *", "/a", False),
        ("User-agent: *\nDisallow: /$", "/a", True),
        ("User-agent: *\nDisallow: /a$", "/a", False),
        ("User-agent: *\nDisallow: /ab*b$", "/ab", True),
        ("User-agent: *\nDisallow: /search?q=", "/search?q=x", False),
        (f"User-agent: {TOKEN}\nDisallow: /a\n\nUser-agent: *\nDisallow: /", "/b", True),
        (f"User-agent: other\nUser-agent: {TOKEN.upper()}/2.0\nDisallow: /a", "/a", False),
        ("User-agent: other\nDisallow: /", "/a", True),
        (
            f"User-agent: {TOKEN}\nDisallow: /a\nUser-agent: other\nAllow: /\nUser-agent: {TOKEN}\nDisallow: /b",
            "/b",
            False,
        ),
        ("\ufeffUser-Agent : *  # all\r\nDISALLOW : /a # no\r\nSitemap: x", "/a", False),
        ("User-agent: *\nDisallow: /заң", "/%D0%B7%D0%B0%D2%A3", False),
        ("User-agent: *\nDisallow: /%7ea", "/~a", False),
        ("Disallow: /", "/a", True),
        ("<html>not found</html>", "/a", True),
    ],
)
def test_a_robots_txt_is_read_as_the_standard_says(text: str, path: str, allowed: bool) -> None:
    assert robots.read(text, TOKEN).allow(path) is allowed


def test_no_pattern_of_a_robots_txt_takes_long() -> None:
    rules = robots.read("User-agent: *\nDisallow: /" + "*a" * 20_000 + "b$", TOKEN)
    assert rules.allow("/" + "a" * 4000)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (page(200, b"User-agent: *\nDisallow: /"), None),
        (page(200, b"User-agent: *\nDisallow: /private"), Answer.ANSWERS),
        (page(403), Answer.ANSWERS),
        (page(404), Answer.ANSWERS),
        (page(500), None),
        (page(503), None),
        (page(429), None),
        (b"garbage", None),
        (page(301, b"", Location="http://fine.example/rules"), Answer.ANSWERS),
        (page(301, b"", Location="http://127.0.0.1/robots.txt"), None),
        (page(301, b"", Location="/robots.txt"), Answer.ANSWERS),
    ],
)
def test_what_a_host_asks_of_programs_is_kept(bed: Bed, said: bytes, answer: Answer | None) -> None:
    bed.host("robots.example", page(), robots=said)
    assert look(bed, "http://robots.example/page").answer is answer
    assert bool(bed.paths("robots.example")) is (answer is not None)
    assert bed.canary == []


def test_a_host_is_asked_for_its_robots_txt_once(bed: Bed) -> None:
    bed.host("many.example", page(), robots=NOT_FOUND)
    looked(bed, *(f"http://many.example/{n}" for n in range(5)))
    assert sum(each.path == "/robots.txt" for each in bed.asked if each.host == "many.example") == 1


def test_one_request_at_a_time_and_a_pause_between_two_also_where_redirects_lead_there(bed: Bed) -> None:
    bed.host("spared.example", page())
    for n in range(4):
        bed.host(f"leads-{n}.example", page(302, b"", Location="http://spared.example/end"))
    looked(bed, "http://spared.example/own", *(f"http://leads-{n}.example/" for n in range(4)), pause=0.15)
    times = sorted((each.began, each.ended) for each in bed.asked if each.host == "spared.example")
    assert len(times) == 6
    assert all(later[0] - earlier[0] >= 0.15 for earlier, later in pairwise(times))


@pytest.mark.parametrize("said", [page(429), page(429, b"", Retry_After="60"), page(503, b"", Retry_After="60")])
def test_a_host_that_asks_to_be_left_alone_is(bed: Bed, said: bytes) -> None:
    bed.host("busy.example", said)
    found = looked(bed, *(f"http://busy.example/{n}" for n in range(4)))
    assert len(bed.paths("busy.example")) == 1
    assert [each.says for each in found.values()].count("busy.example asks to be left alone for a while") == 3


def test_whoever_stops_listening_stops_the_asking(bed: Bed) -> None:
    bed.host("long.example", page())
    came = looks([f"http://long.example/{n}" for n in range(50)], bed.way(), 0.02)
    next(came)
    came.close()  # type: ignore[attr-defined]
    sleep(0.3)
    assert len(bed.asked) < 6


class Cable:
    """A host that sends some bytes and hangs up, whatever it is asked."""

    def __init__(self, sends: bytes) -> None:
        self._sends = sends

    def connect(self, ip: str, port: int, seconds: float) -> socket.socket:
        ours, theirs = socket.socketpair()
        theirs.sendall(self._sends)
        theirs.shutdown(socket.SHUT_WR)
        self._theirs = theirs
        return ours


PARTS = st.sampled_from(
    [
        *(
            b"HTTP/1.1 ",
            b"HTTP/1.0 ",
            b"HTTP/2 ",
            b"200",
            b"302",
            b"1",
            b"\r\n",
            b"\n",
            b"\r",
            b" ",
            b":",
            b"\x00",
            b"\xff",
        ),
        *(
            b"Location: ",
            b"Content-Length: ",
            b"Transfer-Encoding: chunked",
            b"Retry-After: x",
            b"5",
            b"-1",
            b"zz",
            b"/a",
        ),
        *(b"http://[", b"//x", b"http://a.example/\xff", b"hello", b"0\r\n\r\n", b"\r\n\r\n", b" Said\r\n"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PARTS | st.binary(max_size=8), max_size=30), st.booleans())
def test_no_answer_whatsoever_is_our_fault(parts: list[bytes], begun: bool) -> None:
    sends = (b"HTTP/1.1 302 Found\r\n" if begun else b"") + b"".join(parts)
    way = Way(lambda host: ["93.184.216.34"], Cable(sends).connect, Bed().trusted, 1.0)
    start = addresses.target("http://odd.example/")
    for method in ("HEAD", "GET"):
        with suppress(Failed, addresses.Refused):
            addresses.led(start, ask(method, start, way).location)


@settings(max_examples=1000, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "http://",
                "https:",
                "//",
                "a.example",
                "127.1",
                "[::1]",
                "%25",
                "@",
                "\\",
                "#",
                "?",
                "/",
                ":80",
                ":",
                "。",
                "①",
                "қ",
                ".",
                "\t",
                "0x7f",
                "xn--",
                "-",
                "_",
            ]
        )
        | st.text(max_size=3),
        max_size=12,
    ).map("".join)
)
def test_an_address_is_taken_apart_in_one_way_or_not_at_all(text: str) -> None:
    try:
        found = addresses.target(text)
    except addresses.Refused:
        return
    assert addresses.target(str(found)) == found
    parts = urlsplit(str(found))
    assert (parts.scheme, parts.hostname, parts.username) == (found.scheme, found.host, None)
    assert (parts.port or addresses.PORTS[found.scheme]) == found.port
    assert str(found).isascii()
    assert str(found).isprintable()
    assert " " not in str(found)


def test_the_parts_of_an_address_are_those_that_are_asked() -> None:
    found = addresses.target("HTTPS://Fine.Example.:443?a=b c&d=%zz#x")
    assert (str(found), found.host, found.port) == ("https://fine.example/?a=b%20c&d=%25zz", "fine.example", 443)
    assert addresses.target("http://fine.example:443/").authority == "fine.example:443"
    assert addresses.target("http://[2606:4700::1]/").authority == "[2606:4700::1]"


def test_the_shipped_registry_names_nothing_that_is_refused() -> None:
    registry = reader.load(Path(ROOT / "recommendations.yaml"), date.today()).registry
    assert registry is not None
    assert [addresses.target(each).host for each in linked.addresses(registry)]
