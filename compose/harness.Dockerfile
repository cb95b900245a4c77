# The harness as an image: runs against an address, or with the socket of a container engine.
#
#   docker build -f compose/harness.Dockerfile -t scicat-harness .
#
# BASE is any Debian-like image with Python 3.11 or newer and its venv module. The PIP_ arguments
# are for networks with a package index or a certificate authority of their own; they stay in the
# first stage.
ARG BASE=python:3.12-slim

FROM ${BASE} AS build
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ARG PIP_CERT
COPY . /source
RUN python3 -m venv /opt/harness && /opt/harness/bin/pip install --no-cache-dir /source

FROM ${BASE}
COPY --from=build /opt/harness /opt/harness
ENV PATH=/opt/harness/bin:$PATH PYTHONUNBUFFERED=1
# Reports are in /harness/reports: mount a folder there to keep them.
RUN useradd --uid 1000 --create-home harness && mkdir -p /harness/reports \
 && chown -R harness /harness
USER 1000
WORKDIR /harness
ENTRYPOINT ["scicat-harness"]
CMD ["--help"]
