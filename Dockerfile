FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md constraints.txt ./
COPY monitor monitor
COPY migrations migrations
RUN python -m venv /opt/llm-provider-monitor \
 && /opt/llm-provider-monitor/bin/pip install --no-cache-dir --constraint constraints.txt \
    ".[bedrock,postgresql]"

FROM python:3.13-slim
RUN useradd --system --uid 10464 --home-dir /var/lib/llm-provider-monitor --create-home monitor
COPY --from=build /opt/llm-provider-monitor /opt/llm-provider-monitor
ENV PATH=/opt/llm-provider-monitor/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# monitor.db and the spool are kept here.
WORKDIR /var/lib/llm-provider-monitor
VOLUME /var/lib/llm-provider-monitor
USER 10464
EXPOSE 9464
# Others reach this address, so the monitor wants a token: MONITOR_TOKEN, or `token` in its file.
ENTRYPOINT ["monitor"]
CMD ["run", "--listen", "0.0.0.0:9464", "--log-json"]
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:9464/readyz', timeout=4)"]
