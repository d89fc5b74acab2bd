app.add_middleware(SessionMiddleware, secret_key=KEY)
