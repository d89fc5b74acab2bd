"""A toy book: tea or coffee. Small enough to hold in the head, so that tests of the engine do not follow our content.

time    morning -> coffee +3    noon -> nothing       evening -> tea +3
taste   sweet   -> tea +1       bitter -> coffee +1   salty -> nothing; a quantity      (several may be chosen)
sugar   asked when sweet        yes -> tea +1         no -> tea -1
heart   bad     -> coffee out   hot -> tea out        good -> nothing; all of them together rule both out
mood    tired   -> coffee +1, but only in the evening       fresh -> nothing
Outside: `water` when only salty is wanted, `nothing` when both are ruled out.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from guide.book import Book, load_book

Folder = dict[str, dict[str, Any]]


def effect(option: str, force: str, **only_if: list[str]) -> dict[str, Any]:
    return {"option": option, "force": force, "because": "so it is", "facts": ["leaf"], "only_if": only_if}


def answer(text: str, *effects: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"text": text, "said": f"it is {text}", "effects": list(effects), **more}


def question(order: int, chapter: str, answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    words = {"title": f"Question {order}", "ask": f"Which {order}?", "why": "It matters.", "help": "Look."}
    return {"order": str(order), "chapter": chapter, **words, "answers": answers, **more}


def pattern(option: str, **when: list[str]) -> dict[str, Any]:
    lane = {"way": "down", "label": f"{option} <down>", "detail": 'a "cup" & more'}
    name = f"{option} in a cup"
    return {
        "option": option,
        "name": name,
        "sentence": f"Take {name}.",
        "when": when,
        "lanes": [lane],
        "facts": ["leaf"],
    }


def option(name: str) -> dict[str, Any]:
    return {"name": name, "short": name, "best_for": "thirst", "because_level": "it is warm"}


FACT = {
    "claim": "A leaf is green.",
    "figure": "green",
    "source": [{"title": "A book of leaves", "url": "https://leaves.example/green#1"}],
    "checked": "2026-01-02",
    "basis": "read",
    "scope": "not in autumn",
}
NEED = {"title": "A kettle", "what": "Boil {litres}.", "facts": ["leaf"], "confirm": "It whistles."}
FOLDER: Folder = {
    "guide.yaml": {"version": "toy-1", "chapters": {"day": "The day", "self": "Yourself"}},
    "options.yaml": {"tea": option("Tea"), "coffee": option("Coffee")},
    "outside.yaml": {
        "water": {"name": "Water", "sentence": "Drink water.", "when": {"taste": ["salty"]}, "facts": ["leaf"]},
        "nothing": {"name": "Nothing", "sentence": "Wait.", "when_none_left": "true", "facts": ["leaf"]},
    },
    "patterns.yaml": {
        "tea-iced": pattern("tea", time=["noon"]),
        "tea-plain": pattern("tea"),
        "coffee-plain": pattern("coffee"),
        "level-either": pattern("level"),
    },
    "needs.yaml": {
        "kettle": NEED,
        "filter": {**NEED, "title": "A filter", "what": "Fold it.", "option": "coffee"},
        "spoon": {**NEED, "title": "A spoon", "what": "Stir.", "when": {"taste": ["sweet"]}},
    },
    "comparison.yaml": {
        "heat": {"title": "Heat", "always": "true", "cells": {"tea": "80", "coffee": "95"}, "facts": ["leaf"]},
        "milk": {
            "title": "Milk",
            "cells": {"tea": "no", "coffee": "yes"},
            "facts": ["leaf"],
            "when": {"time": ["morning"]},
        },
    },
    "cases.yaml": {
        "monk": {
            "title": "A monk",
            "story": "Rises early.",
            "answers": {"time": ["evening"]},
            "expect": "tea",
            "decided": "Drinks tea.",
            "source": {"title": "A monastery", "url": "https://monks.example/"},
            "preset": "true",
        }
    },
    "facts/plants.yaml": {"leaf": FACT},
    "words/en/screen.yaml": {
        "verdict.level": "Level",
        "verdict.outside": "Outside",
        "verdict.quantity_over": "more than {number} s",
        "verdict.decided": "Decided by {margin}.",
        "verdict.leaning": "Leaning by one.",
        "verdict.leaning_open": "Leaning by {margin}, {n} open.",
        "verdict.leaning_open_one": "Leaning by {margin}, one open.",
        "verdict.ruled_out": "{name} is ruled out.",
        "verdict.ruled_out_open": "{name} is ruled out, {n} open.",
        "verdict.ruled_out_open_one": "{name} is ruled out, one open.",
        "verdict.level_strength": "Level.",
        "verdict.open_strength": "Nothing weighed.",
        "share.holds": "Holds.",
        "share.holds_leaning": "Holds, but leaning.",
        "share.tips": "Tips.",
        "share.level": "Tips either way.",
        "share.agreed": "{right} of {all}.",
        "share.agreed_most": "{right} of {all} or more.",
        "verdict.open": "Cannot say yet",
        "verdict.open_long": "Nothing speaks for one side.",
        "verdict.and": "and",
        "verdict.session_level": "Tea or coffee: it does not matter.",
        "verdict.session_leaning": "It matters little.",
        "verdict.quantity": "{number} l",
        "verdict.quantity_unknown": "an unknown amount",
        "answer.unknown": "Not sure",
    },
    "questions/time.yaml": question(
        1,
        "day",
        {
            "morning": answer("morning", effect("coffee", "strongly-favours")),
            "noon": answer("noon"),
            "evening": answer("evening", effect("tea", "strongly-favours")),
        },
    ),
    "questions/taste.yaml": question(
        2,
        "day",
        {
            "sweet": answer("sweet", effect("tea", "favours"), quantities={"litres": {"value": "1", "unit": "s"}}),
            "bitter": answer(
                "bitter", effect("coffee", "favours"), quantities={"litres": {"value": "2.5", "unit": "s"}}
            ),
            "salty": answer("salty"),
        },
        multiple="true",
    ),
    "questions/sugar.yaml": question(
        3,
        "day",
        {"yes": answer("sugared", effect("tea", "favours")), "no": answer("not sugared", effect("tea", "weakens"))},
        only_if={"taste": ["sweet"]},
    ),
    "questions/heart.yaml": question(
        4,
        "self",
        {
            "good": answer("good"),
            "bad": answer("bad", effect("coffee", "rules-out")),
            "hot": answer("hot", effect("tea", "rules-out")),
        },
        multiple="true",
    ),
    "questions/mood.yaml": question(
        5,
        "self",
        {"fresh": answer("fresh"), "tired": answer("tired", effect("coffee", "favours", time=["evening"]))},
    ),
}


def folder() -> Folder:
    """The toy's files, to be spoilt at will."""
    return copy.deepcopy(FOLDER)


def write(files: Folder, to: Path) -> Path:
    """The files on disk. JSON is YAML, so json.dumps writes both."""
    for name, content in files.items():
        path = to / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return to


def book(to: Path) -> Book:
    return load_book(write(folder(), to))
