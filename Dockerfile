ARG BASE_IMAGE=python:3.11-slim-bookworm

FROM ${BASE_IMAGE} AS build
WORKDIR /src
# The packages first: they change less often than the code.
COPY requirements.lock ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/python -m pip install --no-cache-dir --quiet --upgrade "pip>=25" \
    && /opt/venv/bin/python -m pip install --no-cache-dir --quiet --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY deciding.py health.py jobs.py model.py monitor.py noticing.py painting.py placing.py plot.py scheduler.py settling.py stood.py telling.py views.py ./
COPY alerts alerts/
COPY archive archive/
COPY cli cli/
COPY config config/
COPY crawler crawler/
COPY dashboard dashboard/
COPY demo demo/
COPY extract extract/
RUN /opt/venv/bin/python -m pip install --no-cache-dir --quiet --no-deps .

FROM ${BASE_IMAGE}
RUN groupadd --gid 10001 tollwatch && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data tollwatch \
    && mkdir -p /data /etc/tollwatch && chown 10001:10001 /data
COPY --from=build /opt/venv /opt/venv
COPY config.toml /etc/tollwatch/config.toml
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    TOLLWATCH_CONFIG=/etc/tollwatch/config.toml \
    TOLLWATCH_ARCHIVE=/data/tollwatch.db \
    TOLLWATCH_HEALTH_LISTEN=0.0.0.0:8080 \
    TOLLWATCH_WEB_LISTEN=0.0.0.0:8001
USER 10001:10001
VOLUME /data
EXPOSE 8080 8001
HEALTHCHECK --interval=30s --timeout=6s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=5)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["tollwatch"]
CMD ["run"]
