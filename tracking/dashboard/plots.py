"""Figures on a page, in the colours of its theme."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from ..charts.look import on_dark


def plot(figure: go.Figure, **look: Any) -> Any:
    """`st.plotly_chart`, in colours that are clear on the page as it is shown, light or dark."""
    dark = st.context.theme.type == "dark"
    return st.plotly_chart(on_dark(figure) if dark else figure, **look)
