// Zones and lines on a source's picture: shown, drawn and changed. All points are in pixels of the
// source, whatever size the picture has here. A shape is a list of rings: a zone's outline and its
// holes, or a line's points. Names are put in as text, never as markup.

const CANVASES = new WeakMap()
const SPACE = "http://www.w3.org/2000/svg"
const REACH = { mouse: 10, pen: 14, touch: 24 } // screen pixels within which a corner is meant
const LEAST = { zone: 3, hole: 3, line: 2 } // corners
const STEP = 10 // source pixels that an arrow key moves; 1 with Shift
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const LETTER = 0.55 // width of a letter by its height, about
const CLOSING = {
  zone: "Click the first corner, double-click or press Enter to close it.",
  hole: "Click the first corner, double-click or press Enter to close it.",
  line: "Double-click or press Enter to end it.",
}

export default function ({ data, parentElement, setStateValue }) {
  let canvas = CANVASES.get(parentElement)
  if (!canvas) {
    canvas = new Canvas(parentElement.querySelector(".zoning"))
    CANVASES.set(parentElement, canvas)
  }
  canvas.tell = setStateValue
  canvas.take(data)
  return () => {
    canvas.close()
    CANVASES.delete(parentElement)
  }
}

function make(kind, attributes, text) {
  const made = document.createElementNS(SPACE, kind)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  if (text !== undefined) made.textContent = text
  return made
}

function element(kind, className) {
  const made = document.createElement(kind)
  made.className = className
  return made
}

const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1])
const through = (points) => `M${points.map((point) => point.join(" ")).join("L")}`
const copy = (rings) => rings.map((ring) => ring.map((point) => [...point]))
const short = (name, most) => (name.length > most ? `${name.slice(0, most - 1)}…` : name)

class Canvas {
  constructor(root) {
    this.root = root
    this.data = { width: 16, height: 9, shapes: [] }
    this.forget()
    this.bar = element("div", "bar")
    this.bar.setAttribute("role", "toolbar")
    this.bar.setAttribute("aria-label", "Drawing")
    this.said = element("p", "said")
    this.said.setAttribute("role", "status")
    this.picture = element("div", "picture")
    this.image = element("img", "ground")
    this.image.alt = ""
    this.image.draggable = false
    this.svg = make("svg", { role: "group", tabindex: "-1" })
    this.picture.append(this.image, this.svg)
    root.replaceChildren(this.bar, this.said, this.picture)
    this.buttons = new Map()
    this.svg.onpointerdown = (event) => this.press(event)
    this.svg.onpointermove = (event) => this.move(event)
    this.svg.onpointerup = (event) => this.release(event)
    this.svg.onpointercancel = () => this.letGo()
    this.svg.onpointerleave = () => this.hover(null)
    this.svg.oncontextmenu = (event) => this.rightClick(event)
    root.onkeydown = (event) => this.key(event)
    this.resized = new ResizeObserver(() => this.draw())
    this.resized.observe(this.picture)
  }

  forget() {
    this.draft = null // what is being made or changed: {kind, of, rings}
    this.tool = null // what is being drawn: "zone", "line" or "hole"
    this.points = [] // of it, so far
    this.past = [] // what the draft was before each change
    this.corner = null // the one that keys are about: [ring, number]
    this.dragged = null
    this.pointer = null // where the mouse is, while something is drawn
  }

  close() {
    this.resized.disconnect()
  }

  take(data) {
    const anew = data.rev !== this.data.rev
    this.data = data
    if (anew) {
      this.forget()
      if (data.draft) this.draft = { ...data.draft, rings: copy(data.draft.rings) }
    }
    this.picture.style.aspectRatio = `${data.width} / ${data.height}`
    this.svg.setAttribute("viewBox", `0 0 ${data.width} ${data.height}`)
    this.image.hidden = !data.picture
    if (data.picture && this.image.getAttribute("src") !== data.picture) this.image.src = data.picture
    this.draw()
  }

  emit() {
    const { draft } = this
    const round = (point) => point.map((side) => Math.round(side * 10) / 10)
    const rings = draft?.rings.map((ring) => ring.map(round))
    const shape = draft && { kind: draft.kind, of: draft.of, rings }
    this.tell("draft", { rev: this.data.rev, shape })
  }

  // ---- what is done to the draft

