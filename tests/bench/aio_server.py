"""The same answer as GET /election/leader from aiohttp, one process: what an orchestrator in Python would do."""
import json
import sys

from aiohttp import web

with open(sys.argv[2], encoding="utf-8") as file:
    ANSWER = json.load(file)


async def leader(_request):
    return web.json_response(ANSWER)


app = web.Application()
app.router.add_get("/election/leader", leader)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
