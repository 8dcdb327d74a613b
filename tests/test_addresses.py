"""An address is shown without whatever could let somebody in."""

from __future__ import annotations

import pytest

from tracking.cameras.addresses import name_of, without_credentials

SHOWN = [
    # nothing to hide
    ("rtsp://host:554/a?b=c", "rtsp://host:554/a?b=c"),
    ("http://host/a@b", "http://host/a@b"),
    ("http://host:8080/live?mail=me@x.org", "http://host:8080/live?mail=me@x.org"),
    ("http://host/a?side=left&keyframe=1&fps=25", "http://host/a?side=left&keyframe=1&fps=25"),
    ("rtsp://[fe80::1]:554/live", "rtsp://[fe80::1]:554/live"),
    ("file:///home/me/a.mp4", "file:///home/me/a.mp4"),
    ("/home/a@b.mp4", "/home/a@b.mp4"),
    ("C:\\videos\\a.mp4", "C:\\videos\\a.mp4"),
    ("http://host/live?token=", "http://host/live?token="),
    ("0", "0"),
    # before the @
    ("rtsp://USER:PASS@host:554/a?b=c", "rtsp://***@host:554/a?b=c"),
    ("rtsp://USER@host/live", "rtsp://***@host/live"),
    ("rtsp://:PASS@host/live", "rtsp://***@host/live"),
    ("rtsp://USER:PASS@[fe80::1%25eth0]:554/a", "rtsp://***@[fe80::1%25eth0]:554/a"),
    ("RTSP://USER:PASS@HOST/a", "RTSP://***@HOST/a"),
    ("rtsp://US ER:PA SS@host/live", "rtsp://***@host/live"),
    ("rtsp://USER:PASS@host\n/live", "rtsp://***@host\n/live"),
    # signs in the password that should have been encoded, or were
    ("rtsp://USER:PA:SS@host/a", "rtsp://***@host/a"),
    ("rtsp://USER:PA@SS@host/a", "rtsp://***@host/a"),
    ("rtsp://USER:PA/SS@host/live", "rtsp://***@host/live"),
    ("rtsp://USER:12/SS@host/live", "rtsp://***@host/live"),
    ("rtsp://USER:PA?SS@host/live", "rtsp://***@host/live"),
    ("rtsp://USER:PA#S?S@host:554/live?x=1", "rtsp://***@host:554/live?x=1"),
    ("rtsp://USER:PA%40SS@host/live", "rtsp://***@host/live"),
    ("rtsp://USER%3APASS%40host/live", "rtsp://***@host/live"),
    ("http://USER:PASS@[::1/live", "http://***@[::1/live"),
    # something is missing
    ("rtsp://USER:PASS", "rtsp://***"),
    ("rtsp://USER:PASS/live", "rtsp://***/live"),
    ("USER:PASS@10.0.0.1/live", "***@10.0.0.1/live"),
    ("USER:PASS@10.0.0.1", "***@10.0.0.1"),
    ("rtsp:USER:PASS@host/live", "rtsp:***@host/live"),
    ("rtsp:/USER:PASS@host/live", "rtsp:/***@host/live"),
    ("rtsp:///USER:PASS@host/live", "rtsp:///***@host/live"),
    # in the query
    ("http://host/a?user=USER&pwd=PASS&x=1", "http://host/a?user=***&pwd=***&x=1"),
    ("http://host/a?USERNAME=USER;Passwd=PASS;x=1", "http://host/a?USERNAME=***;Passwd=***;x=1"),
    ("http://host/a?loginuse=USER&loginpas=PASS", "http://host/a?loginuse=***&loginpas=***"),
    ("http://host/a?%70assword=PASS&x=1", "http://host/a?%70assword=***&x=1"),
    ("http://host/a?api_key=KEY&API-KEY=KEY", "http://host/a?api_key=***&API-KEY=***"),
    ("http://host/a?X-Amz-Signature=SIG&sig=SIG", "http://host/a?X-Amz-Signature=***&sig=***"),
    ("https://host/a?access_token=TO.KE=N?x", "https://host/a?access_token=***"),
    ("http://host/a?auth=AUTH&secret=SECRET", "http://host/a?auth=***&secret=***"),
    ("http://host/a?pwd=PA&SS&x=1", "http://host/a?pwd=***&***&x=1"),
    ("http://host/a?USER:PASS", "http://host/a?***"),
    ("http://host/a#token=TOKEN", "http://host/a#token=***"),
    ("srt://host:9000?passphrase=PASS&streamid=KEY", "srt://host:9000?passphrase=***&streamid=***"),
    ("http://host/?url=rtsp://USER:PASS@inner/a", "http://host/?url=rtsp://***@inner/a"),
    (
        "http://host/?url=rtsp%3A%2F%2FUSER%3APASS%40inner%2Fa&x=2",
        "http://host/?url=rtsp%3A%2F%2F***%40inner%2Fa&x=2",
    ),
    # in the path, as some cameras want it
    (
        "rtsp://10.0.0.1/user=USER_password=PA_SS_channel=1_stream=0.sdp?real_stream",
        "rtsp://10.0.0.1/user=***_password=***_channel=1_stream=0.sdp?real_stream",
    ),
    ("rtsp://10.0.0.1/user=USER&password=PASS&ch=1", "rtsp://10.0.0.1/user=***&password=***&ch=1"),
]


@pytest.mark.parametrize(("address", "shown"), SHOWN)
def test_credentials_are_taken_out_of_addresses(address: str, shown: str) -> None:
    assert without_credentials(address) == shown


@pytest.mark.parametrize("address", [address for address, _ in SHOWN])
def test_what_is_clean_stays_as_it_is(address: str) -> None:
    clean = without_credentials(address)
    assert without_credentials(clean) == clean


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("0", "camera-0"),
        ("rtsp://USER:PASS@host:554/live.sdp?x=1", "host:554-live"),
        ("http://host", "host"),
        ("rtsp://USER:PASS", "rtsp://***"),
        ("rtsp://10.0.0.1/user=USER_password=PASS_channel=1.sdp", "10.0.0.1-channel=1"),
    ],
)
def test_a_source_is_named_after_its_host_and_path(address: str, name: str) -> None:
    assert name_of(without_credentials(address)) == name
