"""Draws the dashboards in `grafana/dashboards/`: `python -m grafana.boards`.

A board is rows of panels, a panel asks queries, and a query is put together from few pieces of
PromQL, so that what a figure means is said in one place. `frame` gives each panel its place and
each board its variables and links.
"""
