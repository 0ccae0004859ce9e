"""`make chaos`: the storm as long as it is meant, and its table."""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from dispatcher.edge.clock import SystemClock
from dispatcher.edge.postgres_binaries import find
from support.chaos import storm
from support.chaos.report import report
from support.chaos.stage import ready
from support.chaos.storm import Size

INTERRUPTED = 130


async def rage(size: Size, seed: int) -> bool:
    clock = SystemClock()
    began = clock.monotonic()
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        async with ready(find(), Path(folder), size, seed) as made:
            made.told = lambda what: print(
                f"{clock.monotonic() - began:6.1f} s  {what}", flush=True
            )
            reckoning = await made.run()
            print(report(made, reckoning, seed, clock.monotonic() - began), flush=True)
    return reckoning.sound and not made.broken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="repeat the fates of another storm")
    parser.add_argument("--short", action="store_true", help="as long as in make test")
    args = parser.parse_args()
    seed = random.SystemRandom().randrange(1_000_000) if args.seed is None else args.seed
    try:
        return 0 if asyncio.run(rage(storm.SHORT if args.short else storm.FULL, seed)) else 1
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
