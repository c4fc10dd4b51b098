import { describe, expect, it } from 'vitest';
import { atStreamHost } from '#transport/stream-host.ts';

const URL_OF_AWS =
  'wss://ssmmessages.us-east-1.amazonaws.com/v1/data-channel/s-1?role=publish_subscribe&cell-number=A%2FB=';
const REST = '/v1/data-channel/s-1?role=publish_subscribe&cell-number=A%2FB=';

describe('the stream URL', () => {
  it.each([
    [undefined, 'wss://ssmmessages.us-east-1.amazonaws.com'],
    ['', 'wss://ssmmessages.us-east-1.amazonaws.com'],
    [
      'vpce-0a1b-c2d3.ssmmessages.us-east-1.vpce.amazonaws.com',
      'wss://vpce-0a1b-c2d3.ssmmessages.us-east-1.vpce.amazonaws.com',
    ],
    ['gateway.corp:8443', 'wss://gateway.corp:8443'],
    ['gateway.corp:443', 'wss://gateway.corp'],
    ['wss://gateway.corp/', 'wss://gateway.corp'],
    ['ws://127.0.0.1:4000', 'ws://127.0.0.1:4000'],
    ['[::1]:4000', 'wss://[::1]:4000'],
  ])('for %s keeps its path and query', (streamHost, origin) => {
    expect(atStreamHost(URL_OF_AWS, streamHost)).toBe(`${origin}${REST}`);
  });

  it('loses its own port with its own host', () => {
    expect(atStreamHost('ws://127.0.0.1:4000/v1', 'wss://gateway.corp')).toBe(
      'wss://gateway.corp/v1',
    );
  });

  it.each(['a b', 'host/path', 'https://host', 'me:secret@host', 'host?x=1', 'wss://', ':1'])(
    'cannot be at %s',
    (streamHost) => {
      expect(() => atStreamHost(URL_OF_AWS, streamHost)).toThrow(
        expect.objectContaining({
          code: 'stream-host-invalid',
          message: 'ECSH_STREAM_HOST is not a host.',
        }),
      );
    },
  );
});