  begin(tool) {
    if (tool !== "hole") this.draft = null
    this.tool = tool
    this.points = []
    this.corner = null
    this.svg.focus({ preventScroll: true })
    this.draw()
  }

  edit(shape) {
    this.forget()
    this.draft = { kind: shape.kind, of: shape.key, rings: copy(shape.rings) }
    this.emit()
    this.draw()
    this.svg.focus({ preventScroll: true })
  }

  // what comes out of it is a change that can be taken back
  change(act) {
    this.past.push(copy(this.draft.rings))
    act(this.draft.rings)
    this.emit()
    this.draw()
  }

  put(point) {
    const last = this.points.at(-1)
    const enough = this.points.length >= LEAST[this.tool]
    if (this.closes(point)) return this.finish()
    if (last && apart(point, last) <= 6 * this.scale()) {
      if (enough) this.finish()
      return
    }
    this.points.push(point)
    this.draw()
  }

  // whether a point is meant to be the first one again
  closes(point) {
    const enough = this.points.length >= LEAST[this.tool]
    return this.tool !== "line" && enough && apart(point, this.points[0]) <= this.reach()
  }

  finish() {
    if (this.points.length < LEAST[this.tool]) return
    const ring = this.points
    const { tool } = this
    this.tool = this.pointer = null
    this.points = []
    if (tool === "hole") return this.change((rings) => rings.push(ring))
    this.forget()
    this.draft = { kind: tool, of: null, rings: [ring] }
    this.emit()
    this.draw()
  }

  cancel() {
    this.tool = this.pointer = null
    this.points = []
    this.draw()
  }

  discard() {
    this.forget()
    this.emit()
    this.draw()
  }

  undo() {
    if (this.tool) this.points.pop()
    else if (this.past.length) {
      this.draft.rings = this.past.pop()
      this.corner = null
      this.emit()
    }
    this.draw()
  }

  insert(ring, after, point) {
    this.corner = [ring, after + 1]
    this.draft.rings[ring].splice(after + 1, 0, point)
  }

  remove([ring, number] = this.corner ?? []) {
    const corners = this.draft?.rings[ring]
    if (!corners?.[number]) return
    if (corners.length > LEAST[this.draft.kind]) this.change(() => corners.splice(number, 1))
    else if (ring > 0) this.change((rings) => rings.splice(ring, 1))
    else return this.say(`A ${this.draft.kind} needs ${LEAST[this.draft.kind]} corners.`)
    this.corner = null
    this.draw()
  }

  turn() {
    this.change((rings) => rings[0].reverse())
  }

  // ---- the mouse, a finger and keys

  scale() {
    return this.data.width / (this.svg.getBoundingClientRect().width || this.data.width)
  }

  reach(kind = this.kind) {
    return (REACH[kind] ?? REACH.mouse) * this.scale()
  }

  at(event) {
    const box = this.svg.getBoundingClientRect()
    const x = ((event.clientX - box.left) / box.width) * this.data.width
    const y = ((event.clientY - box.top) / box.height) * this.data.height
    return this.inside([x, y])
  }

  inside([x, y]) {
    return [Math.min(Math.max(x, 0), this.data.width), Math.min(Math.max(y, 0), this.data.height)]
  }

  nearest(point) {
    let found = null
    this.draft?.rings.forEach((ring, i) =>
      ring.forEach((corner, n) => {
        const far = apart(corner, point)
        if (far <= (found?.far ?? this.reach())) found = { far, at: [i, n] }
      }),
    )
    return found?.at ?? null
  }

  // the edge that is meant, and where on it
  edge(point) {
    let found = null
    this.draft?.rings.forEach((ring, i) => {
      const last = this.draft.kind === "line" ? ring.length - 1 : ring.length
      for (let n = 0; n < last; n++) {
        const on = nearestOn(ring[n], ring[(n + 1) % ring.length], point)
        const far = apart(on, point)
        if (far <= (found?.far ?? this.reach())) found = { far, ring: i, after: n, on }
      }
    })
    return found
  }

