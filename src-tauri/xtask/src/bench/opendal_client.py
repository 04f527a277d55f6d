"""opendal with parts and ranges of 8 MiB, 8 at once, which it leaves to its user. It checks nothing and signs no body:
that is how it comes."""

import asyncio
import os
import sys
from pathlib import Path

import opendal

FILES_AT_ONCE = 32
PARTS_AT_ONCE = 8
PART_BYTES = 8 * 1024 * 1024


def open_store():
    return opendal.AsyncOperator(
        "s3",
        bucket=os.environ["BENCH_BUCKET"],
        endpoint=os.environ["BENCH_ENDPOINT"],
        region=os.environ["AWS_REGION"],
        access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    )


async def send(store, path, key, turn):
    async with turn:
        if path.stat().st_size <= PART_BYTES:
            return await store.write(key, path.read_bytes())
        with path.open("rb", buffering=0) as source:
            async with await store.open(key, "wb", chunk=PART_BYTES, concurrent=PARTS_AT_ONCE) as target:
                while piece := source.read(PART_BYTES):
                    await target.write(piece)


async def send_all(store, source, key):
    turn = asyncio.Semaphore(FILES_AT_ONCE)
    if source.is_file():
        return await send(store, source, key, turn)
    files = [path for path in source.rglob("*") if path.is_file()]
    await asyncio.gather(*(send(store, path, f"{key}/{path.relative_to(source)}", turn) for path in files))


async def fetch(store, key, start, end, target, turn):
    async with turn:
        piece = await store.read(key, offset=start, size=end - start)
        await asyncio.to_thread(os.pwrite, target, memoryview(piece), start)


async def fetch_all(store, key, path):
    size = (await store.stat(key)).content_length
    turn = asyncio.Semaphore(PARTS_AT_ONCE)
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    starts = range(0, size, PART_BYTES)
    await asyncio.gather(
        *(fetch(store, key, start, min(start + PART_BYTES, size), target, turn) for start in starts)
    )
    os.close(target)


async def run(errand, local, key):
    store = open_store()
    await (send_all(store, local, key) if errand == "up" else fetch_all(store, key, local))


def main():
    errand, local, key = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    asyncio.run(run(errand, local, key))
    # All is done. Its threads now and then abort a Python that is tidying up around them.
    os._exit(0)


main()
