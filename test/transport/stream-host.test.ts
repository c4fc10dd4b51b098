import { describe, expect, it } from 'vitest';
import { assertTrusted, atStreamHost } from '#transport/stream-host.ts';

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

  it('loses its own port together with its own host', () => {
    expect(atStreamHost('ws://127.0.0.1:4000/v1', 'wss://gateway.corp')).toBe(
      'wss://gateway.corp/v1',
    );
  });

  it.each(['a b', 'host/path', 'https://host', 'me:secret@host', 'host?x=1', 'wss://', ':1'])(
    'cannot have the host %s',
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

describe('the address of a data channel', () => {
  it.each([
    'wss://ssmmessages.us-east-1.amazonaws.com/v1',
    'wss://ssmmessages-fips.us-gov-west-1.amazonaws.com/v1',
    'wss://ssmmessages.us-east-1.api.aws/v1',
    'wss://ssmmessages.cn-north-1.amazonaws.com.cn/v1',
    'wss://vpce-0a1b-c2d3.ssmmessages.us-east-1.vpce.amazonaws.com/v1',
    'wss://ssmmessages.us-iso-east-1.c2s.ic.gov/v1',
  ])('%s is accepted as one of AWS', (url) => {
    expect(() => assertTrusted(url, undefined)).not.toThrow();
  });

  it.each([
    'wss://evil.example/v1',
    'wss://ssmmessages.us-east-1.amazonaws.com.evil.example/v1',
    'wss://evilssmmessages.us-east-1.amazonaws.com/v1',
    'wss://ec2.us-east-1.amazonaws.com/v1',
    'wss://ssmmessages.amazonaws.com/v1',
    'wss://127.0.0.1/v1',
  ])('%s is refused', (url) => {
    const { host } = new URL(url);
    expect(() => assertTrusted(url, undefined)).toThrow(
      expect.objectContaining({
        code: 'stream-url-invalid',
        message: `AWS named ${host} for the data channel, no host of Session Manager.`,
        hint: `Nothing was sent to it. Where that host is right, name it:  ECSH_STREAM_HOST=wss://${host}`,
      }),
    );
  });

  it.each([undefined, 'https://vpce.example'])('requires TLS with the endpoint %s', (endpoint) => {
    expect(() => assertTrusted('ws://127.0.0.9:80/v1', endpoint)).toThrow(
      expect.objectContaining({
        code: 'stream-url-invalid',
        message: 'AWS named an unencrypted data channel, to 127.0.0.9.',
      }),
    );
  });

  it('may be plain with a plain endpoint, and with a stream host of the user', () => {
    expect(() => assertTrusted('ws://127.0.0.1:1/v1', 'http://127.0.0.1:2')).not.toThrow();
    expect(() => assertTrusted('wss://gateway.corp/v1', 'https://ecs.corp')).not.toThrow();
  });
});
