"""The dashboard as people use it: the real app in a process of its own, in a real browser."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urlsplit
from urllib.request import urlopen

import psutil
import pytest
from google.protobuf.message import DecodeError
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).resolve().parent.parent
Scheme = Literal["light", "dark"]

MAIN = "[data-testid=stMain]"  # a page without the menu
SCROLLS = f"{MAIN}, [data-testid=stAppScrollToBottomContainer], html"  # a page with a chat, too
DESK, PHONE = (1280, 800), (390, 844)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
PATIENCE = 60.0  # seconds that a page, or the app, may take on a busy machine
WITHIN = 15.0  # seconds in which everything has ended after the app was told to
TALLEST = 6000  # pixels of a screenshot
LONGEST_END = 200  # bytes of a message that says that a script has ended
SOUGHT = re.compile(r"/\w+/_stcore/(health|host-config)\b")
"""Where Streamlit looks for its server first when it is opened at a page's own address."""


class App:
    """`streamlit run app.py` in a folder of its own, with nothing of the developer's around it.

    folder: gets copies of what the app is made of, and is where it is started; with no `database`
    and no `config` given it is an empty folder to the app, as it is to a newcomer.
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder, self.log = folder, folder / "app.log"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {**_clean_environment(), "PYTHONPATH": str(ROOT), **environment}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def database(self) -> Path:
        return Path(self._environment.get("TRACKING_DB", self.folder / "people.db"))

    @property
    def family(self) -> list[psutil.Process]:
        """The app's process and everything it has started that still runs."""
        assert self._process is not None
        try:
            process = psutil.Process(self._process.pid)
            return [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def said(self, last: int = 4000) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-last:] if self.log.exists() else ""

    def __enter__(self) -> App:
        place(self.folder)
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        options = {"server.port": self.port, "server.headless": "true"}
        options["server.fileWatcherType"] = "none"  # what is edited meanwhile is another test's
        given = [f"--{name}={value}" for name, value in options.items()]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *given],
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait()
        except BaseException:
            self._end_all(self.family)
            raise
        return self

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            assert self._process is not None and self._process.poll() is None, self.said()
            with suppress(OSError), urlopen(f"{self.url}/_stcore/health", timeout=5) as answer:
                if answer.read() == b"ok":
                    return
            assert time.monotonic() < deadline, f"no answer at {self.url}:\n{self.said()}"
            time.sleep(0.1)

    def stop(self) -> None:
        """End it as a service manager does; everything it started must end with it."""
        family = self.family
        if not family:
            pytest.fail(f"the app had ended by itself:\n{self.said()}")
        family[0].terminate()
        _, left = psutil.wait_procs(family, WITHIN)
        shown = [f"{process.pid} {' '.join(_command(process))}" for process in left]
        self._end_all(left)
        assert not left, f"still running {WITHIN} s after SIGTERM: {shown}\n{self.said()}"

    def __exit__(
        self, kind: type[BaseException] | None, _: object, __: TracebackType | None
    ) -> None:
        if kind is None:
            if self._process is not None and self._process.poll() is None:
                self.stop()
            assert "Traceback" not in (said := self.said(1_000_000)), said[-4000:]
        else:
            self._end_all(self.family)
            print(self.said())

    def _end_all(self, processes: Iterable[psutil.Process]) -> None:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if self._process is not None:
            self._process.wait(WITHIN)


def place(folder: Path) -> None:
    """Put what the app is made of into a folder; the library itself stays where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "app.py", folder)
    for part in ("pages", ".streamlit"):
        shutil.copytree(ROOT / part, folder / part, dirs_exist_ok=True)


def _clean_environment() -> dict[str, str]:
    """Without settings of the developer's own; real weights, where the tests have them."""
    theirs = ("TRACKING_", "STREAMLIT_")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(theirs)}
    shared = Path(os.environ.get("TRACKING_SHARED", ROOT.parent / "shared")).absolute()
    if (models := shared / "models").is_dir():
        kept["TRACKING_MODELS"] = str(models)
    return kept


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return ["(gone)"]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def an_app(folder: Path, **environment: str) -> Generator[App, None, None]:
    """The app while a block runs; it must end cleanly, with nothing left over."""
    with App(folder, **environment) as app:
        yield app


