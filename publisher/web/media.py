"""The images of letters: our own copies, under their hashes."""

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from publisher.store import media
from publisher.web.visit import LOOK, Visiting

# The bytes of a hash never change; mail programs on the web show them from pages of their own.
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", "Cross-Origin-Resource-Policy": "cross-origin"}

router = APIRouter()


@router.api_route("/media/{digest}", methods=LOOK)
async def picture(visit: Visiting, digest: str) -> Response:
    async with visit.app.db.read() as tx:
        kept = await media.get(tx, digest)
    if kept is None:
        raise HTTPException(404)
    return Response(kept.content, media_type=kept.picture.type, headers=_FOR_EVER)
