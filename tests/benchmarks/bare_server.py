"""The yardstick of `http-order`: a bare FastAPI app with one POST, and no store behind it.

    python -m tests.benchmarks.bare_server --port 0

Served with the settings of a node's own web.
"""

from datetime import date
from typing import Annotated
from uuid import UUID

import typer
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from services.listening import LOOPBACK, listen
from services.running import web_config

app = FastAPI(openapi_url=None)


class Report(BaseModel):
    """A zero report as it is sent."""

    unit: UUID
    day: date
    kind: str
    checked: list[str]


@app.post("/api/orders/file-report", status_code=201)
async def file_report(report: Report) -> dict[str, str]:
    """Read the body and say what came."""
    return {"unit": str(report.unit), "day": report.day.isoformat()}


def main(port: Annotated[int, typer.Option(help="0 takes a free one")] = 0) -> None:
    """Answer until it is stopped."""
    made = listen(LOOPBACK, port)
    print(f"http://{LOOPBACK}:{made.getsockname()[1]}", flush=True)
    uvicorn.Server(web_config(app)).run(sockets=[made])


if __name__ == "__main__":
    typer.run(main)
