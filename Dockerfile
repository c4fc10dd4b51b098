# ecsh as a small image for CI:  docker build -t ecsh .  &&  docker run --rm ecsh --version
# docs/ci.md says how to use it. UNVERIFIED: there was no Docker to build it with; its steps were run by hand, on
# Debian. To check, run these two lines, and an `exec` with credentials in the environment.
FROM node:22 AS build
WORKDIR /source
COPY . .
RUN npm ci && npm pack && mv ecsh-*.tgz /ecsh.tgz

FROM node:22-alpine
COPY --from=build /ecsh.tgz /tmp/
# Without the optional pty, which only `ecsh simulate` needs: there is none for musl.
RUN mkdir /opt/ecsh && npm install --prefix /opt/ecsh --omit=optional /tmp/ecsh.tgz \
  && rm -rf /tmp/ecsh.tgz /root/.npm && ln -s /opt/ecsh/node_modules/.bin/ecsh /usr/local/bin/ecsh
USER node
# As process 1 it needs no init: it handles the signals that end it.
ENTRYPOINT ["ecsh"]
CMD ["--help"]
