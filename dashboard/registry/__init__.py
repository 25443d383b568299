"""What a recommendation is, and the file it lives in. No pandas, no Streamlit, no plotly."""
