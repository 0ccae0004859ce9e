"""Events and metrics as data, a file for each subject that came after sending."""
