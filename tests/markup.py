"""HTML as a small tree, for tests that read what a page says. Standard library only."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

INLINE = frozenset(("a", "br", "code", "em", "i", "small", "span", "strong"))
"""Tags that stand within a line; all others begin a line of their own."""

VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"))


@dataclass(eq=False)
class Element:
    """A tag with its attributes and what stands in it; a text is a str among the children."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Element | str]" = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    @property
    def text(self) -> str:
        """All text in it, runs of white space as one space."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._texts()

    def every(self) -> "Iterator[Element]":
        """It and all elements below it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.every()

    def all(self, tag: str = "", name: str = "") -> "list[Element]":
        """The elements below it with this tag and this class; either may be left out."""
        return [
            each
            for each in self.every()
            if each is not self and (not tag or each.tag == tag) and (not name or name in each.classes)
        ]

    def one(self, tag: str = "", name: str = "") -> "Element":
        [found] = self.all(tag, name)
        return found

    def lines(self) -> Iterator[str]:
        """What a reader sees, line by line: the text of each element that is no part of a line itself."""
        if text := " ".join("".join(self._in_line()).split()):
            yield text
        for each in self.every():
            if each is not self and each.tag not in INLINE:
                text = " ".join("".join(each._in_line()).split())
                if text:
                    yield text

    def _in_line(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag in INLINE:
                yield from child._in_line()

    def without(self, *taken: "Element") -> "Element":
        """A copy that lacks some of the elements below it."""
        kept = [each for each in self.children if not any(each is one for one in taken)]
        children = [each if isinstance(each, str) else each.without(*taken) for each in kept]
        return Element(self.tag, self.attributes, children)


def parsed(html: str) -> Element:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self.open) - 1, 0, -1):
            if self.open[depth].tag == tag:
                del self.open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)
