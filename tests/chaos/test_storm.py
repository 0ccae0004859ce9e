"""The short storm: the whole daemon comes through it, one without a guard does not."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from support.chaos.reckoning import Reckoning
from support.chaos.report import report
from support.chaos.stage import ready
from support.chaos.storm import SHORT
from support.chaos.variants import VARIANTS
from support.private import leaks, secrets

from dispatcher.edge.postgres_binaries import Binaries

SEEDS = (1, 2, 3)


async def storm(
    binaries: Binaries, folder: Path, seed: int, variant: str | None = None
) -> tuple[Reckoning, str, bool]:
    """Return what is reckoned, the report, and whether all was well."""
    with TemporaryDirectory(dir=folder) as logs:
        async with ready(binaries, Path(logs), SHORT, seed, variant) as made:
            found = await made.run()
            assert leaks(made.nursery.said(), secrets(made.environ)) == []
            return found, report(made, found, seed, 0), found.sound and not made.broken


async def test_nobody_is_lost_and_nobody_texted_twice(
    binaries: Binaries, tmp_path: Path
) -> None:
    found, said, well = await storm(binaries, tmp_path, SEEDS[0])
    assert well, said
    assert found.rows["sent"] > SHORT.rows / 3, said
    assert found.rows["waiting for a budget"] > 0, said
    assert found.decided["found"] > SHORT.kills, said
    assert found.rows["opted out"] > SHORT.kills / 2, said
    assert found.held["hours strictest-us"] > SHORT.kills, said
    assert found.held["cap person"] + found.held["cap strictest-us"] > SHORT.kills, said


@pytest.mark.guards
@pytest.mark.parametrize("name", VARIANTS)
async def test_without_a_guard_it_fails(binaries: Binaries, tmp_path: Path, name: str) -> None:
    """Which moments come is chance: most often the first storm shows it."""
    for seed in SEEDS:
        found, said, well = await storm(binaries, tmp_path, seed, name)
        if not well:
            break
    else:
        pytest.fail(f"three storms saw nothing; the last: {said}")
    broke = {
        "twice": found.twice,
        "lost": found.lost,
        "overspent": found.overspent,
        "ignored": found.ignored,
        "outside": found.outside,
        "over": found.over,
    }
    assert any(broke[each] for each in VARIANTS[name].breaks), said
