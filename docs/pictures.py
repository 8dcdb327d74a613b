"""Makes the README's pictures from the demo: `tracking demo`, then `python docs/pictures.py`."""

from __future__ import annotations

from pathlib import Path

import cv2

from tracking.database import find_source, open_readonly
from tracking.plotting import PlotStreamer

DOCS = Path(__file__).parent
MOMENT = 101  # the frame of the clip that is shown


def main() -> None:
    capture = cv2.VideoCapture("demo/annotated.mp4")
    capture.set(cv2.CAP_PROP_POS_FRAMES, MOMENT)
    _, image = capture.read()
    capture.release()
    cv2.imwrite(str(DOCS / "demo.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, 88])
    connection = open_readonly("demo/demo.db")
    source = find_source(connection, "demo")
    connection.close()
    heatmap = PlotStreamer(source.id, "demo/demo.db", size=(960, 640)).picture()
    cv2.imwrite(str(DOCS / "heatmap.png"), heatmap)


if __name__ == "__main__":
    main()
