import type { Readable, Writable } from 'node:stream';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { describeDestination, type PortDestination } from '#domain/port-forward.ts';
import { runForward } from './forward.ts';
import { destinationRefused } from './forward-errors.ts';
import type { ForwardOptions, ForwardPorts } from './forward-options.ts';
import type { Listen } from './listener.ts';
import { StdioConnection } from './stdio-connection.ts';

export interface StdioRequest {
  readonly destination: PortDestination;
  readonly stdin: Readable;
  readonly stdout: Writable;
}

/**
 * Connects our stdin and stdout to a port, for programs that start another one to be connected, as ssh does with
 * ProxyCommand.
 *
 * @returns the exit status: 0 if the remote side has closed the connection
 * @throws EcshError `connection-refused`, `connection-lost`, or the reason why there is no session
 */
export async function runStdio(
  ports: Omit<ForwardPorts, 'listen'>,
  options: ForwardOptions,
  { destination, stdin, stdout }: StdioRequest,
): Promise<number> {
  const connection = new StdioConnection(stdin, stdout);
  let accept: () => void = () => undefined;
  const listen: Listen = async (_request, onConnection) => {
    accept = () => onConnection(connection);
    return { addresses: [], port: 0, close: () => undefined };
  };
  let wasReset = false;
  const status = await runForward(
    { ...ports, listen },
    {
      ...options,
      forwards: [{ ...destination, localPort: 0 }],
      onReady: (_open, stop) => {
        accept();
        void connection.ended.then((end) => {
          wasReset = end === 'reset';
          stop(end === 'broken-pipe' ? ExitStatus.brokenPipe : ExitStatus.ok);
        });
      },
      run: undefined,
    },
  );
  // A signal, such as ssh sends to its ProxyCommand at the end, resets the connection too.
  if (!wasReset || status !== ExitStatus.ok) return status;
  const name = describeDestination(destination);
  if (!connection.hasOutput) throw destinationRefused(name, 'it was refused, or broke off');
  throw new EcshError('connection-lost', `The connection to ${name} broke off.`);
}
