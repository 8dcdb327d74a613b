"""The fields that say where a source's pictures come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from ...errors import SettingsError
from ..wording import plain
from . import uploads
from .drafts import Kind, Login, kind_of, stream_uri
from .forms import Filled, Form

SENT = "sources.sent"  # how often files were sent: each time the field for them begins anew


def show_where(form: Form, filled: Filled, slots: dict[str, Any]) -> None:
    """The fields for the place itself. slots: where faults are told, by setting."""
    match filled.kind:
        case "camera":
            filled.settings["uri"] = _camera(form)
        case "stream":
            _stream(form, filled, slots)
        case "path":
            filled.settings["uri"] = _path(form)
        case "upload":
            _upload(form, filled)
        case "push":
            filled.settings["uri"] = _push(form)
    slots.setdefault("uri", st.empty())


def _written_uri(form: Form, kind: Kind) -> str:
    uri = str(form.written.get("uri", ""))
    return uri if uri and kind_of(uri) == kind else ""


def _camera(form: Form) -> str:
    here = [int(path.name[5:]) for path in Path("/dev").glob("video*") if path.name[5:].isdigit()]
    known = f"Found here: {', '.join(map(str, sorted(here)))}" if here else "None was found here"
    number = st.number_input(
        "Camera's number",
        min_value=0,
        max_value=999_999_999,
        value=int(_written_uri(form, "camera") or 0),
        step=1,
        key=form.key("camera"),
        help="Cameras at the machine that runs Sightline, not at the one with this browser. "
        f"0 is the first one. {known}.",
    )
    return str(int(number or 0))


def _stream(form: Form, filled: Filled, slots: dict[str, Any]) -> None:
    before = _written_uri(form, "stream")
    login = Login.of(before)
    address = st.text_input(
        "Address",
        value=login.address,
        placeholder="rtsp://192.0.2.10:554/main",
        key=form.key("address"),
        help="An rtsp:// or http:// address, as the camera's manual names it. `***` hides what may "
        "be a secret; leave it as it is, or write the whole address anew.",
    )
    slots["uri"] = st.empty()
    left, right = st.columns(2)
    user = left.text_input(
        "User", value=login.user, key=form.key("user"), placeholder="none", autocomplete="off"
    )
    kept = "unchanged" if login.password else "none"
    password = right.text_input(
        "Password",
        type="password",
        key=form.key("password"),
        placeholder=f"unchanged: {login.variable}" if login.variable else kept,
        autocomplete="new-password",
    )
    st.caption(
        "A password is kept in sources.toml as plain text, and is shown nowhere. "
        r"To keep it out of the file, write `${CAMERA_PASSWORD}`: the runner then takes it from "
        "the environment variable of that name."
    )
    try:
        filled.settings["uri"] = stream_uri(address, user.strip(), password, before)
    except SettingsError as error:
        filled.settings["uri"] = address
        filled.faults["uri"] = f"The address: {error}"


def _path(form: Form) -> str:
    return st.text_input(
        "Path on this machine",
        value=_written_uri(form, "path"),
        placeholder="recordings/entrance.mp4",
        key=form.key("path"),
        help="A video file, or a folder of pictures, at the machine that runs Sightline. What does "
        "not begin with / counts from the folder of sources.toml.",
    ).strip()


def _push(form: Form) -> str:
    name = st.text_input(
        "Pushed as",
        value=_written_uri(form, "push").removeprefix("push:"),
        placeholder="phone",
        key=form.key("push"),
        help="Pictures that another program, or a browser's webcam, gives the runner under this "
        "name.",
    ).strip()
    return f"push:{name}" if name else ""


def _upload(form: Form, filled: Filled) -> None:
    sent = st.file_uploader(
        "Videos, or the pictures of one source",
        accept_multiple_files=True,
        key=form.key(f"files{st.session_state.get(SENT, 0)}"),
        help="What a file is, is told by its content. Pictures become one source, in the order of "
        "their names.",
    )
    folder = form.folder / uploads.FOLDER
    free = uploads.free_bytes(folder)
    st.caption(
        f"They are kept in {plain(str(folder))}, where there is room for {_megabytes(free)}."
    )
    filled.files = list(sent)
    if sum(file.size for file in filled.files) > free:
        filled.faults["uri"] = "There is not enough room on the disk for these files"
    first = uploads.safe_name(filled.files[0].name) if filled.files else "recording"
    filled.settings["uri"] = f"{uploads.FOLDER}/{first}"


def _megabytes(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
