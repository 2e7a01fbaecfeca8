"""What people fill in on the testing pages → clean values for the verbs."""
