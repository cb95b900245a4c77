# The embedded backend as an image that takes the place of SciCat's: the same port, environment
# variables and working folder. Its database is a file, MONGODB_URI=file:///data/NAME.
#
#   docker build -f compose/embedded.Dockerfile -t scicat-harness-embedded .
#
# The arguments are those of harness.Dockerfile, and so is the first stage, which is built once.
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
# A volume that is mounted at /data for the first time gets the owner it has here.
RUN useradd --uid 1000 --create-home node && mkdir -p /home/node/app /data \
 && chown node /home/node/app /data
USER 1000
WORKDIR /home/node/app
EXPOSE 3000
ENTRYPOINT ["python", "-m", "scicat_harness.embedded", "--host", "0.0.0.0"]
