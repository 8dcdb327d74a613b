"""From the file to sources: what is right is used, what is wrong is told."""

from __future__ import annotations

import stat
from bisect import bisect_left
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import ValidationError
from tomlkit.exceptions import (
    KeyAlreadyPresent,
    ParseError,
    TOMLKitError,
    UnexpectedCharError,
    UnexpectedEofError,
)

from ..errors import ConfigError, SettingsError
from .settings import LONGEST_NAME, SourceSettings, faults, shown_name

NO_TABLES = "sources: each source should begin with [[sources]]"


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a file says. sources: those that are right, in its order; problems: one line each."""

    path: Path
    sources: tuple[SourceSettings, ...] = ()
    problems: tuple[str, ...] = ()

    def source(self, name: str) -> SourceSettings:
        """The source of that name; raises SettingsError for one that is not there or not right."""
        for source in self.sources:
            if source.name == name:
                return source
        of_it = [problem for problem in self.problems if f"source {name!r}: " in problem]
        known = [source.name for source in self.sources]
        raise SettingsError(of_it[0] if of_it else missing(self.path, name, known))


def missing(path: Path, name: str, known: list[str]) -> str:
    """Says that the file has no such source, and which one may be meant."""
    close = get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"{path} has no source {shown_name(name)!r}{hint}"


def load(path: str | Path) -> Configuration:
    """The configuration in a file; a missing file is an empty one.

    A source with a fault is left out and told in `problems`.
    Raises ConfigError for a file that cannot be read or is not TOML.
    """
    path = Path(path)
    return understood(path, content(path))


def written(path: str | Path, name: str) -> dict[str, Any]:
    """A source's settings as the file holds them: variables stand for themselves, paths as typed.

    A password may be among them. Raises SettingsError, ConfigError.
    """
    plain = document(Path(path), content(Path(path)) or b"").unwrap()
    tables = plain.get("sources")
    for table in tables if isinstance(tables, list) else []:
        if isinstance(table, dict) and table.get("name") == name:
            return dict(table)
    raise SettingsError(missing(Path(path), name, []))


def content(path: Path) -> bytes | None:
    """The bytes of a configuration file; None where there is none. Raises ConfigError."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ConfigError(f"{path} is not a file")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no path"
        raise ConfigError(f"{path} cannot be read: {reason}") from error


def understood(path: Path, data: bytes | None) -> Configuration:
    """The configuration that the bytes of a file mean; raises ConfigError if they are not TOML."""
    plain = document(path, data or b"").unwrap()
    problems = [
        f"{path}: there is no {shown_name(key)!r} here, only [[sources]] and [[channels]]"
        for key in plain
        if key not in ("sources", "channels")
    ]
    tables = plain.get("sources", [])
    if not isinstance(tables, list):
        problems.append(f"{path}: {NO_TABLES}")
        tables = []
    sources: dict[str, SourceSettings] = {}
    for number, table in enumerate(tables, 1):
        try:
            source = _source(table, path.absolute().parent)
            if source.name in sources:
                raise ValueError("name: is taken by a source further up")
            sources[source.name] = source
        except ValidationError as error:
            problems += [f"{path}: {_called(table, number)}: {fault}" for fault in faults(error)]
        except (SettingsError, ValueError) as error:
            problems.append(f"{path}: {_called(table, number)}: {error}")
    return Configuration(path, tuple(sources.values()), tuple(problems))


def document(path: Path, data: bytes) -> tomlkit.TOMLDocument:
    """The TOML of a file, comments and all; its line ends as \\n.

    Raises ConfigError naming file, line and column, but nothing of the text.
    """
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        raise _not_toml(path, *_place(before), "not UTF-8 text") from None
    try:
        return tomlkit.parse(text)
    except ParseError as error:
        # `from None`: the reason may repeat a part of the text
        place = _place(text) if _at_end(error) else (error.line, error.col + 1)
        raise _not_toml(path, *place, _reason(error)) from None
    except TOMLKitError as error:
        raise _not_toml(path, _failing_line(text), 1, _reason(error)) from None


def _not_toml(path: Path, line: int, column: int, reason: str) -> ConfigError:
    return ConfigError(f"{path}, line {line}, column {column}: {reason}")


def _place(before: str) -> tuple[int, int]:
    """Line and column that follow on this text, from 1."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _at_end(error: TOMLKitError) -> bool:
    return isinstance(error, UnexpectedEofError) or "'\\x00'" in str(error)


def _reason(error: TOMLKitError) -> str:
    if isinstance(error, KeyAlreadyPresent) or "exist" in str(error):  # a key or a table
        return "this was there before"
    if _at_end(error):
        return "the file ends in the middle of something"
    if isinstance(error, UnexpectedCharError):
        return "not TOML: this character cannot be here"
    kind = type(error).__name__.removesuffix("Error")
    words = {"EmptyKey": "a key", "InvalidControlChar": "a closing quotation mark"}
    return f"not TOML: {words[kind]} is missing" if kind in words else "not TOML"


def _failing_line(text: str) -> int:
    """The line with which a text becomes wrong, for errors that do not say it themselves."""
    lines = text.splitlines(keepends=True)

    def wrong(count: int) -> bool:
        try:
            tomlkit.parse("".join(lines[:count]))
        except ParseError:  # cut in the middle of something
            return False
        except TOMLKitError:
            return True
        return False

    return bisect_left(range(len(lines)), True, key=wrong)


def _source(table: Any, folder: Path) -> SourceSettings:
    if not isinstance(table, dict):
        raise ValueError("should be a table of settings")
    return SourceSettings.model_validate(table).resolved(folder)


def _called(table: Any, number: int) -> str:
    name = table.get("name") if isinstance(table, dict) else None
    if not isinstance(name, str) or not name.strip():
        return f"source {number}"
    return f"source {shown_name(name)[:LONGEST_NAME]!r}"
