import { PayloadType } from '#protocol/message.ts';
import type { AgentChannel } from '#simulator/agent/agent-channel.ts';

/** PROTOCOL 3.6. */
export const PortFlag = { disconnect: 1, terminate: 2, connectError: 3 } as const;

/** The longest data payload that the agent sends from a port. */
export const STREAM_DATA_LENGTH = 1024;

/** The flag of a payload; 0 if it is too short. */
export function readFlag(payload: Buffer): number {
  return payload.length < 4 ? 0 : payload.readUInt32BE(0);
}

export function sendFlag(channel: AgentChannel, flag: number): void {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(flag);
  channel.send(PayloadType.flag, payload);
}
