"""`sms-dispatcher rules` as one meets it who knows the law but no Python."""

import json
import re
from pathlib import Path

import pytest
from support.command import Ran, run

from dispatcher.core.law_table import own, own_text

RIGHT = {
    "DATABASE_URL": "postgresql://x@127.0.0.1:1/x",
    "RINGCENTRAL_CLIENT_ID": "client",
    "RINGCENTRAL_CLIENT_SECRET": "a-secret-of-the-client",
    "RINGCENTRAL_JWT": "eyJ.a-secret-of-the-login",
}
OURS, KY = f"# version: {own().version}", "US-KY,10-21,10-21,10-21"
LABEL = "The file that SMS_DISPATCHER_RULES_FILE names"


def table(path: Path, old: str = "", new: str = "", version: str = "2027-01-15") -> Path:
    """Write our table there, *version* of its own, with *new* instead of *old*."""
    assert old in own_text()
    changed = own_text().replace(OURS, f"# version: {version}").replace(old, new or old)
    path.write_text(changed, "utf-8")
    return path


def assert_refused(ran: Ran, *said: str) -> None:
    assert (ran.code, ran.out) == (2, ""), ran
    for each in said:
        assert each in ran.err


async def test_what_is_in_force() -> None:
    ran = await run("rules")
    assert (ran.code, ran.err) == (0, "")
    assert f"Profile federal+state, version {own().version} of our own table." in ran.out
    assert "at most 3 per 24 h to one person; the last leaves 5 min before" in ran.out
    for rule in own().rules:
        assert f" {rule.place} " in ran.out
        assert rule.citation.split("|")[0] in ran.out
    found = json.loads((await run("rules", "--json")).out)
    assert len(found["rules"]) == len(own().rules)
    assert found["rules"][5]["weekdays"] == "10-21"


@pytest.mark.parametrize(
    ("profile", "places"), [("federal", ["US"]), ("strictest-us", ["US"]), ("off", [])]
)
async def test_another_profile(profile: str, places: list[str]) -> None:
    env = {"SMS_DISPATCHER_HOURS": profile, "SMS_DISPATCHER_CAP_PROMOTIONS": "0"}
    found = json.loads((await run("rules", "--json", **env)).out)
    assert (found["profile"], found["cap_person"]) == (profile, None)
    assert [rule["place"] for rule in found["rules"]] == places
    assert f"Profile {profile}," in (await run("rules", **env)).out


async def test_a_rule_is_changed_as_the_page_says(tmp_path: Path) -> None:
    copied = await run("rules", "--table")
    assert copied.out == own_text()
    path = table(tmp_path / "rules.csv", KY, "US-KY,9-20,10-21,10-21")
    ran = await run("rules", "--check", str(path))
    assert (ran.code, ran.err) == (0, "")
    version = re.search(r"is right: version (2027-01-15:[a-p]{8}), 25 rules\.", ran.out)
    assert version, ran.out
    assert "US-KY: weekdays was 10-21, and is 9-20" in ran.out
    assert ran.out.count("was") == 1
    assert ran.out == (await run("rules", str(path))).out
    env = {"SMS_DISPATCHER_RULES_FILE": str(path)}
    named = f"version {version[1]} of the table that rules_file names"
    assert named in (await run("rules", **env)).out
    assert (await run("config", **RIGHT, **env)).code == 0
    other = table(tmp_path / "other.csv", KY, "US-KY,9-20,10-21,10-21")
    said = await run("rules", str(other), **env)
    assert f"It says the same as version {version[1]}, which is in force." in said.out


async def test_a_table_that_is_set_is_compared_with_our_own(tmp_path: Path) -> None:
    path = table(tmp_path / "rules.csv", KY, "US-KY,9-20,10-21,10-21")
    said = await run("rules", str(path), SMS_DISPATCHER_RULES_FILE=str(path))
    assert (
        f"It is the one that rules_file names. It changes version {own().version}" in said.out
    )
    assert "US-KY: weekdays was 10-21, and is 9-20" in said.out
    said = await run("rules", str(path), SMS_DISPATCHER_RULES_FILE=str(tmp_path / "gone"))
    assert (said.code, "Warning: the table that is set now is wrong" in said.out) == (0, True)


