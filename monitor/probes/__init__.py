"""One run of a probe: send, time, read, classify. Start reading at `prober`."""
