"""Changing the file without touching what a person has written around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT, Array, InlineTable, Item, Key, Table

from ..errors import ConfigError, SettingsError
from ..times import iso
from ..tracker import TrackerSettings
from . import files
from .reading import NO_TABLES, content, document, missing
from .settings import SourceSettings, unknown_setting

HEADER = b"# The sources that `tracking run` watches; `tracking sources` changes this file too.\n"
Body = list[tuple[Key | None, Item]]


def add(path: str | Path, source: SourceSettings) -> None:
    """Write one more source at the file's end; the file is made where there is none.

    Its uri is written as it is: variables in it stay variables.
    Raises SettingsError for a name that is taken, ConfigError for a file that cannot be changed.
    """
    with edited(Path(path)) as whole:
        tables = _tables(Path(path), whole)
        _check_free(Path(path), tables, source.name)
        inline = isinstance(tables, Array)
        table: Table | InlineTable = tomlkit.inline_table() if inline else tomlkit.table()
        for setting in SourceSettings.model_fields:
            if setting in ("name", "uri") or _worth_writing(source, setting):
                table[setting] = _written(source, setting)
        if not inline:
            table.trivia.indent = "\n"
        tables.append(table)


def change(path: str | Path, name: str, /, **changes: Any) -> None:
    """Give some settings of a source other values; None gives one its default back.

    `name` among the changes renames the source. The tracker's settings are changed one by one.
    Raises SettingsError for what cannot be, ConfigError for a file that cannot be changed.
    """
    with edited(Path(path)) as whole:
        tables = _tables(Path(path), whole)
        number = _number(Path(path), tables, name)
        table = tables[number]
        source = SourceSettings.of(_merged(table.unwrap(), changes))
        for setting in changes:
            if setting not in SourceSettings.model_fields and setting not in table:
                raise SettingsError(unknown_setting(setting))
        if source.name != name:
            _check_free(Path(path), tables, source.name)
        tail = _tail(table)  # new settings stand after the last one, not after what follows it
        for setting, value in changes.items():
            written = None if value is None else _written(source, setting)
            if isinstance(value, Mapping) and isinstance(table.get(setting), Mapping):
                _change_tracker(table, source.tracker, value)
            elif written in (None, {}):
                table.pop(setting, None)
            else:
                table[setting] = written
        table.value.body.extend(tail)


def remove(path: str | Path, name: str) -> None:
    """Take a source out of the file, with the comments inside its table.

    Raises SettingsError when there is none of that name, ConfigError for a file that cannot be
    changed.
    """
    with edited(Path(path)) as whole:
        tables = _tables(Path(path), whole)
        number = _number(Path(path), tables, name)
        if isinstance(tables, AoT):
            _hand_over(whole, tables, number, _tail(tables[number]))
        del tables[number]
        if not tables:
            del whole["sources"]


@contextmanager
def edited(path: Path) -> Iterator[tomlkit.TOMLDocument]:
    """The file's document, to be changed; then it is written, unless all is as it was."""
    with files.locked(path) as target:
        before = content(path)
        whole = document(path, HEADER if before is None else before)
        yield whole
        text = tomlkit.dumps(whole)
        if document(path, text.encode()).unwrap() != whole.unwrap():
            raise ConfigError(f"{path} cannot be changed safely by a program; change it by hand")
        if b"\r\n" in (before or b""):
            text = text.replace("\n", "\r\n")
        if text.encode() != before:
            files.replace(path, target, text.encode())


def _tables(path: Path, whole: tomlkit.TOMLDocument) -> AoT | Array:
    """The sources' tables, which are there from now on."""
    tables = whole.get("sources")
    if tables is None:
        tables = whole["sources"] = tomlkit.aot()
    if not isinstance(tables, (AoT, Array)) or not all(isinstance(t, Mapping) for t in tables):
        raise ConfigError(f"{path}: {NO_TABLES}")
    return tables


def _names(tables: AoT | Array) -> list[Any]:
    return [table.get("name") for table in tables]


def _check_free(path: Path, tables: AoT | Array, name: str) -> None:
    if name in _names(tables):
        raise SettingsError(f"{path} has a source {name!r} already")


def _number(path: Path, tables: AoT | Array, name: str) -> int:
    names = _names(tables)
    if names.count(name) > 1:
        raise ConfigError(f"{path} has several sources {name!r}; give them different names by hand")
    if name not in names:
        raise SettingsError(missing(path, name, [name for name in names if isinstance(name, str)]))
    return names.index(name)


def _merged(table: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A plain table with the changes made; those of a table in it are made one by one."""
    merged = dict(table)
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            inner = table.get(key)
            merged[key] = _merged(inner if isinstance(inner, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def _worth_writing(source: SourceSettings, setting: str) -> bool:
    value, field = getattr(source, setting), SourceSettings.model_fields[setting]
    return setting in source.model_fields_set and value is not None and value != field.default


def _written(source: SourceSettings, setting: str) -> Any:
    """A setting's value as TOML has it."""
    value = getattr(source, setting)
    if setting == "start":
        return tomlkit.datetime(iso(value, source.timezone).replace(".000", ""))
    if setting == "tracker":
        table = tomlkit.inline_table()
        table.update(source.changed_tracker())
        return table
    return list(value) if isinstance(value, tuple) else value


def _change_tracker(
    table: Table | InlineTable, settings: TrackerSettings, changes: Mapping[str, Any]
) -> None:
    inner: Any = table["tracker"]
    for name, value in changes.items():
        if value is None:
            inner.pop(name, None)
        else:
            inner[name] = getattr(settings, name)
    if not inner:
        table.pop("tracker")


def _tail(table: Table | InlineTable) -> Body:
    """The blank lines and comments at a table's end, taken out of it."""
    body = _end(table)
    end = len(body)
    while end and body[end - 1][0] is None:
        end -= 1
    tail = body[end:]
    del body[end:]
    return tail


def _end(table: Table | InlineTable) -> Body:
    """The inside of a table, or of the last table in it: there its text ends."""
    body = table.value.body
    key, item = next((pair for pair in reversed(body) if pair[0] is not None), (None, None))
    if isinstance(item, Table) and key is not None and not key.is_dotted():
        return _end(item)
    return body


def _hand_over(whole: tomlkit.TOMLDocument, tables: AoT, number: int, tail: Body) -> None:
    """Keep what follows a table that goes: it is most likely about the next one."""
    text = "".join(item.as_string() for _, item in tail)
    if not text.strip():
        return
    if number + 1 < len(tables):
        trivia = tables[number + 1].trivia
        trivia.indent = text + trivia.indent
    elif number:
        tables[number - 1].value.body.extend(tail)
    else:
        whole.body.extend(tail)