async def test_a_table_that_changes_once_more_has_another_name(tmp_path: Path) -> None:
    path = table(tmp_path / "rules.csv", KY, "US-KY,9-20,10-21,10-21")
    said = json.loads((await run("rules", str(path), "--json")).out)["version"]
    for new, alike in (
        ("US-KY,9-20,10-21,10-21", True), ("US-KY,9-19,10-21,10-21", False)
    ):  # fmt: skip
        path = table(tmp_path / "rules.csv", KY, new)
        path.write_text(path.read_text("utf-8") + "# another remark\n", "utf-8")
        again = json.loads((await run("rules", str(path), "--json")).out)["version"]
        assert (again == said, again.split(":")[0]) == (alike, "2027-01-15")


async def test_one_thing_at_a_time(tmp_path: Path) -> None:
    path = str(table(tmp_path / "rules.csv"))
    for args in ((path, "--check", path), (path, "--table"), ("--check", path, "--table")):
        ran = await run("rules", *args)
        assert (ran.code, ran.out) == (2, ""), args
        assert "not allowed with" in ran.err


async def test_every_fault_with_its_line(tmp_path: Path) -> None:
    path = table(tmp_path / "rules.csv", KY, "US-KY,9-2O,10-21,10-21")
    path.write_text(path.read_text("utf-8").replace("US-TX,9-21", "US-TEXAS,9-21"), "utf-8")
    lines = path.read_text("utf-8").splitlines()
    ky, tx = (
        next(n for n, x in enumerate(lines, 1) if x.startswith(place))
        for place in ("US-KY", "US-TEXAS")
    )
    said = (
        f'{path}, line {ky}: weekdays is "9-2O": it must be like 8-20, 8:30-20 or none.\n',
        f'{path}, line {tx}: "US-TEXAS" is no place: US, or a state like US-KY.\n',
    )
    ran = await run("rules", "--check", str(path))
    assert_refused(ran, "The table of rules has 2 faults:\n", *said)
    ran = await run("rules", "--check", str(path), "--json")
    found = json.loads(ran.out)
    assert (ran.code, found["right"], len(found["faults"])) == (2, False, 2)


async def test_a_version_names_one_table(tmp_path: Path) -> None:
    path = table(tmp_path / "rules.csv", version=own().version)
    assert (await run("rules", str(path))).code == 0, "it says the same"
    path = table(path, KY, "US-KY,9-20,10-21,10-21", version=own().version)
    assert_refused(await run("rules", str(path)), f"line 1: version {own().version} is that of")


async def test_what_would_stop_all(tmp_path: Path) -> None:
    path = table(tmp_path / "rules.csv", KY, "US-KY,none,none,none")
    ran = await run("rules", str(path))
    assert ran.code == 0
    assert "Warning: US-KY: no promotion could leave on any day" in ran.out
    path = table(path, KY, "US-KY,18-21,12-21,10-21")
    for profile, warned in (("federal+state", 0), ("strictest-us", 1)):
        ran = await run("rules", str(path), SMS_DISPATCHER_HOURS=profile)
        said = "Warning: strictest-us: no promotion could leave on any day"
        assert (ran.code, ran.out.count(said), ran.out.count("Warning")) == (0, warned, warned)


@pytest.mark.parametrize("command", ["run", "config", "rules"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, f"{LABEL} does not exist."),
        ("/", f"{LABEL} is a directory, not a file."),
        (b"\xff\xfe", f"{LABEL} is not text in UTF-8."),
        (b"\0", f"{LABEL}, line 1: it must say which version"),
        (b"# version: 1\nplace;weekdays", f"{LABEL}, line 2: the columns must be place,"),
        (b"x" * 99_999, f"{LABEL} is larger than 65536 bytes."),
    ],
)
async def test_a_wrong_file_stops_the_start(
    tmp_path: Path, command: str, content: bytes | str | None, said: str
) -> None:
    path = tmp_path / "rules-secret.csv"
    if isinstance(content, bytes):
        path.write_bytes(content)
    named = content if isinstance(content, str) else str(path)
    ran = await run(command, **RIGHT, SMS_DISPATCHER_RULES_FILE=named)
    assert_refused(ran, said)
    assert "rules-secret" not in ran.err, "a path may be a secret in the wrong place"
