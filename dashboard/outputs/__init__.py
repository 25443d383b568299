"""What leaves: HTML of the pages now; tables, report, brief and feeds as they come."""
