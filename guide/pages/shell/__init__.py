"""What stands in the browser before Streamlit does, where it fails, and where there is no page."""
