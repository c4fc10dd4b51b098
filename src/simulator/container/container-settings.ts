import type { FleetContainer, FleetTask } from '#simulator/fleet/fleet.ts';

/** How a container's processes run, according to its definition and RunTask's overrides. */

/** The argument vector of the container's own program, and where it is defined. */
export interface ContainerProgram {
  readonly words: readonly [string, ...string[]];
  /** True if RunTask sets the command, false if the task definition does. */
  readonly isOverridden: boolean;
}

/** The container's own program; undefined if only its image names one, because the simulator has no images. */
export function programOf(
  task: FleetTask,
  container: FleetContainer,
): ContainerProgram | undefined {
  const override = textsOf(overrideOf(task, container.name).command);
  const { entryPoint, command } = container.definition;
  const isOverridden = override.length > 0;
  const [first, ...rest] = [
    ...textsOf(entryPoint),
    ...(isOverridden ? override : textsOf(command)),
  ];
  return first === undefined ? undefined : { words: [first, ...rest], isOverridden };
}

/** The variables of the definition, overridden by those of RunTask. */
export function variablesOf(
  task: FleetTask,
  container: FleetContainer,
): Readonly<Record<string, string>> {
  const pairs = [container.definition, overrideOf(task, container.name)].flatMap(
    ({ environment }) => (Array.isArray(environment) ? environment : []),
  );
  return Object.fromEntries(
    pairs.map((pair: unknown) => [
      String(Reflect.get(Object(pair), 'name')),
      String(Reflect.get(Object(pair), 'value') ?? ''),
    ]),
  );
}

export interface ContainerHost {
  /** The environment of the simulator itself. */
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  /** Variables that mark the processes of this simulator. */
  readonly markerEnv: (container: FleetContainer) => Readonly<Record<string, string>>;
}

/** The user's own credentials, which are hidden from containers. */
const CREDENTIALS = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
];

/** The environment of a container's processes, without what the exec agent adds. */
export function environmentOf(
  task: FleetTask,
  container: FleetContainer,
  { hostEnv, markerEnv }: ContainerHost,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(hostEnv)) {
    if (value !== undefined && !CREDENTIALS.includes(name)) env[name] = value;
  }
  Object.assign(env, container.env, variablesOf(task, container), markerEnv(container));
  if (container.path !== undefined) env.PATH = container.path;
  return env;
}

/** `containerOverrides` of the task for one container. */
function overrideOf(task: FleetTask, name: string): Readonly<Record<string, unknown>> {
  const { containerOverrides } = task.placement.overrides;
  const list: readonly unknown[] = Array.isArray(containerOverrides) ? containerOverrides : [];
  const found = list.find((entry) => Reflect.get(Object(entry), 'name') === name);
  return Object.fromEntries(Object.entries(Object(found)));
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item: unknown) => typeof item === 'string') : [];
}
