"""The dashboard: `streamlit run app.py` starts it, and it is the script of its pages, too."""

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

if get_script_run_ctx(suppress_warning=True) is None:  # loaded by the server
    from tracking.dashboard.serving.server import lifespan, routes

    app = st.App(__file__, routes=routes(), lifespan=lifespan)
else:  # run for a page
    from tracking.dashboard.serving.server import ensure_started, tidy

    PAGES = {
        "overview": ("Overview", ":material/space_dashboard:"),
        "ask": ("Ask", ":material/forum:"),
        "live": ("Live", ":material/videocam:"),
        "movement": ("Movement", ":material/conversion_path:"),
        "activity": ("Activity", ":material/monitoring:"),
        "quality": ("Quality", ":material/verified:"),
        "zones": ("Zones", ":material/pentagon:"),
        "floor": ("Floor", ":material/straighten:"),
        "alerts": ("Alerts", ":material/notifications:"),
        "webcam": ("Webcam", ":material/photo_camera:"),
        "sources": ("Sources", ":material/settings_input_component:"),
        "data": ("Data", ":material/database:"),
    }
    folder = Path(__file__).parent / "pages"
    found = [name for name in PAGES if (folder / f"{name}.py").exists()]
    ensure_started()
    st.set_page_config(page_title="Sightline", page_icon="👁️", layout="wide")
    page = st.navigation(
        [
            st.Page(
                folder / f"{name}.py", title=PAGES[name][0], icon=PAGES[name][1],
                url_path=name, default=name == found[0],
            )
            for name in found
        ],
        position="top",
    )  # fmt: skip
    page.run()
    tidy()