  press(event) {
    if (!this.data.editable || event.button !== 0 || !event.isPrimary) return
    this.kind = event.pointerType
    const point = this.at(event)
    if (this.tool) {
      event.preventDefault()
      this.svg.focus({ preventScroll: true })
      this.svg.setPointerCapture(event.pointerId)
      this.pressed = true
      this.hover(point)
      return
    }
    if (!this.draft) return
    const before = copy(this.draft.rings)
    const corner = this.nearest(point)
    const edge = corner ? null : this.edge(point)
    if (edge) this.insert(edge.ring, edge.after, edge.on)
    else if (corner) this.corner = corner
    else {
      this.corner = null
      return this.draw()
    }
    event.preventDefault()
    this.svg.setPointerCapture(event.pointerId)
    this.dragged = { before, moved: Boolean(edge) }
    this.draw()
    this.focusCorner()
  }

  move(event) {
    const point = this.at(event)
    if (this.tool) return this.hover(event.pointerType === "mouse" || this.pressed ? point : null)
    if (!this.dragged) return
    const [ring, number] = this.corner
    if (!this.dragged.moved && apart(point, this.draft.rings[ring][number]) < 3 * this.scale()) return
    this.dragged.moved = true
    this.draft.rings[ring][number] = point
    this.draw()
  }

  release(event) {
    if (this.tool && this.pressed) {
      this.pressed = false
      this.put(this.at(event))
      if (event.pointerType !== "mouse") this.hover(null)
    } else this.letGo()
  }

  letGo() {
    const { dragged } = this
    this.dragged = this.pressed = null
    if (!dragged?.moved) return
    this.past.push(dragged.before)
    this.emit()
    this.draw()
  }

  hover(point) {
    if (!this.tool) return
    this.pointer = point
    this.draw()
  }

  rightClick(event) {
    if (!this.data.editable || !(this.tool || this.draft)) return
    event.preventDefault()
    if (event.pointerType === "touch" || this.tool) return // a long press is no click
    this.kind = "mouse"
    const corner = this.nearest(this.at(event))
    if (corner) this.remove(corner)
  }

  key(event) {
    if (!this.data.editable || event.altKey || event.target.closest?.("button")) return
    const { key } = event
    const step = event.shiftKey ? 1 : STEP
    let known = true
    if (key === "Escape" && this.tool) this.cancel()
    else if (key === "Escape" && this.dragged) this.drop()
    else if (key === "Escape" && this.draft?.of && !this.past.length) this.discard()
    else if (key === "Backspace" || (key === "z" && (event.ctrlKey || event.metaKey))) this.undo()
    else if (key === "Enter" && this.tool) this.finish()
    else if (key === " " && this.tool && this.pointer) this.put(this.pointer)
    else if (key === "Delete" && this.corner) this.remove()
    else if (ARROWS[key] && this.tool)
      this.hover(this.stepped(this.pointer ?? this.middle(), key, step))
    else if (ARROWS[key] && this.corner)
      this.change((rings) => {
        const [ring, number] = this.corner
        rings[ring][number] = this.stepped(rings[ring][number], key, step)
      })
    else known = false
    if (!known) return
    event.preventDefault()
    event.stopPropagation()
    this.focusCorner()
  }

  drop() {
    this.draft.rings = this.dragged.before
    this.dragged = null
    this.draw()
  }

  stepped([x, y], key, step) {
    return this.inside([x + ARROWS[key][0] * step, y + ARROWS[key][1] * step])
  }

  middle() {
    return [this.data.width / 2, this.data.height / 2]
  }

  focusCorner() {
    if (!this.corner) return
    this.svg.querySelector(`[data-at="${this.corner.join("-")}"]`)?.focus({ preventScroll: true })
  }

  // ---- what is seen

  say(text) {
    if (this.said.textContent !== text) this.said.textContent = text
  }

  button(name, title, act, shown, enabled = true) {
    let button = this.buttons.get(name)
    if (!button) {
      button = document.createElement("button")
      button.type = "button"
      button.dataset.name = name
      this.buttons.set(name, button)
      this.bar.append(button)
    }
    button.textContent = title
    button.onclick = act
    button.hidden = !shown
    button.disabled = !enabled
  }

