// Tells whether this browser would give this page a camera, and again when that changes.
export default function ({ parentElement, setStateValue }) {
  let over = false
  const told = parentElement.querySelector("span").dataset
  const devices = navigator.mediaDevices
  const look = async () => {
    let camera = "insecure"
    if (devices && devices.getUserMedia) {
      const found = await devices.enumerateDevices()
      camera = found.some((device) => device.kind === "videoinput") ? "ready" : "none"
      try {
        const permission = await navigator.permissions.query({ name: "camera" })
        permission.onchange = look
        if (permission.state === "denied") camera = "denied"
      } catch {
        // some browsers do not tell: then it shows when the camera is asked for
      }
    } else if (window.isSecureContext) {
      camera = "none"
    }
    if (!over && told.camera !== camera) {
      told.camera = camera
      setStateValue("camera", camera)
    }
  }
  look()
  devices?.addEventListener("devicechange", look)
  return () => {
    over = true
    devices?.removeEventListener("devicechange", look)
  }
}
