# syntax=docker/dockerfile:1

# Meshmill in a small image: the program with its Swift runtime inside, libpq and libvips beside it.
ARG SWIFT_VERSION=6.3

FROM swift:${SWIFT_VERSION}-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq-dev libvips-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift ./
COPY Plugins Plugins
COPY Sources Sources
COPY Tests Tests
COPY migrations migrations
RUN --mount=type=cache,target=/source/.build \
    swift build -c release --static-swift-stdlib --product meshmill \
    && install -D -s .build/release/meshmill /installed/meshmill

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libpq5 libvips42 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --user-group --uid 10001 --home-dir /var/lib/meshmill meshmill \
    && install -d -o meshmill -g meshmill /var/lib/meshmill /meshes
COPY --from=build /installed/meshmill /usr/local/bin/meshmill
# The home holds the master key and the prepared images; workers on one machine share it as a volume.
ENV MESHMILL_HOME=/var/lib/meshmill
USER meshmill
WORKDIR /var/lib/meshmill
ENTRYPOINT ["meshmill"]
CMD ["worker"]