  drawBar() {
    const { tool, draft, data } = this
    this.bar.hidden = !data.editable
    const idle = data.editable && !tool && !draft
    const made = !tool && Boolean(draft)
    const zone = draft?.kind === "zone"
    this.button("zone", "Draw a zone", () => this.begin("zone"), idle)
    this.button("line", "Draw a line", () => this.begin("line"), idle)
    const enough = tool && this.points.length >= LEAST[tool]
    this.button("finish", "Finish", () => this.finish(), Boolean(tool), enough)
    this.button("hole", "Cut a hole", () => this.begin("hole"), made && zone)
    this.button("turn", "Swap directions", () => this.turn(), made && !zone)
    this.button("remove", "Delete corner", () => this.remove(), made, Boolean(this.corner))
    const back = tool ? this.points.length > 0 : this.past.length > 0
    this.button("undo", tool ? "Undo point" : "Undo", () => this.undo(), tool || made, back)
    this.button("cancel", "Cancel", () => this.cancel(), Boolean(tool))
    this.button("discard", "Discard", () => this.discard(), made)
    this.root.classList.toggle("drawing", Boolean(tool))
    this.root.classList.toggle("editing", made)
    this.say(this.hint())
  }

  hint() {
    const { tool, draft, data } = this
    if (!data.editable) return ""
    if (tool) {
      const count = this.points.length
      const what = { zone: "Zone", line: "Line", hole: "Hole" }[tool]
      const where = tool === "line" ? "where it begins" : "its corners"
      const keys = "or move with the arrow keys and press Space. Escape cancels."
      if (!count) return `${what}: click ${where} on the picture, ${keys}`
      const points = `${what}, ${count} point${count === 1 ? "" : "s"}.`
      return count < LEAST[tool] ? `${points} Click the next one.` : `${points} ${CLOSING[tool]}`
    }
    const more = "click an edge for another corner; right-click or Delete removes one."
    if (draft) return `Drag a corner to move it; ${more}`
    if (data.shapes.length) return "Draw another one, or click one on the picture to change it."
    return "Nothing is drawn on this picture yet."
  }

  draw() {
    const focused = this.root.getRootNode().activeElement?.dataset?.at
    this.drawBar()
    const layers = []
    for (const shape of this.data.shapes)
      if (shape.key !== this.draft?.of) layers.push(this.shape(shape, !this.tool && !this.draft))
    const draft = this.draft && { ...this.draft, ...this.data.look, draft: true }
    if (draft) layers.push(this.shape(draft, false), ...this.handles())
    if (this.tool) layers.push(...this.drawing())
    this.svg.replaceChildren(...layers)
    const count = (kind) => this.data.shapes.filter((shape) => shape.kind === kind).length
    const there = `${count("zone")} zones, ${count("line")} lines`
    this.svg.setAttribute("aria-label", `${this.data.title}: ${there}`)
    if (focused) this.svg.querySelector(`[data-at="${focused}"]`)?.focus({ preventScroll: true })
  }

  shape(shape, live) {
    const group = make("g", { class: shape.faded ? "faded" : "" })
    group.style.setProperty("--colour", shape.colour)
    const closed = shape.kind === "zone"
    const way = shape.rings.map((ring) => through(ring) + (closed ? "Z" : "")).join("")
    const path = (className) => make("path", { d: way, class: className, "fill-rule": "evenodd" })
    if (!closed) group.append(path("wide"))
    group.append(path("casing"), path(closed ? "area" : "way"))
    if (shape.kind === "line") group.append(...this.arrow(shape))
    if (shape.name && !shape.faded) group.append(this.label(shape.name, this.place(shape), "name"))
    if (live && this.data.editable) {
      group.setAttribute("tabindex", "0")
      group.setAttribute("role", "button")
      group.setAttribute("aria-label", `Change the ${shape.kind} ${shape.name}`)
      group.classList.add("live")
      group.onclick = () => this.edit(shape)
      group.onkeydown = (event) => {
        if (event.key !== "Enter" && event.key !== " ") return
        event.preventDefault()
        event.stopPropagation()
        this.edit(shape)
      }
    }
    return group
  }

