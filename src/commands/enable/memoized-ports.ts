import type { DoctorPorts } from '#domain/ports/doctor-ports.ts';

/** The same ports, which make each call once: several containers are judged by the same answers. */
export function memoizedPorts(ports: DoctorPorts): DoctorPorts {
  return {
    ...ports,
    ecs: memoized(ports.ecs),
    sts: memoized(ports.sts),
    iam: memoized(ports.iam),
    ec2: memoized(ports.ec2),
    keys: memoized(ports.keys),
    logs: memoized(ports.logs),
    s3: memoized(ports.s3),
  };
}

/** Answers are kept by the method and its arguments, failures too. */
function memoized<T extends object>(port: () => Promise<T>): () => Promise<T> {
  const answers = new Map<string, unknown>();
  return async () =>
    new Proxy(await port(), {
      get(api, name) {
        const method: unknown = Reflect.get(api, name);
        if (typeof method !== 'function') return method;
        return (...args: readonly unknown[]) => {
          const key = JSON.stringify([String(name), ...args]);
          if (!answers.has(key)) answers.set(key, Reflect.apply(method, api, args));
          return answers.get(key);
        };
      },
    });
}
