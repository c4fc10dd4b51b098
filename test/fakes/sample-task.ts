import { readFileSync } from 'node:fs';
import { toTask } from '#aws/ecs/ecs-answer.ts';
import type { Container, Task } from '#domain/resolve/task.ts';

export const RUNNING_AGENT = {
  name: 'ExecuteCommandAgent',
  lastStatus: 'RUNNING',
  lastStartedAt: new Date('2026-03-01T14:40:30Z'),
};

const ACCOUNT = 'arn:aws:ecs:us-east-1:123456789012';

export function clusterArn(name: string): string {
  return `${ACCOUNT}:cluster/${name}`;
}

export function taskArn(id: string, cluster = 'prod'): string {
  return `${ACCOUNT}:task/${cluster}/${id}`;
}

export function serviceArn(name: string, cluster = 'prod'): string {
  return `${ACCOUNT}:service/${cluster}/${name}`;
}

export function sampleContainer(name: string, changes: Partial<Container> = {}): Container {
  return {
    name,
    runtimeId: `runtime-of-${name}`,
    lastStatus: 'RUNNING',
    managedAgents: [RUNNING_AGENT],
    ...changes,
  };
}

/** A ready task of service `web`, family `site`, with one container `app`. */
export function sampleTask(id: string, changes: Partial<Task> = {}): Task {
  return {
    taskArn: taskArn(id),
    clusterArn: clusterArn('prod'),
    taskDefinitionArn: `${ACCOUNT}:task-definition/site:42`,
    group: 'service:web',
    lastStatus: 'RUNNING',
    desiredStatus: 'RUNNING',
    launchType: 'FARGATE',
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    enableExecuteCommand: true,
    startedAt: new Date('2026-03-01T14:40:00Z'),
    tags: [],
    attachments: [],
    overrides: { containers: [] },
    containers: [sampleContainer('app')],
    ...changes,
  };
}

export function readFixture(path: string): unknown {
  const url = new URL(`../fixtures/${path}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'), reviveDates);
}

/** The task of a `describe-tasks.json`, read by the adapter for real answers. */
export function taskOfFixture(folder: string): Task | undefined {
  const answer = readFixture(`${folder}/describe-tasks.json`);
  const tasks = Reflect.get(Object(answer), 'tasks');
  return Array.isArray(tasks) ? tasks.flatMap(toTask)[0] : undefined;
}

function reviveDates(key: string, value: unknown): unknown {
  return typeof value === 'string' && /(?:At|Date)$/.test(key) ? new Date(value) : value;
}
