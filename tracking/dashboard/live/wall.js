// The live wall. One WebSocket brings the pictures of all tiles; what it speaks is told in
// viewing.py. Text that comes from the server is put in as text, never as markup.

const WALLS = new WeakMap()
const SHOWS = [
  ["boxes", "Boxes", true],
  ["labels", "Identities", true],
  ["trails", "Trails", true],
  ["heat", "Heat", false],
]
const SMALL_FPS = 6 // of the others while one is large
const FEW = 4 // tiles that all come at a good rate
const FEW_FPS = 15
const MANY_FPS = 8
const TRIES = 3 // that may fail before still pictures are asked for
const MORE_TRIES = 6 // once it has worked: a server may be away for a while
const PAUSES = [500, 1000, 2000, 5000, 10000] // ms between two tries
const TOLD_EVERY = 200 // ms between two reports of what has arrived
const EXPIRED = 4401
const STATES = {
  ok: ["good", "live"],
  starting: ["odd", "opening"],
  stale: ["odd", "picture stands still"],
  down: ["bad", "down"],
  failed: ["bad", "failed"],
  finished: ["", "ended"],
  stopped: ["", "paused"],
}
const PHASES = {
  preparing: "The demo clip is being made.",
  starting: "The runner is starting.",
  ended: "The runner has ended and will be started again.",
  stopped: "The runner is stopped.",
  study: "This is a recorded study: there is nothing live in it.",
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  let wall = WALLS.get(parentElement)
  if (!wall) {
    wall = new Wall(parentElement.querySelector(".wall"))
    WALLS.set(parentElement, wall)
  }
  wall.tell = setStateValue
  wall.ask = setTriggerValue
  wall.take(data)
  return () => {
    wall.close()
    WALLS.delete(parentElement)
  }
}

function make(kind, className, text) {
  const made = document.createElement(kind)
  if (className) made.className = className
  if (text) made.textContent = text
  if (kind === "button") made.type = "button"
  return made
}

function remembered() {
  try {
    return JSON.parse(localStorage.getItem("sightline-wall")) ?? {}
  } catch {
    return {}
  }
}

class Wall {
  constructor(root) {
    this.root = root
    this.tiles = new Map()
    this.numbers = new Map()
    this.nextNumber = 0
    this.data = { zones: {}, heat: {} }
    this.look = Object.fromEntries(SHOWS.map(([name, , on]) => [name, on]))
    for (const [name, on] of Object.entries(remembered()))
      if (name in this.look && name !== "heat") this.look[name] = on === true
    this.large = null
    this.frozen = null
    this.socket = null
    this.failures = 0
    this.blocked = false
    this.got = this.reported = 0
    this.states = null
    this.closed = false
    this.build()
    this.resized = new ResizeObserver(() => this.wishSoon())
    this.resized.observe(root)
    this.inView = new IntersectionObserver((entries) => {
      for (const each of entries) each.target.tile.inView = each.isIntersecting
      this.wishSoon()
    }, { rootMargin: "150px" })
    this.onVisibility = () => this.wishSoon()
    document.addEventListener("visibilitychange", this.onVisibility)
    this.clock = setInterval(() => this.tick(), 1000)
  }

  build() {
    this.bar = make("div", "bar")
    this.bar.setAttribute("role", "toolbar")
    this.bar.setAttribute("aria-label", "What the live pictures show")
    for (const [name, title] of SHOWS) {
      const button = this.toggle(title, this.look[name], (on) => this.show(name, on))
      this.bar.append(button)
    }
    this.bar.append(make("span", "rule"))
    this.freezing = this.toggle("Freeze", false, (on) => this.freeze(on))
    this.bar.append(this.freezing)
    if (document.fullscreenEnabled) {
      const full = make("button", "full", "Full screen")
      full.onclick = () => {
        if (this.root.getRootNode().fullscreenElement) document.exitFullscreen()
        else this.root.requestFullscreen().catch(() => {})
      }
      this.bar.append(full)
    }
    this.said = make("span", "said")
    this.said.setAttribute("role", "status")
    this.bar.append(this.said)
    this.grid = make("div", "grid")
    this.empty = make("div", "empty")
    this.empty.hidden = true
    this.root.replaceChildren(this.bar, this.grid, this.empty)
    this.root.onkeydown = (event) => {
      if (event.key === "Escape" && this.large !== null) this.enlarge(null)
    }
  }

  toggle(title, on, act) {
    const button = make("button", "", title)
    button.setAttribute("aria-pressed", String(on))
    button.onclick = () => {
      const now = button.getAttribute("aria-pressed") !== "true"
      button.setAttribute("aria-pressed", String(now))
      act(now)
    }
    return button
  }

  // ---- what the page and the viewer want

