"""The app: its page, its door, and the ways to read a run."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from app import who
from app.access import Door, Refused, User, not_understood
from app.runs import runs

WEB = Path(__file__).parent.parent / "web"
app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
app.add_middleware(Door)
app.add_exception_handler(RequestValidationError, not_understood)  # type: ignore[arg-type]


@app.exception_handler(Refused)
async def refuse(request: Request, refused: Refused) -> JSONResponse:
    wait = {"Retry-After": "10"} if refused.status in (429, 503) else None
    return JSONResponse({"detail": refused.why}, refused.status, wait)


@app.get("/")
async def page(request: Request) -> FileResponse:
    response = FileResponse(WEB / "index.html")
    who.welcome(request, response)
    return response


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/threads/{thread}")
async def turns(thread: str, user: User) -> dict[str, Any]:
    """What a page shows again after a reload; it reads each run from its beginning."""
    found = await runs.log.of_thread(thread, user)
    return {"runs": [{"run": run.id, "prompt": run.prompt, "status": run.status} for run in found]}


close = runs.close
"""To be awaited before the process goes."""
for name in ("event_stream", "websocket"):  # the ways to read a run: those whose file is here
    if (Path(__file__).parent / f"{name}.py").exists():
        app.include_router(import_module(f"app.{name}").router)
app.mount("/", StaticFiles(directory=WEB))
