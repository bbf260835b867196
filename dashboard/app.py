"""The script Streamlit runs for every visitor: it only navigates."""

from dashboard.navigation import run

run()