  take(data) {
    const first = this.token === undefined
    this.data = { zones: {}, heat: {}, ...data }
    this.token = data.token
    for (const name of data.names ?? []) if (!this.states) this.tile(name)
    for (const tile of this.tiles.values()) tile.warm(this.data.heat[tile.name])
    this.arrange()
    if (first) this.open()
  }

  show(name, on) {
    this.look[name] = on
    if (name === "heat") {
      this.tell("heat", on)
      for (const tile of this.tiles.values()) tile.repaint()
      return
    }
    try {
      localStorage.setItem("sightline-wall", JSON.stringify(this.look))
    } catch {
      // it is asked anew next time
    }
    this.wish()
  }

  async freeze(on) {
    this.frozen = on ? new Date() : null
    this.wish()
    this.tick()
    // the small ones came small: a picture that is looked at for long is fetched whole
    if (on) await Promise.all([...this.tiles.values()].map((tile) => tile.sharpen()))
  }

  enlarge(name) {
    this.large = this.large === name ? null : name
    this.arrange()
    this.tiles.get(name ?? "")?.element.scrollIntoView({ block: "nearest" })
  }

  tile(name) {
    let tile = this.tiles.get(name)
    if (!tile) {
      if (!this.numbers.has(name)) this.numbers.set(name, this.nextNumber++)
      tile = new Tile(this, name, this.numbers.get(name))
      this.tiles.set(name, tile)
      this.grid.append(tile.element)
      this.inView.observe(tile.element)
    }
    return tile
  }

  arrange() {
    if (this.large !== null && !this.tiles.has(this.large)) this.large = null
    const count = this.tiles.size
    this.root.classList.toggle("focused", this.large !== null && count > 1)
    this.root.classList.toggle("four", count > 2 && count <= FEW)
    this.root.classList.toggle("many", count > FEW)
    this.root.classList.toggle("single", count === 1)
    for (const tile of this.tiles.values()) tile.enlarged(tile.name === this.large && count > 1)
    this.wishSoon()
  }

  wishSoon() {
    clearTimeout(this.soon)
    this.soon = setTimeout(() => this.wish(), 150)
  }

  wish() {
    if (this.closed || this.socket?.readyState !== WebSocket.OPEN) return
    const feeds = {}
    if (!document.hidden && !this.frozen)
      for (const tile of this.tiles.values())
        if (tile.inView) feeds[tile.number] = tile.wish(this.rate(tile))
    const text = JSON.stringify({ feeds })
    if (text !== this.wished) this.socket.send((this.wished = text))
  }

  rate(tile) {
    const count = this.tiles.size
    if (count === 1 || tile.name === this.large) return null
    if (this.large !== null) return SMALL_FPS
    return count <= FEW ? FEW_FPS : MANY_FPS
  }

  // ---- the connection

  open() {
    if (this.closed) return
    const url = new URL("live", document.baseURI)
    url.protocol = url.protocol.replace("http", "ws")
    url.searchParams.set("token", this.token)
    const socket = (this.socket = new WebSocket(url))
    socket.binaryType = "arraybuffer"
    this.wished = null
    this.got = this.reported = 0
    socket.onopen = () => {
      this.opened = true
      this.wish()
    }
    socket.onmessage = ({ data }) => {
      if (socket !== this.socket) return
      if (typeof data === "string") this.news(JSON.parse(data))
      else this.picture(data)
    }
    socket.onclose = ({ code }) => {
      if (socket !== this.socket || this.closed) return
      this.socket = null
      if (code === EXPIRED) this.ask("refused", Date.now())
      this.failures += 1
      if (this.failures >= (this.reached ? MORE_TRIES : TRIES)) this.block(true)
      const pause = PAUSES[Math.min(this.failures, PAUSES.length) - 1]
      this.retry = setTimeout(() => this.open(), pause * (0.75 + Math.random() / 2))
      this.tick()
    }
  }

  block(on) {
    if (this.blocked === on) return
    this.blocked = on
    this.tell("blocked", on)
  }

  news(message) {
    this.reached = true
    this.failures = 0
    this.block(false)
    this.token = message.token
    this.states = message
    if (message.reached) {
      const names = Object.keys(message.sources)
      for (const name of names) this.tile(name)
      for (const [name, tile] of this.tiles)
        if (!(name in message.sources)) {
          this.inView.unobserve(tile.element)
          tile.element.remove()
          this.tiles.delete(name)
        }
      if (names.join() !== this.known) {
        this.known = names.join()
        for (const tile of this.tiles.values()) tile.warm(this.data.heat[tile.name])
        this.arrange()
      }
    }
    this.tick()
  }

