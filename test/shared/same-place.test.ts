import { describe, expect, it } from 'vitest';
import type { RelayPlace } from '#shared/relay-messages.ts';
import { isServed } from '#shared/same-place.ts';
import { readyTarget } from '#test/fakes/fake-remote.ts';

/** Container app of service web in cluster prod. */
const target = readyTarget();
const ID = '0f9de17a6465404e8b1b2356dc13c2f8';
const OWN: RelayPlace = { target: 'prod/web' };

function served(asked: string | RelayPlace, own: RelayPlace = OWN): boolean {
  return isServed({ place: own, target }, typeof asked === 'string' ? { target: asked } : asked);
}

describe('a session serves', () => {
  it.each([
    'prod/web',
    'prod/service:web',
    'prod/web@app',
    `prod/${ID}`,
    `prod/task:${ID.slice(0, 8)}`,
    `prod/${ID}@app`,
    target.task.taskArn,
    `${target.task.taskArn}@app`,
  ])('%s', (words) => {
    expect(served(words)).toBe(true);
  });

  it('a cluster and a container given as flags', () => {
    expect(served({ target: 'web', cluster: 'prod', container: 'app' })).toBe(true);
  });

  it('every way to name its container, if it was opened for a named container', () => {
    expect(served('prod/web@app', { target: 'prod/web@app' })).toBe(true);
  });
});

describe('a session does not serve', () => {
  it.each([
    'web',
    'test/web',
    'prod/worker',
    'prod/web@sidecar',
    'prod/family:web',
    `prod/${ID.slice(0, 7)}`,
    `prod/${ID.slice(0, 8)}ffff`,
    `test/${ID}`,
  ])('%s', (words) => {
    expect(served(words)).toBe(false);
  });

  it('the default container, if it was opened for a named container', () => {
    expect(served('prod/web', { target: 'prod/web@app' })).toBe(false);
    expect(served('prod/web', { target: 'prod/web', container: 'app' })).toBe(false);
  });

  it.each<Partial<RelayPlace>>([
    { region: 'eu-west-1' },
    { profile: 'other' },
    { endpointUrl: 'http://127.0.0.1:1' },
  ])('another account or region: %j', (other) => {
    expect(served({ ...OWN, ...other })).toBe(false);
  });
});
