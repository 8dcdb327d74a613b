// Numbered points on a source's picture: put, moved and removed. All of them are in pixels of the
// source, whatever size the picture has here. Over it lies the grid of metres that they give.

const CANVASES = new WeakMap()
const SPACE = "http://www.w3.org/2000/svg"
const REACH = { mouse: 12, pen: 16, touch: 26 } // screen pixels within which a point is meant
const STEP = 10 // source pixels that an arrow key moves; 1 with Shift
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

export default function ({ data, parentElement, setStateValue }) {
  let canvas = CANVASES.get(parentElement)
  if (!canvas) {
    canvas = new Canvas(parentElement.querySelector(".floor"))
    CANVASES.set(parentElement, canvas)
  }
  canvas.tell = setStateValue
  canvas.take(data)
  return () => {
    canvas.resized.disconnect()
    CANVASES.delete(parentElement)
  }
}

function make(kind, attributes, text) {
  const made = document.createElementNS(SPACE, kind)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  if (text !== undefined) made.textContent = text
  return made
}

class Canvas {
  constructor(root) {
    this.root = root
    this.data = { width: 16, height: 9, points: [], lines: [] }
    this.points = [] // {id, at}
    this.chosen = null // the id of the one that keys are about
    this.dragged = null
    this.said = document.createElement("p")
    this.said.className = "said"
    this.said.setAttribute("role", "status")
    this.picture = document.createElement("div")
    this.picture.className = "picture"
    this.image = document.createElement("img")
    this.image.className = "ground"
    this.image.alt = ""
    this.image.draggable = false
    this.svg = make("svg", { role: "group", tabindex: "-1" })
    this.picture.append(this.image, this.svg)
    root.replaceChildren(this.said, this.picture)
    this.svg.onpointerdown = (event) => this.press(event)
    this.svg.onpointermove = (event) => this.move(event)
    this.svg.onpointerup = () => this.release()
    this.svg.onpointercancel = () => this.release()
    this.svg.oncontextmenu = (event) => this.rightClick(event)
    root.onkeydown = (event) => this.key(event)
    this.resized = new ResizeObserver(() => this.draw())
    this.resized.observe(this.picture)
  }

  take(data) {
    if (data.rev !== this.data.rev) {
      this.points = data.points.map(({ id, at }) => ({ id, at: [...at] }))
      this.chosen = this.dragged = null
    }
    this.data = data
    this.picture.style.aspectRatio = `${data.width} / ${data.height}`
    this.svg.setAttribute("viewBox", `0 0 ${data.width} ${data.height}`)
    this.image.hidden = !data.picture
    if (data.picture && this.image.getAttribute("src") !== data.picture) this.image.src = data.picture
    this.draw()
  }

  emit() {
    const round = (side) => Math.round(side * 10) / 10
    const points = this.points.map(({ id, at }) => ({ id, at: at.map(round) }))
    this.tell("points", { rev: this.data.rev, points })
  }

  scale() {
    return this.data.width / (this.svg.getBoundingClientRect().width || this.data.width)
  }

  at(event) {
    const box = this.svg.getBoundingClientRect()
    return this.inside([
      ((event.clientX - box.left) / box.width) * this.data.width,
      ((event.clientY - box.top) / box.height) * this.data.height,
    ])
  }

  inside([x, y]) {
    return [Math.min(Math.max(x, 0), this.data.width), Math.min(Math.max(y, 0), this.data.height)]
  }

  nearest(at, kind) {
    const far = (point) => Math.hypot(point.at[0] - at[0], point.at[1] - at[1])
    const reach = (REACH[kind] ?? REACH.mouse) * this.scale()
    const near = this.points.filter((point) => far(point) <= reach)
    return near.sort((a, b) => far(a) - far(b))[0]
  }

