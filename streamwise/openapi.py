"""Describes the JSON interface as an OpenAPI document, made from the classes that it sends and takes."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from guide import __version__
from guide.agents.replies import Decision, Explanation, File, Files, Found, QuestionDetail, Questions
from guide.model import Word

REFERENCE = "#/components/schemas/{model}"


@cache
def document(prefix: str, decide: type[Word], files: type[Word]) -> dict[str, Any]:
    """The document (OpenAPI 3.1). `decide`, `files`: what these two take."""
    sent: tuple[type[Word], ...] = (Questions, QuestionDetail, Decision, Explanation, Found, Files, File)
    taken = (decide, files)
    modes = [*((one, "serialization") for one in sent), *((one, "validation") for one in taken)]
    _, schemas = models_json_schema(modes, ref_template=REFERENCE)  # type: ignore[arg-type]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Streamwise: the guide",
            "version": __version__,
            "description": "SSE or WebSocket for an agent's output. Nothing is stored. An answer that is not given is "
            "never guessed.",
        },
        "paths": {
            f"{prefix}/questions": _get("All questions, or one in words.", ["detail"], Questions, QuestionDetail),
            f"{prefix}/decide": _post("The verdict on a set of answers.", decide, Decision),
            f"{prefix}/entries/{{id}}": _get("One entry, with source and day.", ["id"], Explanation),
            f"{prefix}/search": _get("Entries that have these words.", ["q", "limit", "kind"], Found),
            f"{prefix}/files": _post("The files for a set of answers, or one.", files, Files, File),
        },
        "components": {"schemas": schemas["$defs"]},
    }


def _get(summary: str, parameters: list[str], *replies: type[Word]) -> dict[str, Any]:
    told = [
        {
            "name": name,
            "in": "path" if name == "id" else "query",
            "required": name in ("id", "q"),
            "schema": {"type": "integer" if name == "limit" else "string"},
        }
        for name in parameters
    ]
    return {"get": {"summary": summary, "parameters": told, "responses": _responses(replies)}}


def _post(summary: str, takes: type[Word], *replies: type[Word]) -> dict[str, Any]:
    content = {"application/json": {"schema": _schema(takes)}}
    return {
        "post": {
            "summary": summary,
            "requestBody": {"required": True, "content": content},
            "responses": _responses(replies),
        }
    }


def _responses(replies: tuple[type[Word], ...]) -> dict[str, Any]:
    one_of = [_schema(reply) for reply in replies]
    schema = one_of[0] if len(one_of) == 1 else {"oneOf": one_of}
    return {
        "200": {"description": "The reply.", "content": {"application/json": {"schema": schema}}},
        "422": {"description": "An argument that cannot be; the message names what is allowed."},
        "429": {"description": "Your address has its share of calls; Retry-After says when to ask again."},
    }


def _schema(model: type[Word]) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=model.__name__)}
