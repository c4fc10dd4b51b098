// @ts-check
/* Where a measurement takes place: the gateway's worker, its reports, and how to reach it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/**
 * @typedef {{ what: string, at: number, [fact: string]: unknown }} Event `at`: milliseconds since the
 *   epoch, with fractions
 * @typedef {import('./gateway.js').Scenario} Scenario
 */

/** The longest wait for an event; a later one counts as missing (ms). */
const LIMIT = 60_000;

/** The gateway as the thread that measures sees it, and what happened there since `prepare`. */
export class Gateway {
  /** @type {Event[]} */
  #events = [];
  /** @type {Set<(event: Event) => void>} */
  #listeners = new Set();
  #folder = mkdtempSync(join(tmpdir(), 'ecsh-bench-'));
  #worker;
  #port = 0;

  constructor() {
    const workerData = { tls: certificate(this.#folder) };
    this.#worker = new Worker(new URL('./gateway.js', import.meta.url), { workerData });
    this.#worker.on('message', (event) => {
      this.#events.push(event);
      for (const tell of this.#listeners) tell(event);
    });
  }

  async ready() {
    const { port } = await this.next('ready');
    this.#port = Number(port);
    return this;
  }

  /** Goes on with this scenario from the next websocket on. @param {Scenario} scenario */
  prepare(scenario) {
    this.#events = [];
    this.#worker.postMessage(scenario);
  }

  /** The first `what` since `prepare`, now or to come. @param {string} what @returns {Promise<Event>} */
  next(what) {
    const past = this.#events.find((event) => event.what === what);
    return past === undefined ? this.coming(what) : Promise.resolve(past);
  }

  /** The next `what` to come. @param {string} what @returns {Promise<Event>} */
  coming(what) {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`no ${what} at the gateway`)), LIMIT);
      const stop = this.listen((event) => {
        if (event.what !== what) return;
        clearTimeout(limit);
        stop();
        resolve(event);
      });
    });
  }

  /** @param {(event: Event) => void} listener @returns {() => void} */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close() {
    await this.#worker.terminate();
    rmSync(this.#folder, { recursive: true });
  }

  /** @returns {Readonly<Record<string, string>>} */
  get env() {
    const certificateFile = join(this.#folder, 'cert.pem');
    return {
      PATH: process.env.PATH ?? '',
      HOME: this.#folder,
      TERM: 'xterm',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_REGION: 'us-east-1',
      // For the AWS CLI.
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: `https://localhost:${this.#port}`,
      AWS_CA_BUNDLE: certificateFile,
      // For ecsh: AWS needs no bundle of its own. Node.js then parses all the authorities that it knows
      // at its start, as it does for the first TLS connection to AWS.
      NODE_EXTRA_CA_CERTS: certificateFile,
      // For the plugin.
      SSL_CERT_FILE: certificateFile,
    };
  }

  /** The arguments with which the AWS CLI starts the plugin (PROTOCOL 1.4). */
  get pluginArguments() {
    const StreamUrl = `wss://localhost:${this.#port}/v1/data-channel/bench?role=publish_subscribe`;
    const session = { SessionId: 'ecs-execute-command-bench', StreamUrl, TokenValue: 'token' };
    return [
      JSON.stringify(session),
      'us-east-1',
      'StartSession',
      '',
      '{"Target":"ecs:bench_0_1"}',
      `https://localhost:${this.#port}`,
    ];
  }
}

/** @param {string} folder */
function certificate(folder) {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const files = ['-days', '2', '-keyout', key, '-out', cert];
  const { status, stderr } = spawnSync('openssl', [...kind, ...name, ...files], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`openssl: ${stderr}`);
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
