import httpx


async def read(url: str) -> None:
    async with httpx.AsyncClient() as http, http.stream("GET", url) as response:
        async for line in response.aiter_lines():
            print(line)
