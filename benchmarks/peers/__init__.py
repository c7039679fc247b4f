"""The other tools: each says how it differentiates a workload, or why it does not."""
