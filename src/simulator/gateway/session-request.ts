import { ApiError } from '#simulator/api/api-error.ts';
import type { ApiInput } from '#simulator/api/api-input.ts';

/** The request that started a session: a command, or a port to forward. */
export type SessionRequest = CommandSessionRequest | PortRequest;

export interface CommandSessionRequest {
  readonly kind: 'command';
  readonly document: 'AmazonECS-ExecuteInteractiveCommand';
  readonly command: string;
}

export interface PortRequest {
  readonly kind: 'port';
  readonly document: string;
  /** Parameters of the document, defaults included. */
  readonly parameters: Readonly<Record<string, string>>;
}

export function commandRequest(command: string): CommandSessionRequest {
  return { kind: 'command', document: 'AmazonECS-ExecuteInteractiveCommand', command };
}

interface Parameter {
  readonly pattern: RegExp;
  readonly usual: string | undefined;
}

const PORT = /^([1-9]|[1-9]\d{1,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/;
const PORTS: Readonly<Record<string, Parameter>> = {
  localPortNumber: { pattern: new RegExp(`^0$|${PORT.source}`), usual: '0' },
  portNumber: { pattern: PORT, usual: '80' },
};

/**
 * The documents of PROTOCOL 7.1 with their parameters.
 * UNVERIFIED: that `host` has no default; `aws ssm get-document` shows the document.
 */
const DOCUMENTS: ReadonlyMap<string, Readonly<Record<string, Parameter>>> = new Map([
  ['AWS-StartPortForwardingSession', PORTS],
  [
    'AWS-StartPortForwardingSessionToRemoteHost',
    { host: { pattern: /^[^,$^&()!;'"<>`{}[\]|#=\s]{3,}$/, usual: undefined }, ...PORTS },
  ],
]);

/** AWS has these, and its agent can run them; the simulator cannot. */
const OTHER_DOCUMENTS = [
  'SSM-SessionManagerRunShell',
  'AWS-StartInteractiveCommand',
  'AWS-StartNonInteractiveCommand',
  'AWS-StartPortForwardingSessionToSocket',
  'AWS-StartSSHSession',
];

/** The session that a StartSession call asks for. @throws ApiError `InvalidDocument`, `InvalidParameters` */
export function portRequest(input: ApiInput): PortRequest {
  // Without a name it is the shell.
  const document = input.text('DocumentName') ?? 'SSM-SessionManagerRunShell';
  const known = DOCUMENTS.get(document);
  if (known !== undefined) {
    return { kind: 'port', document, parameters: fillIn(known, input.object('Parameters')) };
  }
  const text = OTHER_DOCUMENTS.includes(document)
    ? `The simulator cannot run the document ${document}, only ${[...DOCUMENTS.keys()].join(' and ')}.`
    : `Document with name ${document} does not exist.`;
  throw new ApiError('InvalidDocument', text);
}

/** UNVERIFIED: name and text of these errors; give StartSession a parameter that the document lacks. */
function fillIn(
  document: Readonly<Record<string, Parameter>>,
  given: ApiInput | undefined,
): Record<string, string> {
  const surplus = given?.names.find((name) => !(name in document));
  if (surplus !== undefined) throw invalidParameters(`The document has no parameter ${surplus}.`);
  const values = Object.entries(document).map(([name, { pattern, usual }]) => {
    const texts = given?.has(name) === true ? given.texts(name) : [usual].filter(isText);
    const [value] = texts;
    if (value === undefined) throw invalidParameters(`The document needs the parameter ${name}.`);
    if (texts.length > 1) throw invalidParameters(`The parameter ${name} is one text, not a list.`);
    if (pattern.test(value)) return [name, value] as const;
    throw invalidParameters(
      `Parameter ${name} with value ${value} does not match ${pattern.source}.`,
    );
  });
  return Object.fromEntries(values);
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}

function invalidParameters(message: string): ApiError {
  return new ApiError('InvalidParameters', message);
}
