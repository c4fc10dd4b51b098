import type { RelayRequest } from '#shared/relay-messages.ts';

/** A request from a client of `ecsh connect`: `cat` in demo/web, with stdin. */
export const SAMPLE_RELAY_REQUEST: RelayRequest = {
  place: { target: 'demo/web' },
  argv: ['cat'],
  env: {},
  hasStdin: true,
  mergesStderr: false,
  killAfterMs: 5_000,
};
