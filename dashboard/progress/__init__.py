"""What the records add up to: pure functions of the registry and a clock. No Streamlit."""
