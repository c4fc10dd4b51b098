import { type DoctorCheck, forTask, type TaskContext } from '#doctor/check-model.ts';
import { judge, knownValue } from '#doctor/finding.ts';
import type { ContainerDetails, TaskDefinitionDetails } from '#domain/ports/ecs-responses.ts';
import { type CheckOutcome, skip } from '#domain/readiness/readiness-model.ts';
import { isWindows } from '#domain/resolve/selection.ts';
import type { Container } from '#domain/resolve/task.ts';

export interface TaskDefinitionContext extends TaskContext {
  readonly taskDefinition: TaskDefinitionDetails;
}

export interface DefinitionContext extends TaskDefinitionContext {
  readonly container: Container;
  readonly definition: ContainerDetails;
}

/** Why a check does not apply; undefined if it does. */
type SkipReason = (context: TaskContext) => string | undefined;

/** A check of the task definition. */
export function forTaskDefinition(
  run: (context: TaskDefinitionContext) => CheckOutcome,
  skipReason: SkipReason = () => undefined,
): DoctorCheck['run'] {
  return forTask((context) => {
    const reason = skipReason(context);
    if (reason !== undefined) return skip(reason);
    return judge(context.evidence.taskDefinition, (taskDefinition) =>
      taskDefinition === undefined
        ? { status: 'unknown', message: 'ECS does not know the task definition any more.' }
        : run({ ...context, taskDefinition }),
    );
  });
}

/** A check of the chosen container's definition. */
export function forDefinition(
  run: (context: DefinitionContext) => CheckOutcome,
  skipReason?: SkipReason,
): DoctorCheck['run'] {
  return forTaskDefinition((context) => {
    const { container, taskDefinition } = context;
    if (container === undefined) return skip('No container is chosen.');
    const definition = taskDefinition.containerDefinitions?.find(
      ({ name }) => name === container.name,
    );
    if (definition === undefined) return skip(`${container.name} is not in the task definition.`);
    return run({ ...context, container, definition });
  }, skipReason);
}

export function windows(context: TaskContext): string | undefined {
  return runsWindows(context) ? 'Windows.' : undefined;
}

export function linux(context: TaskContext): string | undefined {
  return runsWindows(context) ? undefined : 'Linux.';
}

/** On EC2 the task does not report its platform, but its definition or its instance does. */
export function runsWindows({ task, evidence }: TaskContext): boolean {
  const family = osFamily({ evidence });
  return isWindows(task) || /windows/i.test(family ?? '');
}

/** `WINDOWS_SERVER_2022_CORE` or `LINUX`; undefined if neither the definition nor the instance has one. */
export function osFamily({ evidence }: Pick<TaskContext, 'evidence'>): string | undefined {
  const definition = knownValue(evidence.taskDefinition)?.runtimePlatform?.operatingSystemFamily;
  return definition ?? instanceAttribute({ evidence }, 'ecs.os-family');
}

/** An attribute of the container instance, by its name. */
export function instanceAttribute(
  { evidence }: Pick<TaskContext, 'evidence'>,
  wanted: string,
): string | undefined {
  const { attributes = [] } = knownValue(evidence.containerInstance) ?? {};
  return attributes.find(({ name }) => name === wanted)?.value;
}

/** The container's environment variables; values that we cannot read are undefined. */
export function containerEnvironment({
  task,
  definition,
}: Pick<DefinitionContext, 'task' | 'definition'>): ReadonlyMap<string, string | undefined> {
  const { name, environment = [], secrets = [] } = definition;
  const overrides = task.overrides.containers.filter((override) => override.name === name);
  const variables = [...environment, ...overrides.flatMap((override) => override.environment)];
  return new Map([
    ...secrets.map((secret) => [secret.name ?? '', undefined] as const),
    // Overrides of RunTask take precedence over the definition.
    ...variables.map((variable) => [variable.name ?? '', variable.value] as const),
  ]);
}
