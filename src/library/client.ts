import type { LocalCopies } from '#copy/local-copies.ts';
import type { DoctorPorts } from '#domain/ports/doctor-ports.ts';
import type { Listen } from '#forward/listener.ts';
import type { Client } from './client-options.ts';
import { connectIn } from './connect.ts';
import { execIn } from './exec.ts';
import { execAllIn, listIn } from './exec-all.ts';
import type { ClientOptions } from './options.ts';
import { accessFor, describeTarget, findTarget, type World } from './session-context.ts';
import { openShellIn } from './shell.ts';

/** The parts of this machine that a client uses in addition to AWS. */
export interface ClientWorld extends World {
  copies(): Promise<LocalCopies>;
  listen: Listen;
  doctor(settings: ClientOptions): Promise<DoctorPorts>;
}

export function clientIn(world: ClientWorld, settings: ClientOptions): Client {
  const { region, profile, endpointUrl } = settings;
  const place = { region, profile, endpointUrl };
  return {
    exec: (target, argv, options) => execIn(world, target, argv, { ...options, ...place }),
    execAll: (target, argv, options) => execAllIn(world, target, argv, { ...options, ...place }),
    connect: (target, options) => connectIn(world, target, { ...options, ...place }),
    shell: (target, options) => openShellIn(world, target, { ...options, ...place }),
    async cp(source, destination, options) {
      const { copyIn } = await import('./copy.ts');
      return copyIn(world, source, destination, { ...options, ...place });
    },
    async forward(target, forwards, options) {
      const { forwardIn } = await import('./forward.ts');
      return forwardIn(world, target, forwards, { ...options, ...place });
    },
    async resolve(target, options) {
      const given = { ...options, ...place };
      return describeTarget(
        await findTarget(world, accessFor(world, target, given), target, given),
      );
    },
    list: (target, options) => listIn(world, target, { ...options, ...place }),
    async doctor(target, options) {
      const { doctorIn } = await import('./doctor.ts');
      return doctorIn(world, await world.doctor(settings), target, { ...options, ...place });
    },
  };
}