def pages() -> dict[str, str]:
    """The address of each page, by name; Streamlit has the first only at the root."""
    order = re.findall(r'^ +"(\w+)": \(', (ROOT / "app.py").read_text(), re.MULTILINE)
    names = [name for name in order if (ROOT / "pages" / f"{name}.py").exists()]
    return {name: f"/{name}" if number else "/" for number, name in enumerate(names)}


@contextmanager
def a_chromium() -> Generator[Any, None, None]:
    """Debian's Chromium, with a camera that is none; skips where there is no Chromium."""
    reason = "Playwright is needed: pip install playwright"
    playwright = pytest.importorskip("playwright.sync_api", reason=reason)
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("Chromium is needed: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=found,
            args=["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
        )
        yield browser
        browser.close()


class Visit:
    """A person's browser, with nothing in it that another's has left; what goes wrong is noted.

    Requests to any other machine than the app's are noted, and not let through.
    """

    def __init__(self, browser: Any, app: App, scheme: Scheme, size: tuple[int, int]) -> None:
        self.app = app
        self.problems: list[str] = []
        self._runs = 0
        self._host = urlsplit(app.url).netloc
        self._context = browser.new_context(
            color_scheme=scheme,
            viewport={"width": size[0], "height": size[1]},
            has_touch=size[0] < 600,
            locale="en-GB",
            timezone_id="America/New_York",  # nobody's zone in any world: it must not matter
        )
        self._context.set_default_timeout(PATIENCE * 1000)
        self._context.route(self._is_foreign, self._refuse)
        self._context.on("request", self._asked)
        self._context.on("response", self._answered)
        self._context.on("requestfailed", self._failed)
        self._context.on("console", self._logged)
        self._context.on("weberror", self._broke)
        self._context.on("dialog", self._dialog)
        self._context.on("page", self._opened)
        self.page = self._context.new_page()

    def open(self, path: str = "/") -> Any:
        """Go to a page of the app and wait until it is drawn; the page."""
        self.page.goto(self.app.url + path)
        drawn(self.page)
        return self.page

    @contextmanager
    def rerun(self) -> Generator[None, None, None]:
        """A block that makes the page's script run; at its end that has been run to its end.

        A browser shows a choice at once, also while the server has not heard of it.
        """
        drawn(self.page)
        before, deadline = self._runs, time.monotonic() + PATIENCE
        yield
        while self._runs == before:
            assert time.monotonic() < deadline, "the page was not run again"
            self.page.wait_for_timeout(20)  # lets messages in
        drawn(self.page)

    def forgive(self, pattern: str) -> None:
        """What has gone wrong until now in this way was meant to."""
        self.problems = [text for text in self.problems if not re.search(pattern, text)]

    def close(self) -> None:
        """Leave, as by closing the window."""
        for page in self._context.pages:
            if page.evaluate("window.__pwned"):
                self._note("hostile text was run as a program")
        self._context.close()

    def _is_foreign(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self._host

    def _refuse(self, route: Any) -> None:
        route.abort()

    def _note(self, problem: str) -> None:
        if not SOUGHT.search(problem):
            self.problems.append(problem)

    def _asked(self, request: Any) -> None:
        if self._is_foreign(request.url):
            self._note(f"asks another machine: {request.url}")

    def _opened(self, page: Any) -> None:
        page.on("websocket", self._asked)
        page.on("websocket", lambda socket: socket.on("framereceived", self._received))

    def _received(self, content: str | bytes) -> None:
        """Count the runs of a whole page among all that its server says."""
        if isinstance(content, bytes) and len(content) < LONGEST_END:
            with suppress(DecodeError):  # other sockets speak of other things
                told = ForwardMsg.FromString(content)
                if told.WhichOneof("type") == "script_finished":
                    self._runs += told.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY

    def _broke(self, error: Any) -> None:
        self._note(f"page error: {error.error.stack or error.error}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self._note(f"{response.status}: {response.url}")

    def _failed(self, request: Any) -> None:
        # what is under way when a page is left is given up, which is no fault
        if request.failure != "net::ERR_ABORTED" and not self._is_foreign(request.url):
            self._note(f"{request.failure}: {request.url}")

    def _logged(self, message: Any) -> None:
        if message.type == "error":
            self._note(f"console: {message.text} ({message.location.get('url', '')})")

    def _dialog(self, dialog: Any) -> None:
        self._note(f"a dialog opened: {dialog.message}")
        dialog.dismiss()


Browse = Callable[..., Visit]
"""browse(app, scheme="light", size=DESK): a person's browser, not yet at any page."""


@contextmanager
def browsers(chromium: Any) -> Generator[Browse, None, None]:
    """Browsers of one's own; at the end nothing may have gone wrong in any."""
    visits: list[Visit] = []

    def begin(app: App, scheme: Scheme = "light", size: tuple[int, int] = DESK) -> Visit:
        visits.append(Visit(chromium, app, scheme, size))
        return visits[-1]

    try:
        yield begin
    finally:
        for visit in visits:
            visit.close()
        for app in {visit.app for visit in visits}:
            print(app.said())  # pytest shows it where a test has failed
    problems = [problem for visit in visits for problem in visit.problems]
    assert not problems, "\n".join(dict.fromkeys(problems))


def drawn(page: Any) -> None:
    """Wait until Streamlit has run the page's script and everything in it is there."""
    page.wait_for_selector(
        '[data-testid="stApp"][data-test-connection-state="CONNECTED"]'
        '[data-test-script-state="notRunning"]'
    )
    page.wait_for_function(
        "() => document.fonts.status === 'loaded' &&"
        " !document.querySelector("
        "'[data-testid=stSkeleton], [data-testid=stAppSkeleton], [data-later]')"
    )


def shot(page: Any, name: str) -> Path:
    """Keep a picture of the whole page where a person can look at it; its path is printed.

    The folder is TRACKING_SCREENSHOTS, or tests/screenshots.
    """
    folder = Path(os.environ.get("TRACKING_SCREENSHOTS") or ROOT / "tests" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    before = page.viewport_size
    tall = page.evaluate(
        "parts => Math.max(...[...document.querySelectorAll(parts)]"
        ".map(part => part.scrollHeight))",
        SCROLLS,
    )
    page.set_viewport_size({**before, "height": min(max(tall, before["height"]), TALLEST)})
    page.wait_for_timeout(300)  # charts follow the new size
    page.screenshot(path=path)
    page.set_viewport_size(before)
    print(f"screenshot: {path}")
    return path


def text_of(page: Any, part: str = "body") -> str:
    """All text in a part of the page, also inside components, with white space as one blank.

    Without icons, whose names are text to a browser.
    """
    text: str = page.evaluate(
        """part => {
            const texts = node => node.nodeType === Node.TEXT_NODE ? node.data :
                ['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(node.tagName) ||
                node.dataset?.testid === 'stIconMaterial' ? ' ' :
                [...node.childNodes, ...(node.shadowRoot ? [node.shadowRoot] : [])]
                    .map(texts).join(node.shadowRoot ? ' ' : '');
            return texts(document.querySelector(part));
        }""",
        part,
    )
    return " ".join(text.split())


def two_pictures(page: Any, seconds: float = PATIENCE) -> None:
    """Wait until the first canvas of the page has shown two different pictures, neither empty."""
    page.wait_for_selector("canvas", timeout=seconds * 1000)
    seen: set[str] = set()
    deadline = time.monotonic() + seconds
    while len(seen) < 2:
        assert time.monotonic() < deadline, "no moving picture"
        if drawing := picture_of(page):
            seen.add(drawing)
        page.wait_for_timeout(100)


def picture_of(page: Any) -> str | None:
    """What the page's first canvas shows, as a data: URL; None where nothing is drawn yet."""
    shown: str | None = page.locator("canvas").first.evaluate(
        """canvas => {
            if (!canvas.width || !canvas.height) return null;
            const context = canvas.getContext('2d');
            const bytes = context.getImageData(0, 0, canvas.width, canvas.height).data;
            return bytes.some((byte, at) => at % 4 < 3 && byte) ? canvas.toDataURL() : null;
        }"""
    )
    return shown


def overflow(page: Any) -> int:
    """How many pixels the page is wider than its window; a person would have to scroll sideways."""
    wider: int = page.evaluate(
        "parts => Math.max(...[...document.querySelectorAll(parts)]"
        ".map(part => part.scrollWidth - part.clientWidth))",
        SCROLLS,
    )
    return wider
