"""The page for a person who opens the service's port: every source, how it is, and its picture.

It is one file without anything from elsewhere, and whatever it shows is escaped.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from .pictures import LivePicture

STILL = 480  # pixels wide
STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #59626f; --good: #007a59;
  --bad: #b54a00 }
@media (prefers-color-scheme: dark) { :root { --quiet: #a3abb8; --good: #3cc49a; --bad: #ff8f4d } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 75rem;
  padding: 0 1rem }
h1 { font-size: 1.3rem } h2 { font-size: 1rem; margin: 0 0 .2rem; overflow-wrap: anywhere }
main { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)) }
article { border: 1px solid var(--line); border-radius: .5rem; overflow: hidden }
article > div:last-child { padding: .7rem .9rem }
.picture { aspect-ratio: 16 / 9; background: #8882; display: grid; place-items: center;
  position: relative }
.picture img { position: absolute; width: 100%; height: 100%; object-fit: contain }
.picture, p, footer { color: var(--quiet) } p { margin: .2rem 0; overflow-wrap: anywhere }
b { color: var(--quiet) } .good { color: var(--good) } .bad { color: var(--bad) }
footer { margin-top: 1.5rem; font-size: .9rem; overflow-wrap: anywhere }
"""
# brings the page up to date without a flicker; pictures are fetched only where there is a new one
SCRIPT = """
setInterval(async () => {
  if (document.hidden) return
  const text = await fetch(location.href).then(answer => answer.text()).catch(() => null)
  if (text === null) return document.querySelector("h1 b").replaceChildren("no answer")
  const now = document.querySelectorAll("[data-live]")
  const next = new DOMParser().parseFromString(text, "text/html").querySelectorAll("[data-live]")
  if (now.length != next.length) return location.reload()
  now.forEach((old, at) => {
    if (old.tagName != "IMG" || next[at].tagName != "IMG") old.replaceWith(next[at])
    else if (old.src != next[at].src) old.src = next[at].src
  })
}, 2000)
"""
_HASH = b64encode(sha256(SCRIPT.encode()).digest()).decode()
POLICY = (
    "default-src 'none'; img-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; "
    f"script-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
)
KINDS = {"ok": "good", **dict.fromkeys(("degraded", "stale", "down", "failed"), "bad")}


def address(name: str, ending: str, **query: object) -> str:
    """A source's path in the service, relative to its root: ``streams/NAME.jpg``.

    ending: ``jpg`` or ``mjpg``. Every character that could mean something in an address is encoded.
    """
    path = f"streams/{quote(name, safe='')}.{ending}"
    return f"{path}?{urlencode(query)}" if query else path


def page(health: Mapping[str, Any], picture: Callable[[str], LivePicture | None]) -> str:
    """The whole page. health: as the view gives it; picture: of a source, by its name."""
    sources = health.get("sources", {})
    cards = [_card(name, state, picture(name)) for name, state in sources.items()]
    known = ("version", "started_at", "pid", "database")
    facts = [f"{key.replace('_', ' ')} {health[key]}" for key in known if health.get(key)]
    trouble = [*health.get("problems", ()), health.get("database_trouble") or ""]
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sightline</title><style>{STYLE}</style>
<h1>Sightline {_state(health.get("status"))}</h1>
<p class="bad" data-live>{escape("; ".join(filter(None, trouble)))}</p>
<main>{"".join(cards) or "No sources."}</main>
<footer><span data-live>{escape(", ".join(facts))}</span><br>
<a href="healthz">healthz</a>, <a href="metrics">metrics</a></footer>
<script>{SCRIPT}</script>
"""


def _card(name: str, state: Mapping[str, Any], picture: LivePicture | None) -> str:
    live, still = escape(address(name, "mjpg")), escape(address(name, "jpg"))
    links = f'<a href="{live}">live</a>, <a href="{still}">still</a>' if picture else ""
    return f"""
<article><div class="picture">{_still(name, picture)}</div><div>
<h2>{escape(name)} {_state(state.get("state"))}</h2>
<p data-live>{escape(", ".join(_figures(state)))}</p>
<p data-live>{escape(str(state.get("last_error") or ""))}</p>
<p data-live>{links}</p></div></article>
"""


def _still(name: str, picture: LivePicture | None) -> str:
    if picture is None or not picture.frames:
        return f"<span data-live>no picture{' yet' if picture else ''}</span>"
    where = address(name, "jpg", width=STILL, frame=picture.frames)
    return f'<img data-live alt="{escape(name)}" src="{escape(where)}">'


def _state(state: object) -> str:
    word = str(state or "unknown")
    return f'<b data-live class="{KINDS.get(word, "")}">{escape(word)}</b>'


def _figures(state: Mapping[str, Any]) -> list[str]:
    """What a source's numbers say, as far as they are known."""
    said = {
        "fps": "{:.1f} frames/s",
        "delay_ms": "{:.0f} ms behind",
        "frames": "{:,} frames",
        "dropped": "{:,} dropped",
    }
    known = ((text, state.get(key)) for key, text in said.items())
    return [text.format(value) for text, value in known if isinstance(value, int | float)]
