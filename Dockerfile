# The patches of 3.13 and of Debian 12 come in by themselves. For an image that can be built again
# bit by bit, give a digest: --build-arg PYTHON=python:3.13-slim-bookworm@sha256:...
ARG PYTHON=python:3.13-slim-bookworm

FROM ${PYTHON} AS build
WORKDIR /build
COPY requirements.lock .
# Every wheel of the lock, each by its hash. What is installed is taken from here alone.
RUN python -m pip wheel --quiet --no-cache-dir --no-deps --require-hashes \
        --requirement requirements.lock --wheel-dir wheels
COPY pyproject.toml README.md LICENSE ./
COPY examples examples
COPY dispatcher dispatcher
COPY schema schema
RUN python -m venv tools \
    && tools/bin/python -m pip install --quiet --no-index --find-links wheels hatchling \
    && tools/bin/python -m hatchling build -t wheel -d wheels \
    && python -m venv /opt/sms-dispatcher \
    && /opt/sms-dispatcher/bin/python -m pip install --quiet --no-index --find-links wheels \
        sms-dispatcher \
    && /opt/sms-dispatcher/bin/python -m pip uninstall --quiet --yes pip

FROM ${PYTHON}
LABEL org.opencontainers.image.title="SMS dispatcher" \
      org.opencontainers.image.description="Sends SMS campaigns through RingCentral from a PostgreSQL queue" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/sms-dispatcher /opt/sms-dispatcher
# A zone that is not there would be found out at three in the morning.
RUN python -c "import zoneinfo; zoneinfo.ZoneInfo('America/New_York')"
# Inside a container 127.0.0.1 is the container alone: who publishes the port decides who sees it.
ENV PATH=/opt/sms-dispatcher/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SMS_DISPATCHER_HTTP_HOST=0.0.0.0 \
    SMS_DISPATCHER_WEBHOOK_HOST=0.0.0.0
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
EXPOSE 9464 9465
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ.get('SMS_DISPATCHER_HTTP_PORT', '9464') + '/healthz', timeout=4)"]
ENTRYPOINT ["sms-dispatcher"]
CMD ["run"]
