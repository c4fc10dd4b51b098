import { ApiError } from '#simulator/api/api-error.ts';
import type { ApiInput } from '#simulator/api/api-input.ts';

/** The request that started a session. */
export type SessionRequest = CommandSessionRequest | TerminalRequest | PortRequest;

/** ecs:ExecuteCommand. */
export interface CommandSessionRequest {
  readonly kind: 'command';
  readonly document: 'AmazonECS-ExecuteInteractiveCommand';
  readonly command: string;
}

/** ssm:StartSession with any document except ECS's own. */
export type StartSessionRequest = TerminalRequest | PortRequest;

interface DocumentRequest {
  readonly document: string;
  /** Whether the caller named the document. */
  readonly isNamed: boolean;
  /** Parameters of the document, including defaults. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A shell, or the command of AWS-StartInteractiveCommand, on a terminal. */
interface TerminalRequest extends DocumentRequest {
  readonly kind: 'terminal';
  readonly sessionType: 'Standard_Stream' | 'InteractiveCommands';
}

interface PortRequest extends DocumentRequest {
  readonly kind: 'port';
  /** Properties for the agent's plugin. */
  readonly properties: Readonly<Record<string, string>>;
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

/** A document that StartSession accepts. */
interface SessionDocument {
  readonly session:
    | { readonly kind: 'terminal'; readonly sessionType: TerminalRequest['sessionType'] }
    /** Without a type, it carries the bytes of one connection unchanged (PROTOCOL 7.4). */
    | { readonly kind: 'port'; readonly type: 'LocalPortForwarding' | undefined };
  readonly parameters: Readonly<Record<string, Parameter>>;
}

/** The document for calls that name none: the session preferences of the account. */
const SHELL = 'SSM-SessionManagerRunShell';
const FORWARDING = { kind: 'port', type: 'LocalPortForwarding' } as const;

/**
 * The documents of PROTOCOL 7.1 and 8.2 with their parameters.
 * UNVERIFIED: that `host` and `command` have no default; `aws ssm get-document` shows the documents.
 */
const DOCUMENTS: ReadonlyMap<string, SessionDocument> = new Map<string, SessionDocument>([
  [SHELL, { session: { kind: 'terminal', sessionType: 'Standard_Stream' }, parameters: {} }],
  [
    'AWS-StartInteractiveCommand',
    {
      session: { kind: 'terminal', sessionType: 'InteractiveCommands' },
      parameters: { command: { pattern: /^/, usual: undefined } },
    },
  ],
  ['AWS-StartPortForwardingSession', { session: FORWARDING, parameters: PORTS }],
  [
    'AWS-StartPortForwardingSessionToRemoteHost',
    {
      session: FORWARDING,
      parameters: {
        host: { pattern: /^[^,$^&()!;'"<>`{}[\]|#=\s]{3,}$/, usual: undefined },
        ...PORTS,
      },
    },
  ],
  [
    'AWS-StartSSHSession',
    {
      session: { kind: 'port', type: undefined },
      parameters: { portNumber: { pattern: PORT, usual: '22' } },
    },
  ],
]);

/** Documents that AWS's agent can run, but the simulator cannot. */
const OTHER_DOCUMENTS = [
  'AWS-StartNonInteractiveCommand',
  'AWS-StartPortForwardingSessionToSocket',
];

/** Parses a StartSession call. @throws ApiError `InvalidDocument`, `InvalidParameters` */
export function startRequest(input: ApiInput): StartSessionRequest {
  const named = input.text('DocumentName');
  const document = named ?? SHELL;
  const known = DOCUMENTS.get(document);
  if (known === undefined) throw new ApiError('InvalidDocument', unknownDocument(document));
  const parameters = fillIn(known.parameters, input.object('Parameters'));
  const request = { document, isNamed: named !== undefined, parameters };
  if (known.session.kind === 'terminal') return { ...request, ...known.session };
  const { type } = known.session;
  const properties = { ...parameters, ...(type === undefined ? {} : { type }) };
  return { ...request, kind: 'port', properties };
}

function unknownDocument(document: string): string {
  return OTHER_DOCUMENTS.includes(document)
    ? `The simulator cannot run the document ${document}, only ${[...DOCUMENTS.keys()].join(', ')}.`
    : `Document with name ${document} does not exist.`;
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
