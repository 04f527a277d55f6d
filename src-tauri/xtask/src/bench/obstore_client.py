"""obstore as its makers set it up: parts of 5 MiB, 12 at once, every request signed with SHA-256 of its body.
It saves a file as one stream; ranges side by side are what somebody who is in a hurry would write around it."""

import asyncio
import os
import sys
from pathlib import Path

import obstore
from obstore.store import S3Store

FILES_AT_ONCE = 32
RANGES_AT_ONCE = 8
RANGE_BYTES = 8 * 1024 * 1024


def open_store():
    return S3Store(
        os.environ["BENCH_BUCKET"],
        endpoint=os.environ["BENCH_ENDPOINT"],
        region=os.environ["AWS_REGION"],
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
    )


async def send(store, path, key, turn):
    async with turn:
        await obstore.put_async(store, key, path)


async def send_all(store, source, key):
    turn = asyncio.Semaphore(FILES_AT_ONCE)
    if source.is_file():
        return await send(store, source, key, turn)
    files = [path for path in source.rglob("*") if path.is_file()]
    await asyncio.gather(*(send(store, path, f"{key}/{path.relative_to(source)}", turn) for path in files))


async def fetch(store, key, start, end, target, turn):
    async with turn:
        piece = await obstore.get_range_async(store, key, start=start, end=end)
        await asyncio.to_thread(os.pwrite, target, memoryview(piece), start)


async def fetch_all(store, key, path):
    size = (await obstore.head_async(store, key))["size"]
    turn = asyncio.Semaphore(RANGES_AT_ONCE)
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    starts = range(0, size, RANGE_BYTES)
    await asyncio.gather(
        *(fetch(store, key, start, min(start + RANGE_BYTES, size), target, turn) for start in starts)
    )
    os.close(target)


def main():
    errand, local, key = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    store = open_store()
    asyncio.run(send_all(store, local, key) if errand == "up" else fetch_all(store, key, local))
    # All is done. Its threads now and then abort a Python that is tidying up around them.
    os._exit(0)


main()
