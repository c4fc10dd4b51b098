import { describe, expect, it } from 'vitest';
import { pluginEndpoint } from '#plugin/plugin-endpoint.ts';

const OF_ECS = 'ecs-execute-command-0123';
const OF_SSM = 'user-0123';

describe('the endpoint of a session that another program has started', () => {
  it.each<[string, string, string | undefined, object]>([
    ['ECS itself has no session calls', OF_ECS, 'https://ecs.eu-west-1.amazonaws.com', {}],
    ['ECS in China has none', OF_ECS, 'https://ecs.cn-north-1.amazonaws.com.cn', {}],
    ['ECS over IPv6 has none', OF_ECS, 'https://ecs.eu-west-1.api.aws', {}],
    [
      'ECS at a VPC endpoint has none',
      OF_ECS,
      'https://vpce-1.ecs.eu-west-1.vpce.amazonaws.com',
      {},
    ],
    [
      'the caller used SSM itself',
      OF_SSM,
      'https://vpce-1.ssm.eu-west-1.vpce.amazonaws.com',
      { ssmEndpointUrl: 'https://vpce-1.ssm.eu-west-1.vpce.amazonaws.com' },
    ],
    [
      'an emulator serves everything',
      OF_ECS,
      'http://127.0.0.1:4566',
      { endpointUrl: 'http://127.0.0.1:4566' },
    ],
    [
      'a host that only looks like AWS is not AWS',
      OF_ECS,
      'https://amazonaws.com.example',
      { endpointUrl: 'https://amazonaws.com.example' },
    ],
    ['no endpoint', OF_ECS, undefined, {}],
    ['an endpoint that is not a URL', OF_SSM, 'somewhere', {}],
  ])('%s', (_name, sessionId, endpoint, expected) => {
    const session = {
      ...{ sessionId, streamUrl: 'wss://x', tokenValue: 't', targetId: '' },
      ...{ region: undefined, profile: undefined, endpoint },
    };
    expect(pluginEndpoint(session)).toEqual(expected);
  });
});
