"""The form for one source: what it is, what is looked for in it, and a try before it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import streamlit as st

from ..config import SourceSettings
from ..errors import SettingsError
from ..times import local_zone, zone
from ..weights import DEFAULT_WEIGHTS, locate
from . import labels, uploads
from .drafts import Kind, Login, kind_of, problems, stream_uri, suggested
from .trial import LIMIT, Outcome, Trial
from .wording import plain

KINDS: Mapping[Kind, str] = {
    "camera": ":material/videocam: Camera",
    "stream": ":material/lan: Network stream",
    "path": ":material/movie: File or folder",
    "upload": ":material/upload: Upload",
    "push": ":material/cell_tower: Pushed",
}
GATE = {None: "Decide by itself", True: "Always", False: "Never"}
SENT = "sources.sent"  # how often files were sent: each time the field for them begins anew
SIZES = (None, 320, 384, 448, 512, 640, 768, 896, 1024, 1280)


@dataclass(frozen=True)
class Form:
    """prefix: of its widgets' keys. taken: names of the other sources. folder: the file's.

    written: the settings as the file holds them; none for a new source.
    """

    prefix: str
    folder: Path
    taken: frozenset[str] = frozenset()
    written: Mapping[str, Any] = field(default_factory=dict)

    def key(self, name: str) -> str:
        return f"{self.prefix}.{name}"

    @property
    def is_new(self) -> bool:
        return not self.written


@dataclass
class Filled:
    """What stands in the form. settings: as the file is to hold them. faults: by setting.

    shown: the settings that have a field; the others stay as they are.
    """

    kind: Kind
    settings: dict[str, Any] = field(default_factory=dict)
    shown: set[str] = field(default_factory=lambda: {"name", "uri", "detector"})
    files: list[uploads.Upload] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)


def show(form: Form) -> Filled:
    """Draw the form; what is wrong stands under its field, once somebody wanted to keep it."""
    before = _before(form)
    slots: dict[str, Any] = {}
    filled = Filled(_kind(form))
    _where(form, filled, slots)
    _who_and_when(form, filled, before, slots)
    _what(form, filled, before, slots)
    _more(form, filled, before, slots)
    kept = {key: value for key, value in form.written.items() if key not in filled.shown}
    filled.settings = {**kept, **filled.settings}
    wrong = problems(filled.settings, form.taken)
    filled.faults = {**wrong, **filled.faults}
    if filled.kind == "upload" and not filled.files:
        filled.faults["uri"] = "Choose a file to send"
    if st.session_state.get(form.key("tried")):
        for name, words in filled.faults.items():
            slot = slots.get(name)
            (slot or st).error(plain(f"{words}."), icon=":material/error:")
    return filled


def _before(form: Form) -> SourceSettings:
    """The settings that the fields begin with."""
    if form.is_new:
        return SourceSettings.of({"name": "new", "uri": "0"})
    return SourceSettings.of(form.written)


def _kind(form: Form) -> Kind:
    now = kind_of(form.written["uri"]) if not form.is_new else "stream"
    offered = [kind for kind in KINDS if form.is_new or kind != "upload"]
    chosen = st.segmented_control(
        "Where the pictures come from",
        offered,
        default=now,
        required=True,
        format_func=lambda kind: KINDS[kind],
        key=form.key("kind"),
    )
    return chosen or now


def _where(form: Form, filled: Filled, slots: dict[str, Any]) -> None:
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


def _who_and_when(
    form: Form, filled: Filled, before: SourceSettings, slots: dict[str, Any]
) -> None:
    left, right = st.columns(2)
    several = filled.kind == "upload" and _sources_of(filled.files) > 1
    known = filled.kind != "upload" or filled.files
    guess = suggested(str(filled.settings.get("uri", "")) if known else "", form.taken)
    name = left.text_input(
        "Name",
        value="" if form.is_new else before.name,
        placeholder="each is called like its file" if several else guess or "front door",
        max_chars=200,
        key=form.key("name"),
        disabled=several,
        help="What it is called on every page; it must be the only one of that name.",
    ).strip()
    filled.settings["name"] = guess if several else name or guess or ""
    slots["name"] = left.empty()
    zones = _zones()
    chosen = right.selectbox(
        "Time zone",
        zones if before.timezone in zones else [before.timezone, *zones],
        index=zones.index(before.timezone) if before.timezone in zones else 0,
        key=form.key("timezone"),
        help="Of the place that is filmed: its times are shown in it.",
    )
    _set(filled, "timezone", chosen, None if "timezone" in form.written else local_zone())
    slots["timezone"] = right.empty()
    if filled.kind in ("path", "upload"):
        _start(form, filled, before, several)
        slots["start"] = st.empty()


def _start(form: Form, filled: Filled, before: SourceSettings, several: bool) -> None:
    shown = None
    if before.start is not None:
        moment = datetime.fromtimestamp(before.start // 1000, zone(before.timezone))
        shown = moment.replace(tzinfo=None, second=0)
    chosen = st.datetime_input(
        "Filming began",
        value=shown,
        min_value=datetime(1970, 1, 1),
        max_value=datetime(2200, 12, 31),
        step=timedelta(minutes=1),
        key=form.key("start"),
        disabled=several,
        help="In the time zone above. Left empty, its times count from the moment at which it is "
        "looked at." + (" For several files it is set afterwards." if several else ""),
    )
    chosen = form.written["start"] if chosen == shown and shown is not None else chosen
    _set(filled, "start", None if several else chosen, None)


def _what(form: Form, filled: Filled, before: SourceSettings, slots: dict[str, Any]) -> None:
    left, right = st.columns(2)
    detector = left.segmented_control(
        "What is looked for",
        ["yolo", "motion"],
        default=before.detector,
        required=True,
        format_func={"yolo": "Objects (YOLO11)", "motion": "Whatever moves"}.__getitem__,
        key=form.key("detector"),
        help="Whatever moves needs no weights, and cannot tell a person from a car.",
    )
    if detector == "motion":
        filled.settings["detector"] = "motion"
        filled.shown.add("classes")
        right.caption("All it sees is called `moving`. It needs no weights.")
        return
    known = labels.known_weights()
    offered = list(dict.fromkeys([before.weights, *known]))
    weights = right.selectbox(
        "Weights",
        offered,
        format_func=lambda name: known.get(name, name),
        key=form.key("weights"),
        accept_new_options=True,
        help="The small ones (n) are the fastest, the large ones (x) the most exact. A path is "
        "good, too.",
    )
    weights = str(weights or DEFAULT_WEIGHTS)
    _set(filled, "weights", weights, DEFAULT_WEIGHTS)
    slots["weights"] = right.empty()
    if locate(_from(form.folder, weights)) is None:
        right.caption(f":material/warning: {plain(weights)} is not on this machine yet.")
    options = list(dict.fromkeys([*(before.classes or ()), *labels.labels_of(weights)]))
    classes = st.multiselect(
        "Labels to keep",
        options,
        default=list(before.classes or ()),
        key=form.key("classes"),
        accept_new_options=True,
        placeholder="All",
        select_all=False,
    )
    _set(filled, "classes", list(classes), [])
    slots["classes"] = st.empty()


def _more(form: Form, filled: Filled, before: SourceSettings, slots: dict[str, Any]) -> None:
    with st.expander("Advanced", icon=":material/tune:"):
        left, right = st.columns(2)
        if filled.settings.get("detector") != "motion":
            _detection(form, filled, before, left, right)
        fps = left.number_input(
            "Frames a second at most",
            min_value=0.1,
            max_value=1000.0,
            value=before.fps,
            step=1.0,
            format="%g",
            placeholder="All",
            key=form.key("fps"),
        )
        _set(filled, "fps", fps, None)
        slots["fps"] = left.empty()
        moving = right.toggle(
            "The camera itself moves", value=before.moving_camera, key=form.key("moving_camera")
        )
        _set(filled, "moving_camera", moving, False)
        if not moving and filled.settings.get("detector") != "motion":
            gate = right.selectbox(
                "Leave out pictures in which nothing moves",
                list(GATE),
                index=list(GATE).index(before.motion_gate),
                format_func=GATE.__getitem__,
                key=form.key("motion_gate"),
            )
            _set(filled, "motion_gate", gate, None)
        if filled.kind in ("camera", "stream", "push"):
            _for_live(form, filled, before, left)
        else:
            _for_recordings(form, filled, before, left)
        if others := before.changed_tracker():
            kept = ", ".join(others)
            st.caption(f"The tracker's settings of the file stay as they are: {plain(kept)}.")


def _detection(form: Form, filled: Filled, before: SourceSettings, left: Any, right: Any) -> None:
    speed = left.segmented_control(
        "Speed",
        ["normal", "fast"],
        default=before.speed,
        required=True,
        format_func=str.capitalize,
        key=form.key("speed"),
        help="Fast sees less of what is small.",
    )
    _set(filled, "speed", speed, "normal")
    sizes = SIZES if before.image_size in SIZES else (*SIZES, before.image_size)
    size = right.selectbox(
        "Side of the detector's input",
        sizes,
        index=sizes.index(before.image_size),
        format_func=lambda side: f"{side} pixels" if side else "By speed",
        key=form.key("image_size"),
    )
    _set(filled, "image_size", size, None)
    confidence = left.slider(
        "Least confidence", 0.0, 1.0, before.confidence, 0.05, key=form.key("confidence")
    )
    _set(filled, "confidence", confidence, 0.25)


def _for_live(form: Form, filled: Filled, before: SourceSettings, place: Any) -> None:
    stale = place.number_input(
        "Seconds without a new picture until it counts as frozen",
        min_value=0.0,
        value=before.stale_after,
        step=1.0,
        format="%g",
        key=form.key("stale_after"),
        help="0: never",
    )
    _set(filled, "stale_after", stale, 10.0)


def _for_recordings(form: Form, filled: Filled, before: SourceSettings, place: Any) -> None:
    real = place.toggle("Play at its own pace", value=before.realtime, key=form.key("realtime"))
    _set(filled, "realtime", real, False)
    loop = place.toggle("Begin again at its end", value=before.loop, key=form.key("loop"))
    _set(filled, "loop", loop, False)


def _set(filled: Filled, setting: str, value: Any, usual: Any) -> None:
    filled.shown.add(setting)
    if value is not None and value != usual:
        filled.settings[setting] = value


def try_it(form: Form, filled: Filled) -> None:
    """Begin to look whether these settings give pictures."""
    stop_trying(form)
    st.session_state[form.key("trial")] = Trial(filled.settings, form.folder)
    st.session_state[form.key("of")] = filled.settings["uri"]


def stop_trying(form: Form) -> None:
    trial = st.session_state.pop(form.key("trial"), None)
    st.session_state.pop(form.key("outcome"), None)
    if trial is not None and trial.running:
        trial.stop()


def show_trial(form: Form, filled: Filled) -> None:
    """The picture that came, or why none did; nothing once the place is another one."""
    trial: Trial | None = st.session_state.get(form.key("trial"))
    if trial is None:
        return
    if st.session_state.get(form.key("of")) != filled.settings.get("uri"):
        stop_trying(form)
    elif trial.running:
        _waiting(form.key("trial"))
    else:
        _came(st.session_state.setdefault(form.key("outcome"), trial.outcome()))


@st.fragment(run_every=0.5)
def _waiting(key: str) -> None:
    trial: Trial | None = st.session_state.get(key)
    if trial is None or not trial.running:
        st.rerun()
    done = min(1.0, trial.seconds / LIMIT)
    st.progress(done, f"Waiting for the first picture ({trial.seconds:.0f} of {LIMIT:.0f} s) …")


def _came(outcome: Outcome) -> None:
    if outcome.error is not None:
        st.error(plain(f"No picture: {outcome.error}."), icon=":material/no_photography:")
        return
    rate = "" if outcome.rate is None else f", {outcome.rate:.3g} frames a second"
    st.success(
        f"It works: {outcome.width}×{outcome.height} pixels{rate}; the first picture came after "
        f"{outcome.delay:.1f} s.",
        icon=":material/check_circle:",
    )
    st.image(outcome.picture, width=480, alt="The first picture of the source")


def _sources_of(files: list[uploads.Upload]) -> int:
    """How many sources these become: each video one, the pictures together one."""
    pictures = [file for file in files if uploads.is_picture(file.name)]
    return len(files) - len(pictures) + bool(pictures)


def _from(folder: Path, weights: str) -> Path | str:
    return folder / weights if "/" in weights else weights


@st.cache_data(show_spinner=False)
def _zones() -> list[str]:
    usual = re.compile("(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian"
                       "|Pacific)/")  # fmt: skip
    return ["UTC", *sorted(filter(usual.match, available_timezones()))]


def _megabytes(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