  press(event) {
    if (!this.data.editable || event.button !== 0 || !event.isPrimary) return
    const at = this.at(event)
    let point = this.nearest(at, event.pointerType)
    const isNew = !point
    if (isNew) {
      if (this.points.length >= this.data.most) return
      point = { id: Math.max(0, ...this.points.map(({ id }) => id)) + 1, at }
      this.points.push(point)
    }
    event.preventDefault()
    this.svg.setPointerCapture(event.pointerId)
    this.chosen = point.id
    this.dragged = { point, from: at, moved: isNew }
    this.draw()
    this.focus()
  }

  move(event) {
    if (!this.dragged) return
    const at = this.at(event)
    const { from, point } = this.dragged
    const far = Math.hypot(at[0] - from[0], at[1] - from[1])
    if (!this.dragged.moved && far < 3 * this.scale()) return
    this.dragged.moved = true
    point.at = at
    this.draw()
  }

  release() {
    const moved = this.dragged?.moved
    this.dragged = null
    if (!moved) return
    this.emit()
    this.draw()
  }

  rightClick(event) {
    if (!this.data.editable) return
    event.preventDefault()
    const point = event.pointerType === "touch" ? null : this.nearest(this.at(event), "mouse")
    if (point) this.remove(point)
  }

  remove(point) {
    this.points = this.points.filter((each) => each !== point)
    this.chosen = null
    this.emit()
    this.draw()
    this.svg.focus({ preventScroll: true })
  }

  key(event) {
    const point = this.points.find(({ id }) => id === this.chosen)
    if (!this.data.editable || !point || event.ctrlKey || event.metaKey || event.altKey) return
    const way = ARROWS[event.key]
    if (way) {
      const step = event.shiftKey ? 1 : STEP
      point.at = this.inside([point.at[0] + way[0] * step, point.at[1] + way[1] * step])
      this.emit()
      this.draw()
      this.focus()
    } else if (event.key === "Delete" || event.key === "Backspace") this.remove(point)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  focus() {
    this.svg.querySelector(`[data-id="${this.chosen}"]`)?.focus({ preventScroll: true })
  }

  words() {
    const { editable, most } = this.data
    if (!editable) return ""
    if (this.points.length < 4)
      return "Click places on the floor whose position you know: four or more, far apart, no three on one line."
    if (this.points.length >= most) return `There can be no more than ${most} points.`
    return "Drag a point to move it, right-click or press Delete to remove it. The grid has metres."
  }

  draw() {
    const focused = this.root.getRootNode().activeElement?.dataset?.id
    const scale = this.scale()
    this.said.textContent = this.words()
    this.root.classList.toggle("editable", Boolean(this.data.editable))
    const layers = this.data.lines.map(([x1, y1, x2, y2, look]) =>
      make("line", { x1, y1, x2, y2, class: `metre ${look}` }),
    )
    this.points.forEach((point, n) => layers.push(...this.handle(point, n + 1, scale)))
    this.svg.replaceChildren(...layers)
    const many = this.points.length === 1 ? "1 point" : `${this.points.length} points`
    this.svg.setAttribute("aria-label", `${this.data.title}: ${many}`)
    if (focused) this.focus() // on the one that is chosen now
  }

  handle({ id, at: [x, y] }, number, scale) {
    const chosen = id === this.chosen && this.data.editable
    const handle = make("circle", { cx: x, cy: y, r: (chosen ? 9 : 7) * scale, class: "handle" })
    handle.classList.toggle("chosen", chosen)
    handle.dataset.id = id
    if (this.data.editable) {
      handle.setAttribute("tabindex", "0")
      handle.setAttribute("role", "button")
      const where = `at ${Math.round(x)}, ${Math.round(y)}`
      handle.setAttribute("aria-label", `Point ${number}, ${where}; arrow keys move it`)
      handle.onfocus = () => {
        if (this.chosen === id) return
        this.chosen = id
        this.draw()
      }
    }
    const size = 15 * scale
    const place = {
      x: x + (x > this.data.width - 30 * scale ? -18 : 18) * scale,
      y: y + (y < 24 * scale ? 16 : -12) * scale,
    }
    const look = { "font-size": size, "stroke-width": size / 4, "text-anchor": "middle" }
    return [handle, make("text", { ...place, ...look }, String(number))]
  }
}
