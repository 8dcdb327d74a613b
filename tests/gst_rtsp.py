"""An RTSP server in a process of its own, run by the system's Python with GStreamer.

Gives `rtsp://127.0.0.1:PORT/live`. Reads H.264 pictures from its standard input, each after its
length as four bytes, and sends each at once to whoever watches. Writes "ready" when it listens.
"""

from __future__ import annotations

import argparse
import struct
import sys
import threading
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PIPELINE = (
    "( appsrc name=source is-live=true do-timestamp=true format=time"
    " caps=video/x-h264,stream-format=byte-stream,alignment=au"
    " ! rtph264pay name=pay0 pt=96 )"
)


class Feed:
    """Hands the pictures from standard input to the pipeline of each who watches.

    One that all shared would go with the last of them, also if the next is just coming.
    """

    def __init__(self) -> None:
        self.sources: list[Any] = []

    def attach(self, _factory: Any, media: Any) -> None:
        source = media.get_element().get_by_name("source")
        self.sources = [*self.sources, source]
        media.connect("unprepared", lambda _media: self.detach(source))

    def detach(self, source: Any) -> None:
        self.sources = [each for each in self.sources if each is not source]

    def run(self, loop: Any) -> None:
        while len(head := sys.stdin.buffer.read(4)) == 4:
            data = sys.stdin.buffer.read(struct.unpack(">I", head)[0])
            for source in self.sources:
                source.emit("push-buffer", Gst.Buffer.new_wrapped(data))
        loop.quit()


def protect(server: Any, factory: Any, user: str, password: str, digest: bool) -> None:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "watcher")
    if digest:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("watcher", "media.factory.access", True)
    permissions.add_permission_for_role("watcher", "media.factory.construct", True)
    factory.set_permissions(permissions)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port")
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    parser.add_argument("--digest", action="store_true")
    parser.add_argument("--udp", action="store_true")
    options = parser.parse_args()
    Gst.init(None)
    server, factory = GstRtspServer.RTSPServer(), GstRtspServer.RTSPMediaFactory()
    server.set_address("127.0.0.1")
    server.set_service(options.port)
    factory.set_launch(PIPELINE)
    factory.set_latency(0)
    kinds = GstRtsp.RTSPLowerTrans
    factory.set_protocols(kinds.UDP if options.udp else kinds.TCP)
    if options.user:
        protect(server, factory, options.user, options.password, options.digest)
    feed, loop = Feed(), GLib.MainLoop()
    factory.connect("media-configure", feed.attach)
    server.get_mount_points().add_factory("/live", factory)
    if not server.attach(None):
        sys.exit(f"port {options.port} is taken")
    threading.Thread(target=feed.run, args=[loop], daemon=True).start()
    print("ready", flush=True)
    loop.run()


if __name__ == "__main__":
    main()
