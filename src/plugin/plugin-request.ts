import type { ExecSession } from '#domain/ports/session-ports.ts';

/** A session that another program has started, with the arguments about it. */
export interface StartedSession extends ExecSession {
  /** PROTOCOL 1.3; empty if the program does not pass it. */
  readonly targetId: string;
  readonly region: string | undefined;
  readonly profile: string | undefined;
  /** The endpoint of SSM for `ssm:StartSession`, of ECS for `ecs:ExecuteCommand`. */
  readonly endpoint: string | undefined;
}

/** A request that a program passes to session-manager-plugin. */
export type PluginRequest =
  | { readonly kind: 'banner' }
  | { readonly kind: 'version' }
  | { readonly kind: 'unknown-operation'; readonly operation: string }
  | { readonly kind: 'invalid-operation' }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'session'; readonly session: StartedSession };

/** A first argument with this prefix is the name of the variable that contains the response. */
const RESPONSE_VARIABLE = 'AWS_SSM_START_SESSION_RESPONSE';
const OPERATION = 'StartSession';
/** With fewer arguments there is no session. Source: P session.go. */
const FEWEST_WORDS = 3;

/**
 * Reads the arguments of session-manager-plugin from the AWS CLI and others: the response of StartSession or
 * the `session` of ExecuteCommand, region, operation, profile, the request, and the endpoint (PROTOCOL
 * 1.4).
 *
 * @param words the arguments after the program's name
 */
export function readPluginRequest(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): PluginRequest {
  const [first = '', region = '', operation = '', profile = '', request = '', endpoint = ''] =
    words;
  if (words.length === 0) return { kind: 'banner' };
  if (words.length === 1 && first === '--version') return { kind: 'version' };
  if (words.length < FEWEST_WORDS) return { kind: 'unknown-operation', operation: first };
  if (operation !== OPERATION) return { kind: 'invalid-operation' };
  const response = first.startsWith(RESPONSE_VARIABLE) ? (env[first] ?? '') : first;
  try {
    return {
      kind: 'session',
      session: {
        ...readResponse(response),
        targetId: targetOf(request),
        region: region || undefined,
        profile: profile || undefined,
        endpoint: endpoint || undefined,
      },
    };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The wording of Go. Tools only look for the beginning of the line.
    const reason = error.message.charAt(0).toLowerCase() + error.message.slice(1);
    return { kind: 'unreadable', reason };
  }
}

/** The field names of SSM or of ECS: Go's decoder ignores case. */
function readResponse(text: string): ExecSession {
  const fields = new Map(
    Object.entries(Object(JSON.parse(text))).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const field = (name: string): string => {
    const value = fields.get(name.toLowerCase());
    if (typeof value === 'string' && value !== '') return value;
    throw new SyntaxError(`the response has no ${name}`);
  };
  return {
    sessionId: field('SessionId'),
    streamUrl: field('StreamUrl'),
    tokenValue: field('TokenValue'),
  };
}

/** Only sessions with a KMS key need it. */
function targetOf(request: string): string {
  try {
    const { Target: target } = Object(JSON.parse(request));
    return typeof target === 'string' ? target : '';
  } catch {
    return '';
  }
}
