"""Loads the knowledge folder into a `Book`, or reports all errors in it at once.

guide.yaml  options.yaml  outside.yaml  patterns.yaml  needs.yaml  comparison.yaml  cases.yaml  laws.yaml
clashes.yaml  exclusions.yaml  folklore.yaml  renamed.yaml  traces.yaml
starter.yaml (the manifest of the starter project; its files in starter/)
questions/*.yaml (one a question, the file name is its id)   path/*.yaml (answers to the one that has `places`)
facts/*.yaml   symptoms/*.yaml   words/LANGUAGE/*.yaml   probe/signs.yaml  probe/answers.yaml  probe/causes.yaml
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from guide import model
from guide.book.checks import proofread
from guide.book.contents import Book, BookError, Problem, read_yaml

KNOWLEDGE = Path(__file__).parents[1] / "knowledge"
STARTER = "starter.yaml"
W = TypeVar("W", bound=model.Word)


class _Reader:
    """Reads files, collects problems, never stops at the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.files: dict[str, str] = {}
        self.digest = hashlib.sha256()

    def mapping(self, name: str, hashed: bool = True) -> dict[str, Any]:
        """The mapping in one file; {} and a problem where there is none."""
        try:
            text = (self.folder / name).read_text(encoding="utf-8")
            found = read_yaml(text)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            self.problems.append(Problem(name, "", " ".join(str(error).split()), "a readable YAML file"))
            return {}
        if hashed:
            self.digest.update(f"{name}\0{text}\0".encode())
        if not isinstance(found, dict):
            self.problems.append(Problem(name, "", f"found {type(found).__name__}", "a mapping of ids to entries"))
            return {}
        return found

    def entries(self, kind: type[W], where: str, names: Iterator[str] | list[str], hashed: bool = True) -> dict[str, W]:
        """The entries of all files `names`, checked against `kind`."""
        out: dict[str, W] = {}
        for name in names:
            for key, value in self.mapping(name, hashed).items():
                self.entry(kind, where, key, value, name, key, out)
        return out

    def entry(self, kind: type[W], where: str, key: str, value: Any, name: str, path: str, out: dict[str, W]) -> None:
        if key in out:
            allowed = f"an id not used in {self.files[f'{where}/{key}']}"
            self.problems.append(Problem(name, path, "the id is taken", allowed))
            return
        self.files[f"{where}/{key}"] = name
        try:
            out[key] = kind.model_validate(value)
        except ValidationError as error:
            for detail in error.errors():
                place = ".".join(str(part) for part in (path, *detail["loc"]) if part != "")
                plain = isinstance(detail["input"], str | int | float)
                given = detail["input"] if plain else type(detail["input"]).__name__
                self.problems.append(Problem(name, place, f"found {given!r}", detail["msg"]))

    def words(self, language: str) -> dict[str, str]:
        """The words on screen, of all their files. They bear on no decision, so they are not hashed."""
        out: dict[str, str] = {}
        for name in self.glob(f"words/{language}"):
            for key, text in self.mapping(name, hashed=False).items():
                if not isinstance(text, str):
                    self.problems.append(Problem(name, key, f"found {type(text).__name__}", "a text"))
                elif key in out:
                    allowed = "an id not used in another file of words"
                    self.problems.append(Problem(name, key, "the id is taken", allowed))
                else:
                    out[key] = text
        return out

    def optional(self, kind: type[W], where: str, hashed: bool = True) -> dict[str, W]:
        """The entries of a file that a small knowledge folder may do without."""
        name = f"{where}.yaml"
        return self.entries(kind, where, [name] if (self.folder / name).exists() else [], hashed)

    def path(self, questions: dict[str, model.Question]) -> None:
        """What may stand in the path, joined to the answers of the question that has places."""
        found = self.entries(model.Answer, "path", self.glob("path"))
        for key, question in questions.items():
            if question.places:
                for aid in set(found) & set(question.answers):
                    self.problems.append(Problem(self.files[f"path/{aid}"], aid, "the id is taken", "another id"))
                questions[key] = question.model_copy(update={"answers": {**question.answers, **found}})
                return
        for key in found:
            self.problems.append(Problem(self.files[f"path/{key}"], key, "no question has places", "one such question"))

    def starter(self) -> tuple[model.Starter, dict[str, str]]:
        """The manifest of the starter project, and the text of each file that it names. Neither is hashed."""
        found: dict[str, model.Starter] = {}
        if (self.folder / STARTER).exists():
            self.entry(model.Starter, "starter", "", self.mapping(STARTER, hashed=False), STARTER, "", found)
        starter = found.get("", model.Starter())
        texts: dict[str, str] = {}
        for key, file in starter.files.items():
            self.files[f"starter/{key}"] = STARTER
            for n, source in enumerate(file.sources):
                try:
                    texts[source.file] = (self.folder / source.file).read_text(encoding="utf-8")
                except (OSError, UnicodeDecodeError) as error:
                    said = getattr(error, "strerror", None) or str(error)
                    place = f"files.{key}.sources.{n}.file"
                    self.problems.append(Problem(STARTER, place, f"{source.file}: {said}", "a text file"))
        for name in self.idle_sources(texts):
            self.problems.append(Problem(name, "", "nothing names it", "a source of a file in starter.yaml"))
        return starter, texts

    def idle_sources(self, named: Mapping[str, str]) -> Iterator[str]:
        """Files in starter/ that the manifest does not name. A list of packages belongs to its lock."""
        for path in sorted((self.folder / "starter").rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            left_out = path.suffix in (".md", ".pyc", ".in") or "/." in name or path.is_dir()
            if not left_out and name not in named:
                yield name

    def proxies(self) -> dict[str, model.ProxyExpectation]:
        """What is expected behind each proxy, which bears on no decision either."""
        out: dict[str, model.ProxyExpectation] = {}
        for key in sorted(path.parent.name for path in self.folder.glob("proxies/*/expected.yaml")):
            name = f"proxies/{key}/expected.yaml"
            self.entry(model.ProxyExpectation, "proxies", key, self.mapping(name, hashed=False), name, "", out)
        return out

    def configs(self) -> dict[str, dict[str, str]]:
        out: dict[str, dict[str, str]] = {}
        for path in sorted(self.folder.glob("proxies/*/*.*")):
            out.setdefault(path.parent.name, {})[path.name] = path.read_text(encoding="utf-8")
        return out

    def glob(self, folder: str) -> list[str]:
        return [f"{folder}/{path.name}" for path in sorted((self.folder / folder).glob("*.yaml"))]


def load_book(folder: Path = KNOWLEDGE, language: str = "en") -> Book:
    """Read and cross-check a knowledge folder.

    Raises:
        BookError: with every problem found, each with its file, its place and what is allowed there.
    """
    read = _Reader(folder)
    book = _read(read, language)
    # Cross-checks on half a book would only repeat the mistakes already found.
    problems = read.problems or proofread(book)
    if problems:
        raise BookError(problems)
    return book


def _questions(read: _Reader) -> dict[str, model.Question]:
    questions: dict[str, model.Question] = {}
    for name in read.glob("questions"):
        key = Path(name).stem
        read.entry(model.Question, "questions", key, read.mapping(name), name, "", questions)
    read.path(questions)
    return questions


def _read(read: _Reader, language: str) -> Book:
    """Every file in its place, not cross-checked yet."""
    about: dict[str, model.About] = {}
    read.entry(model.About, "guide", "", read.mapping("guide.yaml"), "guide.yaml", "", about)
    questions = _questions(read)
    words = read.words(language)
    starter, sources = read.starter()
    return Book(
        version=about[""].version if about else "",
        chapters=about[""].chapters if about else {},
        after=about[""].after if about else (),
        questions=dict(sorted(questions.items(), key=lambda item: item[1].order)),
        facts=read.entries(model.Fact, "facts", read.glob("facts")),
        options=read.entries(model.Option, "options", ["options.yaml"]),
        outside=read.entries(model.Outside, "outside", ["outside.yaml"]),
        patterns=read.entries(model.Pattern, "patterns", ["patterns.yaml"]),
        needs=read.entries(model.Need, "needs", ["needs.yaml"]),
        rows=read.entries(model.Row, "rows", ["comparison.yaml"]),
        cases=read.entries(model.Case, "cases", ["cases.yaml"]),
        clashes=read.optional(model.Clash, "clashes"),
        exclusions=read.optional(model.Exclusion, "exclusions", hashed=False),
        folklore=read.optional(model.Folklore, "folklore"),
        symptoms=read.entries(model.Symptom, "symptoms", read.glob("symptoms"), hashed=False),
        traces=read.optional(model.Trace, "traces", hashed=False),
        starter=starter,
        sources=sources,
        laws=read.optional(model.Law, "laws"),
        # What a probe recognises bears on no decision.
        signs=read.optional(model.Sign, "probe/signs", hashed=False),
        outcomes=read.optional(model.Outcome, "probe/answers", hashed=False),
        probe_causes=read.optional(model.ProbeCause, "probe/causes", hashed=False),
        proxies=read.proxies(),
        configs=read.configs(),
        renamed=read.mapping("renamed.yaml") if (read.folder / "renamed.yaml").exists() else {},
        words=words,
        hash=read.digest.hexdigest()[:12],
        files=read.files,
    )


@functools.cache
def book() -> Book:
    """The book of this project, read once."""
    return load_book()
