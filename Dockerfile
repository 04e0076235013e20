# One image for every service of docker-compose.yml. Nothing secret is in it, and it runs as an ordinary user.
FROM python:3.12-slim AS build

WORKDIR /src
COPY locks locks
RUN pip install --no-cache-dir --no-deps --require-hashes -r locks/bootstrap.lock
COPY . .
# the build's own tools are pinned like everything else
RUN uv build --wheel --build-constraints requirements.lock --require-hashes --out-dir /wheel


FROM python:3.12-slim

RUN useradd --uid 10001 --create-home akrim \
    && install --directory --owner=akrim --mode=0700 /var/lib/akrim /inbox

COPY locks/runtime.lock /tmp/
RUN pip install --no-cache-dir --no-deps --require-hashes -r /tmp/runtime.lock
COPY --from=build /wheel /tmp/wheel
RUN pip install --no-cache-dir --no-deps /tmp/wheel/*.whl

# What releases are signed with as their origin: docker build --build-arg AKRIM_COMMIT="$(git rev-parse HEAD)" .
ARG AKRIM_COMMIT=""
LABEL org.opencontainers.image.revision=$AKRIM_COMMIT
ENV AKRIM_COMMIT=$AKRIM_COMMIT

WORKDIR /var/lib/akrim
ENV AKRIM_HOME=/var/lib/akrim AKRIM_INBOX=/inbox PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER akrim
ENTRYPOINT ["python", "-m", "akrim.orchestration.airflow.airflow_cli"]
CMD ["version"]
