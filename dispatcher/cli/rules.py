"""`sms-dispatcher rules`: the rules of hours and caps, and judging a table of them."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from rich.table import Table as Grid
from rich.text import Text

from dispatcher import config
from dispatcher.cli import address, waiting, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.config import LawSettings, rules
from dispatcher.core import law_text
from dispatcher.core.law import Hours, Law, Rule, strictest
from dispatcher.core.law_table import LawTableError, Table, own, own_text

DESCRIPTION = """\
Shows the rules of hours and caps that are in force: of each place its hours,
its caps, where that stands and how sure it is. With a FILE, judges a table of
rules in place of ours: every fault with its line, or what it would change.
Asks neither the database nor RingCentral. docs/compliance.md says how to change
a rule; it is no legal advice.
Exit codes: 0 shown, or the file is right; 2 it is refused."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "rules",
        help="show the rules of hours and caps, or judge a table of them",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    one = parser.add_mutually_exclusive_group()
    one.add_argument("file", metavar="FILE", nargs="?", type=Path, help="a table to judge")
    one.add_argument("--check", metavar="FILE", type=Path, help="the same")
    one.add_argument(
        "--table", action="store_true", help="print our own table, to be copied and changed"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    address.add_config(parser)


def run(args: argparse.Namespace) -> ExitCode:
    if args.table:
        print(own_text(), end="")
        return ExitCode.OK
    settings = config.law_settings(args.config)
    if path := args.check or args.file:
        return _check(path, settings, json=args.json)
    law = rules.law_in_force(settings)
    if args.json:
        words.print_json(_plain(law, settings))
    else:
        _print(law, settings)
    return ExitCode.OK


def _check(path: Path, settings: LawSettings, *, json: bool) -> ExitCode:
    try:
        table = rules.read_table(path, str(path))
    except LawTableError as error:
        if not json:
            raise
        words.print_json({"file": str(path), "right": False, "faults": list(error.faults)})
        return ExitCode.FAILED
    is_set = _is_set(path, settings)
    before, wrong = (own(), []) if is_set else _in_force(settings)
    changed = law_text.changes(before, table)
    warnings = [*wrong, *_never(table, settings)]
    if json:
        words.print_json(
            {
                "file": str(path), "right": True, "version": table.version,
                "compared_with": before.version, "changes": changed, "warnings": warnings,
            }
        )  # fmt: skip
    else:
        waiting.say(f"{path} is right: version {table.version}, {len(table.rules)} rules.")
        waiting.say(_compared(before, changed=bool(changed), is_set=is_set))
        for sentence in changed:
            waiting.say(f"  {sentence}")
        for sentence in warnings:
            waiting.say(f"Warning: {sentence}")
    return ExitCode.OK


def _is_set(path: Path, settings: LawSettings) -> bool:
    """Say whether it is the very file that is set: compared with itself it would be no news."""
    named = Path(settings.rules_file)
    return bool(settings.rules_file) and named.exists() and path.samefile(named)


def _in_force(settings: LawSettings) -> tuple[Table, list[str]]:
    """Return the table in force, or ours and a warning if that is wrong."""
    try:
        return rules.law_of(settings.rules_file), []
    except LawTableError:
        return own(), ["the table that is set now is wrong: compared with our own"]


def _never(table: Table, settings: LawSettings) -> Iterator[str]:
    every = [*table.rules]
    if Hours(settings.hours) is Hours.STRICTEST:
        every.append(strictest(table.rules))  # lines that are right may leave no time together
    for rule in every:
        if not (rule.weekdays or rule.saturday or rule.sunday):
            place = rule.name.removeprefix("hours ")
            yield f"{place}: no promotion could leave on any day"


def _compared(before: Table, *, changed: bool, is_set: bool) -> str:
    if is_set:
        does = "It changes" if changed else "It says the same as"
        ours = f"version {before.version}, our own{':' if changed else '.'}"
        return f"It is the one that rules_file names. {does} {ours}"
    if changed:
        return f"It would change version {before.version}, which is in force:"
    return f"It says the same as version {before.version}, which is in force."


def _holding(law: Law) -> list[Rule]:
    return [*([law.nation] if law.nation else []), *law.states.values()]


def _print(law: Law, settings: LawSettings) -> None:
    waiting.say(f"Profile {law.hours}, version {law.version} of {_whose(settings)}.")
    if law.hours is Hours.OFF:
        waiting.say("No hours and no caps of the law hold: set SMS_DISPATCHER_HOURS.")
    waiting.say(_ours(settings))
    found = _holding(law)
    if not found:
        return
    grid = Grid("Place", "Mon-Fri", "Sat", "Sun", "Holidays", "Caps, and where it stands")
    for column in grid.columns[:5]:
        column.no_wrap = True
    for rule in found:
        grid.add_row(*_row(rule))
    waiting.console().print(grid)


def _row(rule: Rule) -> list[Text]:
    told = law_text.cells(rule)
    hours = [told[column] for column in ("weekdays", "saturday", "sunday", "holidays")]
    more = [
        f"cap {told['cap'].replace('|', ', ')}" if rule.caps else "",
        f"also {', '.join(rule.also)}" if rule.also else "",
        f"clock {rule.clock}" if rule.clock else "",
        rule.citation.replace("|", "; "),
        f"{rule.confidence}, {rule.checked}" if rule.confidence else "what all others allow",
    ]
    return [Text(each) for each in (rule.place, *hours, "\n".join(filter(None, more)))]


def _whose(settings: LawSettings) -> str:
    return "the table that rules_file names" if settings.rules_file else "our own table"


def _ours(settings: LawSettings) -> str:
    cap = rules.cap_of(settings)
    said = f"at most {law_text.cap(cap)} to one person" if cap else "no cap of ours"
    margin = f"{settings.hours_margin_minutes:g} min"
    return f"Promotions: {said}; the last leaves {margin} before the hours end."


def _plain(law: Law, settings: LawSettings) -> dict[str, object]:
    cap = rules.cap_of(settings)
    return {
        "profile": law.hours,
        "version": law.version,
        "own_table": not settings.rules_file,
        "margin_minutes": settings.hours_margin_minutes,
        "cap_person": law_text.cap(cap) if cap else None,
        "rules": [law_text.cells(rule) for rule in _holding(law)],
    }
