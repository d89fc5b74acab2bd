from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

app = FastAPI()


@app.get("/events")
async def events(request: Request) -> StreamingResponse:
    since = int(request.headers.get("last-event-id", 0))
    return StreamingResponse(tokens(since), media_type="text/event-stream")
