"""Where records come back from: one format a file, and the way from files to a report."""