  // where a name stands: in the middle of a zone, above the beginning of a line
  place(shape) {
    const [ring] = shape.rings
    if (shape.kind === "line") return [ring[0][0], ring[0][1] - 14 * this.scale()]
    const xs = ring.map((point) => point[0])
    const ys = ring.map((point) => point[1])
    return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2]
  }

  // aside: where the text lies of its place, -1 to the left, 1 to the right; all of it is seen
  label(words, [x, y], className, aside = 0) {
    const size = 13 * this.scale()
    const text = short(words, Math.max(10, Math.floor(this.data.width / size)))
    const half = (text.length * size * LETTER) / 2
    const within = (value, most, room) => Math.min(Math.max(value, room), Math.max(most - room, room))
    const place = {
      x: within(x + aside * half, this.data.width, half + size / 2),
      y: within(y, this.data.height, size),
    }
    const look = { class: className, "font-size": size, "stroke-width": size / 4 }
    return make("text", { ...place, ...look, "text-anchor": "middle" }, text)
  }

  // forward is to the right of somebody who looks along the line
  arrow(shape) {
    const [points] = shape.rings
    const lengths = points.slice(1).map((point, n) => apart(points[n], point))
    let left = lengths.reduce((sum, length) => sum + length, 0) / 2
    let n = 0
    while (n < lengths.length - 1 && left > lengths[n]) left -= lengths[n++]
    const [a, b] = [points[n], points[n + 1]]
    if (!b || !lengths[n]) return []
    const along = [(b[0] - a[0]) / lengths[n], (b[1] - a[1]) / lengths[n]]
    const ahead = [-along[1], along[0]]
    const unit = this.scale()
    const at = (forth, aside) => [
      a[0] + along[0] * (left + aside * unit) + ahead[0] * forth * unit,
      a[1] + along[1] * (left + aside * unit) + ahead[1] * forth * unit,
    ]
    const [tail, neck, tip] = [at(-20, 0), at(14, 0), at(26, 0)]
    const parts = [
      make("path", { d: through([tail, neck]), class: "casing" }),
      make("path", { d: through([tail, neck]), class: "way" }),
      make("path", { d: `${through([at(12, -8), tip, at(12, 8)])}Z`, class: "tip" }),
    ]
    const beyond = (forth) => {
      const [x, y] = at(forth, 0)
      const level = Math.abs(ahead[0]) > Math.abs(ahead[1])
      if (level) return [[x, y], Math.sign(forth * ahead[0])]
      return [[x, y + Math.sign(forth) * ahead[1] * 8 * unit], 0]
    }
    for (const [text, forth] of [[`→ ${shape.forward}`, 32], [shape.backward, -26]]) {
      const [place, aside] = beyond(forth)
      if (text) parts.push(this.label(text, place, "direction", aside))
    }
    return parts
  }

  handles() {
    if (this.tool) return []
    const scale = this.scale()
    const made = []
    this.draft.rings.forEach((ring, i) =>
      ring.forEach(([x, y], n) => {
        const chosen = this.corner?.[0] === i && this.corner?.[1] === n
        const handle = make("circle", { cx: x, cy: y, r: (chosen ? 8 : 6) * scale, class: "handle" })
        handle.classList.toggle("chosen", chosen)
        handle.dataset.at = `${i}-${n}`
        handle.setAttribute("tabindex", "0")
        handle.setAttribute("role", "button")
        const where = `at ${Math.round(x)}, ${Math.round(y)}`
        const of = i ? ` of hole ${i}` : ""
        const which = `Corner ${n + 1} of ${ring.length}${of}`
        handle.setAttribute("aria-label", `${which}, ${where}; arrow keys move it`)
        handle.onfocus = () => {
          if (this.corner?.join("-") === handle.dataset.at) return
          this.corner = [i, n]
          this.draw()
        }
        made.push(handle)
      }),
    )
    return made
  }

  drawing() {
    const scale = this.scale()
    const points = this.pointer ? [...this.points, this.pointer] : this.points
    const made = []
    for (const look of points.length ? ["casing", "way new"] : [])
      made.push(make("path", { d: through(points), class: look }))
    const closes = this.pointer && this.closes(this.pointer)
    this.points.forEach(([x, y], n) => {
      const large = closes && n === 0
      made.push(make("circle", { cx: x, cy: y, r: (large ? 10 : 5) * scale, class: "point" }))
    })
    if (this.pointer) {
      const [x, y] = this.pointer
      const arms = `M${x - 9 * scale} ${y}h${18 * scale}M${x} ${y - 9 * scale}v${18 * scale}`
      made.push(make("path", { d: arms, class: "cross" }))
    }
    return made
  }
}

// the place between two points that is nearest to a third one
function nearestOn(a, b, point) {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]]
  const length = dx * dx + dy * dy
  const along = length ? ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length : 0
  const share = Math.min(Math.max(along, 0), 1)
  return [a[0] + share * dx, a[1] + share * dy]
}
