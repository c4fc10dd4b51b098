// @ts-check
/*
 * A worker thread that is ECS, SSM and the message gateway at once, over TLS, with an agent that does
 * what a measurement asks for. It answers as quickly as it can, so that what is measured is the client.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:https';
import { parentPort, workerData } from 'node:worker_threads';
import { apiAnswer } from './api.js';
import {
  acknowledgement,
  ClientMessages,
  encodeFrame,
  isAcknowledgement,
  readFrame,
  wrap,
  writeSequence,
} from './frames.js';

const port = parentPort;
if (port === null) throw new Error('this is a worker');

/**
 * @typedef {object} Scenario what the agent does once the session has begun, and then ends
 * @property {'nothing' | 'flood' | 'pace' | 'take'} kind `flood`: output as fast as it is taken;
 *   `pace`: a thousand frames a second; `take`: input
 * @property {number} [bytes] of output or input
 * @property {number} [roundTrip] milliseconds until input is acknowledged
 * @property {number} [tasks] that run in the cluster
 */
/** @type {Scenario} */
let scenario = { kind: 'nothing' };
port.on('message', (next) => {
  scenario = next;
});

/** @param {string} what @param {object} [facts] */
const tell = (what, facts = {}) => port.postMessage({ what, at: now(), ...facts });
const now = () => performance.timeOrigin + performance.now();

const server = createServer(workerData.tls, (request, response) => {
  const chunks = /** @type {Buffer[]} */ ([]);
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const operation = `${request.headers['x-amz-target']}`.split('.').at(-1) ?? '';
    tell(operation);
    const streamUrl = `wss://localhost:${address()}/v1/data-channel/bench?role=publish_subscribe`;
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify(apiAnswer(operation, streamUrl, scenario.tasks)));
  });
});

const address = () => /** @type {import('node:net').AddressInfo} */ (server.address()).port;

server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.on('error', () => undefined);
  new Agent(socket, scenario);
});
server.listen(0, '127.0.0.1', () => tell('ready', { port: address() }));

const WINDOW = 64;
/** The plugin drops output that comes before its handler is ready, and nothing is sent again here. */
const HANDLER_READY_MS = 200;
const CHUNK = 1024;
const OUTPUT = wrap(encodeFrame('output_stream_data', 0, 1, Buffer.alloc(CHUNK, 'x')));
const FRAME_START = OUTPUT.length - (CHUNK + 120);

class Agent {
  #socket;
  #scenario;
  #total;
  #messages = new ClientMessages();
  #sequence = 0;
  #expected = 0;
  /** @type {Buffer[]} */
  #answers = [];
  #unacknowledged = 0;
  #sent = 0;
  #received = 0;
  #begun = false;
  #done = false;

  /** @param {import('node:stream').Duplex} socket @param {Scenario} scenario */
  constructor(socket, scenario) {
    this.#socket = socket;
    this.#scenario = scenario;
    this.#total = scenario.bytes ?? Number.POSITIVE_INFINITY;
    socket.on('data', (chunk) => {
      socket.cork();
      this.#messages.feed(chunk, (opcode, payload) => this.#take(opcode, payload));
      this.#answer();
      this.#advance();
      socket.uncork();
    });
  }

  /** Sends the answers collected so far as one write, as the network would carry them back. */
  #answer() {
    if (this.#answers.length === 0) return;
    const answers = Buffer.concat(this.#answers);
    this.#answers = [];
    const { roundTrip } = this.#scenario;
    if (roundTrip === undefined) this.#socket.write(answers);
    else setTimeout(() => this.#socket.write(answers), roundTrip);
  }

  /** @param {number} opcode @param {Buffer} payload */
  #take(opcode, payload) {
    if (opcode === 1) {
      tell('token');
      this.#handshake();
    } else if (opcode === 2) {
      if (isAcknowledgement(payload)) this.#unacknowledged -= 1;
      else this.#takeInput(payload);
    }
  }

  #handshake() {
    const request = {
      AgentVersion: '3.3.0.0',
      RequestedClientActions: [
        { ActionType: 'SessionType', ActionParameters: { SessionType: 'Standard_Stream' } },
      ],
    };
    this.#send('output_stream_data', 5, Buffer.from(JSON.stringify(request)));
  }

  /** @param {Buffer} data */
  #takeInput(data) {
    const message = readFrame(data);
    this.#answers.push(wrap(acknowledgement(message)));
    if (message.payloadType === 6) {
      const complete = { HandshakeTimeToComplete: 1, CustomerMessage: '' };
      this.#send('output_stream_data', 7, Buffer.from(JSON.stringify(complete)));
      setTimeout(() => this.#begin(), HANDLER_READY_MS);
    } else if (message.payloadType === 1 && message.sequenceNumber >= this.#expected) {
      // One that was sent again counts once.
      this.#expected = message.sequenceNumber + 1;
      this.#received += message.payload.length;
      tell('input');
      if (this.#received >= this.#total) this.#close();
    }
  }

  #begin() {
    this.#begun = true;
    tell('begun');
    if (this.#scenario.kind === 'nothing') this.#close();
    if (this.#scenario.kind === 'pace') this.#pace();
    this.#advance();
  }

  #pace() {
    const start = performance.now();
    const timer = setInterval(() => {
      const due = Math.min(this.#total / CHUNK, Math.floor(performance.now() - start));
      while (this.#sent < due) this.#output();
      if (this.#sent < this.#total / CHUNK) return;
      clearInterval(timer);
      this.#close();
    }, 1);
  }

  #advance() {
    if (!this.#begun || this.#scenario.kind !== 'flood') return;
    while (this.#sent < this.#total / CHUNK && this.#unacknowledged < WINDOW) this.#output();
    if (this.#sent >= this.#total / CHUNK && this.#unacknowledged <= 0) this.#close();
  }

  #output() {
    const data = Buffer.from(OUTPUT);
    writeSequence(data, this.#sequence, FRAME_START);
    this.#sequence += 1;
    this.#sent += 1;
    if (this.#sent === Math.floor(this.#total / CHUNK / 4)) tell('quarter');
    this.#unacknowledged += 1;
    this.#socket.write(data);
  }

  /** @param {string} type @param {number} payloadType @param {Buffer} payload */
  #send(type, payloadType, payload) {
    this.#unacknowledged += 1;
    this.#socket.write(wrap(encodeFrame(type, this.#sequence, payloadType, payload)));
    this.#sequence += 1;
  }

  #close() {
    if (this.#done) return;
    this.#done = true;
    tell('done');
    const closed = {
      MessageType: 'channel_closed',
      SessionId: 'bench',
      SchemaVersion: 1,
      Output: '',
    };
    const frame = encodeFrame('channel_closed', 0, 0, Buffer.from(JSON.stringify(closed)));
    // The client's last acknowledgements may still be on their way.
    setTimeout(() => this.#socket.write(wrap(frame)), 20);
  }
}