  picture(buffer) {
    this.got += 1
    this.reporting ??= setTimeout(() => {
      this.reporting = null
      if (this.socket?.readyState === WebSocket.OPEN)
        this.socket.send(JSON.stringify({ seen: this.got }))
    }, TOLD_EVERY)
    if (document.hidden || this.frozen) return
    const view = new DataView(buffer)
    const length = view.getUint8(2)
    const taken = new TextDecoder().decode(new Uint8Array(buffer, 3, length))
    for (const tile of this.tiles.values())
      if (tile.number === view.getUint16(0))
        tile.take(new Blob([new Uint8Array(buffer, 3 + length)], { type: "image/jpeg" }), taken)
  }

  // ---- what is said

  tick() {
    if (this.closed) return
    for (const tile of this.tiles.values()) tile.say(this.states)
    this.root.hidden = this.blocked
    const none = this.states?.reached && this.tiles.size === 0
    this.empty.hidden = !none && this.tiles.size > 0
    this.empty.textContent = none
      ? "No source is set up yet. Add a camera, a stream, a folder or a video on the page Sources."
      : this.status()
    this.said.textContent = this.status()
  }

  status() {
    if (this.frozen) return `Frozen at ${this.time(this.frozen)}`
    if (this.socket?.readyState !== WebSocket.OPEN)
      return this.reached ? "Connection lost; trying again" : "Connecting"
    if (!this.states) return "Connecting"
    if (this.states.reached) return ""
    const phase = PHASES[this.states.phase] ?? "The runner does not answer; trying again."
    return this.states.problem ? `${phase} ${this.states.problem}` : phase
  }

  time(moment) {
    const zones = new Set(Object.values(this.data.zones))
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone
    return clock(moment, zones.size === 1 ? [...zones][0] : own)
  }

  close() {
    this.closed = true
    clearInterval(this.clock)
    for (const timer of [this.soon, this.retry, this.reporting]) clearTimeout(timer)
    document.removeEventListener("visibilitychange", this.onVisibility)
    this.resized.disconnect()
    this.inView.disconnect()
    this.socket?.close()
    this.socket = null
  }
}

function clock(moment, zone) {
  const form = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }
  try {
    return `${new Intl.DateTimeFormat("en-GB", { ...form, timeZone: zone }).format(moment)} ${zone}`
  } catch {
    return `${new Intl.DateTimeFormat("en-GB", { ...form, timeZone: "UTC" }).format(moment)} UTC`
  }
}

class Tile {
  constructor(wall, name, number) {
    this.wall = wall
    this.name = name
    this.number = number
    this.inView = true
    this.taken = null
    this.bitmap = null
    this.heat = null
    this.drawn = []
    this.build()
  }

  build() {
    this.element = make("figure", "tile")
    this.element.tile = this
    this.button = make("button", "picture")
    this.button.onclick = () => this.wall.enlarge(this.name)
    this.canvas = make("canvas")
    this.canvas.width = 16
    this.canvas.height = 9
    this.why = make("span", "why")
    this.button.append(this.canvas, this.why)
    const caption = make("figcaption")
    this.state = make("span", "state")
    this.stateText = make("span")
    this.state.append(make("span", "dot"), this.stateText)
    this.numbers = make("span", "numbers")
    this.snapshot = make("button", "snapshot")
    this.snapshot.title = "Save this picture"
    this.snapshot.setAttribute("aria-label", `Save the picture of ${this.name}`)
    this.snapshot.append(camera())
    this.snapshot.onclick = () => this.save()
    const name = make("span", "name", this.name)
    name.title = this.name
    caption.append(name, this.state, this.numbers, this.snapshot)
    this.element.append(this.button, caption)
    this.enlarged(false)
  }

  enlarged(on) {
    this.element.classList.toggle("large", on)
    this.button.setAttribute("aria-pressed", String(on))
    this.button.setAttribute("aria-label", `${this.name}: ${on ? "show all alike" : "show large"}`)
    this.button.title = on ? "Show all alike" : "Show large"
  }

  wish(fps) {
    const width = Math.ceil(this.canvas.clientWidth * (window.devicePixelRatio || 1))
    const { boxes, labels, trails } = this.wall.look
    return { source: this.name, boxes, labels, trails, fps, width: width || 320 }
  }

  // the newest picture is drawn; what comes while one is being decoded waits, and only the last does
  async take(blob, taken) {
    if (this.decoding) {
      this.waiting = [blob, taken]
      return
    }
    this.decoding = true
    try {
      const bitmap = await createImageBitmap(blob)
      if (this.wall.closed || this.wall.frozen) bitmap.close()
      else this.paint(bitmap, taken)
    } catch {
      // a picture that is cut short: the next one comes
    }
    this.decoding = false
    const next = this.waiting
    this.waiting = null
    if (next) this.take(...next)
  }

