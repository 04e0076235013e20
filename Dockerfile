# One image for every service of docker-compose.yml. Nothing secret is in it, and it runs as an ordinary user.
FROM python:3.12-slim

RUN useradd --uid 10001 --create-home akrim \
    && install --directory --owner=akrim --mode=0700 /var/lib/akrim /inbox

WORKDIR /opt/akrim
COPY requirements.lock bootstrap.lock ./
RUN pip install --no-cache-dir --no-deps --require-hashes -r bootstrap.lock \
    && pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

COPY pyproject.toml README.md ./
COPY include include
COPY expectations expectations
COPY dags dags
COPY plugins plugins
COPY dbt_project dbt_project
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e .

ENV AKRIM_HOME=/var/lib/akrim AKRIM_INBOX=/inbox PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER akrim
ENTRYPOINT ["python", "-m", "akrim.orchestration.airflow.airflow_cli"]
CMD ["version"]
