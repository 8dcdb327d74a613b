"""The dashboard's parts: what `app.py` and the pages are made of."""