  paint(bitmap, taken) {
    this.bitmap?.close()
    this.bitmap = bitmap
    this.taken = taken
    this.drawn.push(performance.now())
    if (this.drawn.length > 90) this.drawn.shift()
    if (this.canvas.width !== bitmap.width || this.canvas.height !== bitmap.height) {
      this.canvas.width = bitmap.width
      this.canvas.height = bitmap.height
      this.button.style.setProperty("--shape", `${bitmap.width} / ${bitmap.height}`)
    }
    this.element.classList.add("drawn")
    this.repaint()
  }

  repaint() {
    if (!this.bitmap) return
    const pen = this.canvas.getContext("2d")
    pen.drawImage(this.bitmap, 0, 0)
    if (this.wall.look.heat && this.heat?.complete && this.heat.naturalWidth)
      pen.drawImage(this.heat, 0, 0, this.canvas.width, this.canvas.height)
  }

  warm(address) {
    if (!address || this.heat?.src === address) return
    const heat = new Image()
    heat.onload = () => {
      this.heat = heat
      this.repaint()
    }
    heat.src = address
  }

  async whole() {
    const { boxes, labels, trails } = this.wall.look
    const url = new URL(`stills/${encodeURIComponent(this.name)}.jpg`, document.baseURI)
    const look = { boxes: +boxes, labels: +labels, trails: +trails, token: this.wall.token }
    for (const [name, value] of Object.entries(look)) url.searchParams.set(name, value)
    const answer = await fetch(url)
    if (!answer.ok) throw new Error(await answer.text())
    const bitmap = await createImageBitmap(await answer.blob())
    return [bitmap, answer.headers.get("X-Timestamp") ?? new Date().toISOString()]
  }

  async sharpen() {
    if (!this.bitmap) return
    try {
      const [bitmap, taken] = await this.whole()
      if (this.wall.frozen && !this.wall.closed) this.paint(bitmap, taken)
      else bitmap.close()
      this.wall.tick()
    } catch {
      // then the small one stays
    }
  }

  async save() {
    if (!this.wall.frozen) {
      try {
        this.paint(...(await this.whole()))
      } catch {
        // then what is seen is what is saved
      }
    }
    const file = `${this.name}_${this.taken}`.replace(/[^\p{L}\p{N}._-]+/gu, "-")
    this.canvas.toBlob((blob) => {
      if (!blob) return
      const link = make("a")
      link.href = URL.createObjectURL(blob)
      link.download = `${file}.png`
      link.click()
      setTimeout(() => URL.revokeObjectURL(link.href), 10000)
    }, "image/png")
  }

  say(states) {
    const known = states?.sources?.[this.name]
    const [kind, word] = STATES[known?.state] ?? ["", known?.state ?? ""]
    this.state.className = `state ${states?.reached === false ? "odd" : kind}`
    this.stateText.textContent =
      states?.reached === false ? "no connection" : known?.state === "ok" && !known.live ? "playing" : word
    this.why.textContent = this.reason(states, known)
    this.snapshot.disabled = !this.bitmap
    this.numbers.textContent = this.measured(known)
  }

  measured(known) {
    if (this.wall.frozen)
      return this.taken ? clock(new Date(this.taken), this.wall.data.zones[this.name] ?? "UTC") : ""
    const now = performance.now()
    this.drawn = this.drawn.filter((moment) => moment > now - 3000)
    if (this.drawn.length < 2) return ""
    const fps = (1000 * (this.drawn.length - 1)) / (this.drawn.at(-1) - this.drawn[0])
    const delay = known?.delay_ms
    const late = delay == null ? "" : ` · ${delay < 1000 ? `${Math.round(delay)} ms` : `${(delay / 1000).toFixed(1)} s`} late`
    return `${fps.toFixed(fps < 9.5 ? 1 : 0)} fps${late}`
  }

  reason(states, known) {
    if (!states) return this.bitmap ? "" : "Connecting"
    if (!states.reached) return this.bitmap ? "" : this.wall.status()
    switch (known?.state) {
      case "down":
      case "failed":
        return `No picture: ${known.last_error ?? "the source does not answer"}. It is tried again.`
      case "stale":
        return "The same picture again and again: the camera may have stopped."
      case "stopped":
        return "Paused. Resume it on the Sources page."
      case "finished":
        return "The recording has ended."
      case "starting":
        return this.bitmap ? "" : "Opening"
      default:
        return this.bitmap ? "" : "Waiting for the first picture"
    }
  }
}

function camera() {
  const space = "http://www.w3.org/2000/svg"
  const svg = document.createElementNS(space, "svg")
  svg.setAttribute("viewBox", "0 0 24 24")
  svg.setAttribute("aria-hidden", "true")
  const body = document.createElementNS(space, "path")
  body.setAttribute("d", "M3 8h4l2-3h6l2 3h4v11H3z")
  const lens = document.createElementNS(space, "circle")
  lens.setAttribute("cx", "12")
  lens.setAttribute("cy", "13")
  lens.setAttribute("r", "3.6")
  svg.append(body, lens)
  return svg
}
