async def stream(request):
    while True:
        if await request.is_disconnected():
            break
