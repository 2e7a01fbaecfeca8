"""What people fill in on the vaccination pages → clean values for the verbs."""
