"""LLM provider monitor: the map.

A scheduler runs synthetic completion probes against each provider endpoint. Every run is judged
by what really came back, kept in SQL and added up to uptime, latency and health. Prometheus, the
HTTP API and the pages render one immutable snapshot of that, and disturb no run.

config ─▶ Probe ─▶ (slot) ─▶ Exchange ─▶ Outcome ─▶ Result ─▶ row ─▶ WindowStats ─▶ Health
 load    schedule            transport   classify   prober    record    summarize     step
                                                                 └──▶ Snapshot ─▶ metrics · API

Data flows one way and no stage calls back; imports go down only. Begin with `probes.prober` (one
run, top to bottom), then `app.daemon` (the whole).
"""
