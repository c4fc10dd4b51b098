import type { ContainerPage, TaskPage } from '#describe/task-page.ts';
import { ageText } from '#ui/age.ts';
import { plainText } from '#ui/plain-text.ts';
import { field, type PageView, paragraph, section, tagsText } from './page-lines.ts';

export function taskLines(page: TaskPage, view: PageView): readonly string[] {
  const { now } = view;
  const owner = page.service === null ? `family ${page.family}` : `service ${page.service}`;
  const head = `Task ${page.taskId} of ${owner} in cluster ${page.cluster}: ${page.lastStatus}`;
  return [
    ...paragraph(head, view, '').map((line) => view.style('bold', line)),
    ...field('Stopped because', stopReasonOf(page), view),
    ...field('Task definition', page.taskDefinition, view),
    ...field('Launch', launchText(page), view),
    ...field('Network', networkText(page), view),
    ...field('ECS Exec', page.enableExecuteCommand ? 'on' : 'off when it was started', view),
    ...field('Started', agoText(page.startedAt ?? page.createdAt, now), view),
    ...field('Started by', page.startedBy ?? '', view),
    ...field('Stopped', agoText(page.stoppedAt, now), view),
    ...field('Tags', tagsText(page.tags), view),
    ...page.containers.flatMap((container) => containerLines(page, container, view)),
  ];
}

function containerLines(
  page: TaskPage,
  container: ContainerPage,
  view: PageView,
): readonly string[] {
  const { name, lastStatus, healthStatus, image } = container;
  const isHealthKnown = healthStatus !== null && healthStatus !== 'UNKNOWN';
  const state = `${lastStatus}${isHealthKnown ? `, ${healthStatus}` : ''}`;
  return section(
    plainText(`Container ${name}: ${state}`),
    [
      ...field('Exited', exitText(container), view),
      ...field('Image', image ?? '', view),
      ...field('Digest', digestText(container, view), view),
      ...field('Exec', page.lastStatus === 'STOPPED' ? '' : execText(container), view),
      ...field('Runtime id', view.width === undefined ? (container.runtimeId ?? '') : '', view),
    ],
    view,
  );
}

function execText({ exec }: ContainerPage): string {
  return exec.ready ? 'ready' : `${exec.code ?? 'not ready'}: ${exec.reason ?? ''}`;
}

/** `UserInitiated: Stopped with ecsh stop`; empty of a task that runs. */
export function stopReasonOf({ stopCode, stoppedReason }: TaskPage): string {
  return [stopCode, stoppedReason].filter((part) => part !== null).join(': ');
}

/** `exit 137: OutOfMemoryError…`; empty of a container that has not exited. */
export function exitText({ exitCode, reason }: ContainerPage): string {
  return [exitCode === null ? null : `exit ${exitCode}`, reason]
    .filter((part) => part !== null)
    .join(': ');
}

function launchText({ launch, platformVersion, containerInstanceArn }: TaskPage): string {
  const instance = containerInstanceArn?.split('/').at(-1);
  return [
    launch,
    platformVersion === null ? null : `platform ${platformVersion}`,
    instance === undefined ? null : `container instance ${instance}`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

function networkText({ network }: TaskPage): string {
  if (network === null) return '';
  const { privateIp, networkInterface, subnet } = network;
  return [privateIp, networkInterface, subnet].filter((part) => part !== null).join(', ');
}

function digestText({ imageDigest }: ContainerPage, { width }: PageView): string {
  if (imageDigest === null || width === undefined) return imageDigest ?? '';
  return imageDigest.replace(/^(sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1');
}

function agoText(time: Date | null, now: number): string {
  return time === null ? '' : `${ageText(time, now)} ago, ${time.toISOString()}`;
}
