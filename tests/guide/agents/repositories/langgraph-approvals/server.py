from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer

security = HTTPBearer()
app = FastAPI(dependencies=[Depends(security)])
