import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '#index.ts';
import {
  type FixtureServer,
  type Otherwise,
  startFixtureServer,
} from '#test/helpers/fixture-server.ts';
import { assertBuilt, ECSH, Program } from '#test/helpers/program.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const FOLDERS = readdirSync(FIXTURES).filter((name) =>
  existsSync(join(FIXTURES, name, 'expected.json')),
);

beforeAll(assertBuilt);

describe.each(FOLDERS)('doctor on %s', (folder) => {
  const expected: Expected = read(folder, 'expected');
  let aws: FixtureServer;

  beforeAll(async () => {
    aws = await startFixtureServer(join(FIXTURES, folder));
  });

  afterAll(() => aws.close());

  it.each(namesOf(folder))('reports the expected checks for %s', async (target) => {
    await expectToFind(expected, target, aws);
  });

  // In this process, because starting the program takes most of the time.
  it.concurrent.each<Otherwise>(['empty', 'unknown operation', 'server error'])(
    'reports the same if every other call returns: %s',
    async (otherwise) => {
      const [target = ''] = namesOf(folder);
      const poor = await startFixtureServer(join(FIXTURES, folder), otherwise);
      try {
        // The library rejects a target that does not exist. Only the program lists its checks.
        if (expected.target === null) await expectToFind(expected, target, poor);
        else expect(await findInProcess(expected, target, poor)).toEqual(expected);
      } finally {
        poor.close();
      }
    },
  );
});

async function findInProcess(expected: Expected, target: string, aws: FixtureServer) {
  const { AWS_REGION: region, AWS_ENDPOINT_URL: endpointUrl } = aws.environment;
  const credentials = async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' });
  const client = createClient({ region, endpointUrl, credentials });
  const { ready, checks } = await client.doctor(target, { container: expected.target ?? '' });
  return { ...expected, ready, checks: statuses(checks, expected.checks) };
}

async function expectToFind(expected: Expected, target: string, aws: FixtureServer): Promise<void> {
  const container = expected.target === null ? [] : ['-c', expected.target];
  const words = [...ECSH, 'doctor', '--json', target, ...container];
  const { status, stdout, stderr } = await new Program(words, { env: aws.environment }).finished;
  expect(stdout, stderr).not.toBe('');
  const { ready, checks } = JSON.parse(stdout);
  expect({ status, ready, checks: statuses(checks, expected.checks) }).toEqual({
    status: expected.ready ? 0 : 1,
    ready: expected.ready,
    checks: expected.checks,
  });
}

/** Returns the statuses of the checks that `expected` mentions. */
function statuses(
  checks: readonly { readonly id: string; readonly status: string }[],
  expected: Expected['checks'],
): object {
  const found = checks.filter(({ id }) => id in expected);
  return Object.fromEntries(found.map(({ id, status }) => [id, status]));
}

/** Returns every valid target for the task of a folder, or for its service if there is no task. */
function namesOf(folder: string): readonly string[] {
  const { tasks = [], failures = [] } = read(folder, 'describe-tasks');
  const { services = [] } = read(folder, 'describe-services');
  const [arn] = [...tasks.map(({ taskArn }) => taskArn), ...failures.map(({ arn }) => arn)];
  if (arn === undefined) return services.map(({ serviceArn }) => nameIn(serviceArn));
  const names = [arn, nameIn(arn)];
  const service = /^service:(.+)/.exec(tasks[0]?.group ?? '')?.[1];
  return service === undefined ? names : [...names, nameIn(arn).replace(/[^/]+$/, service)];
}

/** Returns `prod/web` for `arn:…:service/prod/web`. */
function nameIn(arn: string): string {
  return arn.split('/').slice(1).join('/');
}

interface Expected {
  /** The container, or null if the target does not exist. */
  readonly target: string | null;
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

interface DescribedTasks {
  readonly tasks?: readonly { readonly taskArn: string; readonly group?: string }[];
  readonly failures?: readonly { readonly arn: string }[];
}

interface DescribedServices {
  readonly services?: readonly { readonly serviceArn: string }[];
}

function read(folder: string, name: 'expected'): Expected;
function read(folder: string, name: 'describe-tasks'): DescribedTasks;
function read(folder: string, name: 'describe-services'): DescribedServices;
function read(folder: string, name: string): unknown {
  const file = join(FIXTURES, folder, `${name}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}
