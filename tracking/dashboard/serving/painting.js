// Tells when this browser has painted what stands above, once.
export default function ({ parentElement, setTriggerValue }) {
  let over = false
  const tell = () => {
    if (over) return
    over = true
    setTriggerValue("painted", true)
  }
  // the second picture begins when the first is there; a tab that nobody looks at paints none
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(tell)))
  const late = setTimeout(tell, 500)
  return () => {
    over = true
    clearTimeout(late)
  }
}
