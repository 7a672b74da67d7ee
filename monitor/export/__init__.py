"""The ways out: Prometheus metrics and the HTTP API, both drawn from the snapshot."""
