import { describe, expect, it } from 'vitest';
import { nameOfPath, parseSide, planCopy } from '#copy/copy-sides.ts';
import { EcshError } from '#domain/errors/errors.ts';

const ARN = 'arn:aws:ecs:eu-west-1:123456789012:task/prod/0f9de17a6465404e8b1b2356dc13c2f8';

describe('one side of a copy', () => {
  it.each<readonly [string, string | undefined, string]>([
    ['prod/web:/tmp/x', 'prod/web', '/tmp/x'],
    ['web:x', 'web', 'x'],
    ['prod/web@app:/a:b', 'prod/web@app', '/a:b'],
    ['-:/tmp', '-', '/tmp'],
    [':/tmp', undefined, '/tmp'],
    ['service:web:/x', 'service:web', '/x'],
    ['prod/task:0f9d:/x', 'prod/task:0f9d', '/x'],
    ['family:prod/jobs@app:/x', 'family:prod/jobs@app', '/x'],
    // A service can have this name.
    ['service:/x', 'service', '/x'],
    ['prod/task:x', 'prod/task', 'x'],
    [`${ARN}:/x`, ARN, '/x'],
    [`${ARN}@app:/x:y`, `${ARN}@app`, '/x:y'],
    ['web:/with\nnewline', 'web', '/with\nnewline'],
  ])('%j is remote', (text, target, path) => {
    expect(parseSide(text)).toEqual({ kind: 'remote', target, path });
  });

  it.each(['file', './a:b', '/a:b', '../a:b', 'C:\\file', '--', 'dir/file'])(
    '%j is local',
    (path) => {
      expect(parseSide(path)).toEqual({ kind: 'local', path });
    },
  );

  it('- is a stream', () => {
    expect(parseSide('-')).toEqual({ kind: 'stream' });
  });
});

describe('the words of a copy', () => {
  it('can name several sources for a container', () => {
    expect(planCopy(['a', 'b', 'web:/tmp'])).toEqual({
      direction: 'upload',
      sources: [
        { kind: 'local', path: 'a' },
        { kind: 'local', path: 'b' },
      ],
      to: { kind: 'remote', target: 'web', path: '/tmp' },
    });
  });

  it('can name several sources in containers', () => {
    expect(planCopy(['web:/a', 'api:/b', '.'])).toEqual({
      direction: 'download',
      sources: [
        { kind: 'remote', target: 'web', path: '/a' },
        { kind: 'remote', target: 'api', path: '/b' },
      ],
      to: { kind: 'local', path: '.' },
    });
  });

  it.each<readonly [readonly string[], string]>([
    [['web:/a'], 'A copy needs a source and a destination.'],
    [['a', 'b'], 'Neither side is in a container.'],
    [['-', '-'], 'Neither side is in a container.'],
    [['web:/a', 'api:/b'], 'Both sides are in containers: one side must be a local path.'],
    [['web:', '.'], 'There is no path after "web:".'],
    [['web:/a', ''], 'A path is empty.'],
    [['a', '-', 'web:/tmp'], '"-" can only be the one source, or the destination of one source.'],
    [
      ['web:/a', 'web:/b', '-'],
      '"-" can only be the one source, or the destination of one source.',
    ],
  ])('%j are rejected', (words, message) => {
    const error = errorOf(() => planCopy(words));
    expect(error).toMatchObject({ code: 'usage', message });
  });
});

it.each<readonly [readonly string[], string]>([
  [['a'], 'For example:  ecsh cp a TARGET:/tmp/\nExamples:  ecsh cp --help'],
  [['a', 'prod/web'], 'Write it TARGET:/path, for example:  ecsh cp a prod/web:/tmp/'],
  [['a', 'prod/web:'], 'For example:  ecsh cp a prod/web:/tmp/'],
  [['prod/web:', '.'], 'For example:  ecsh cp prod/web:/etc/hosts .'],
  [['a', 'root@prod/web:/tmp/'], 'Leave the user out:  ecsh cp a prod/web:/tmp/'],
  [['me@prod/web@app:/a', '.'], 'Leave the user out:  ecsh cp prod/web@app:/a .'],
  [['a', 's3://bucket/a'], 'S3 is for the AWS CLI:  aws s3 cp a s3://bucket/a'],
])('%j gets a suggested command', (words, hint) => {
  expect(errorOf(() => planCopy(words))).toMatchObject({ code: 'usage', hint });
});

function errorOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof EcshError) return error;
    throw error;
  }
}

it.each([
  ['/var/log/app.log', 'app.log'],
  ['app.log', 'app.log'],
  ['/var/log/', 'log'],
  ['/var/log/.', ''],
  ['..', ''],
  ['~', ''],
  ['~/x', 'x'],
  ['/', ''],
  ['dir/.hidden', '.hidden'],
])('%j is named %j at the destination', (path, name) => {
  expect(nameOfPath(path)).toBe(name);
});
