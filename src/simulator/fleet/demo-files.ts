/** Files of the built-in fleet's images: enough to look around in, to copy and to follow. */

const SERVER = `#!/bin/sh
# A stand-in for a web server: it writes a line to its log every ten seconds.
trap 'echo "shutting down"; exit 0' TERM
echo "listening on port 80"
while :; do
  for path in / /style.css /health /orders/42; do
    line="$(date -u +%H:%M:%S) GET $path 200"
    echo "$line"
    echo "$line" >> "\${0%/*}/../var/log/access.log"
    sleep 10 & wait $!
  done
done
`;

const WORKER = `#!/bin/sh
# A stand-in for a queue worker.
trap 'echo "finishing the current job"; exit 0' TERM
job=1000
while :; do
  job=$((job + 1))
  echo "job $job done"
  sleep 15 & wait $!
done
`;

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <title>Hello</title>
    <link rel="stylesheet" href="style.css">
  </head>
  <body>
    <h1>Hello from a simulated container</h1>
  </body>
</html>
`;

const ACCESS_LOG = `08:14:02 GET / 200
08:14:02 GET /style.css 200
08:15:40 GET /orders/17 500
08:15:41 GET /health 200
`;

const ERROR_LOG = `08:15:40 /orders/17: connection to db.internal:5432 refused
08:15:40 /orders/17: retrying in 1 s
`;

/** A container with a web server. */
export const WEB_FILES: Readonly<Record<string, string>> = {
  '/app/server.sh': SERVER,
  '/app/public/index.html': PAGE,
  '/app/public/style.css': 'body { font-family: sans-serif; margin: 4rem; }\n',
  '/app/public/robots.txt': 'User-agent: *\nDisallow:\n',
  '/app/config/settings.env': 'LOG_LEVEL=info\nWORKERS=2\n',
  '/var/log/access.log': ACCESS_LOG,
  '/var/log/error.log': ERROR_LOG,
};

/** A container with a queue worker. */
export const WORKER_FILES: Readonly<Record<string, string>> = {
  '/app/worker.sh': WORKER,
  '/app/config/settings.env': 'QUEUE=orders\n',
};
