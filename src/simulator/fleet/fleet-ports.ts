import { type Fields, fleetError } from './fleet-fields.ts';

/**
 * Maps port numbers in the fleet to ports on loopback. `http` is a small web server in the simulator; a port
 * without a mapping is the same port on this machine.
 */
export type PortMap = ReadonlyMap<number, number | 'http'>;

/** A host that containers can reach by its name. */
export interface FleetHost {
  readonly name: string;
  /** The address that its name resolves to. */
  readonly address: string;
  readonly ports: PortMap;
}

/** @throws EcshError `fleet-invalid` */
export function parseHost(fields: Fields, index: number): FleetHost {
  const host = {
    name: fields.requiredText('name'),
    address: fields.text('address') ?? `10.0.254.${index + 10}`,
    ports: parsePortMap(fields),
  };
  fields.finish();
  return host;
}

/** The field `ports`. @throws EcshError `fleet-invalid` */
export function parsePortMap(fields: Fields): PortMap {
  const entries = Object.entries(fields.object('ports')?.all() ?? {});
  return new Map(
    entries.map(([name, value]) => {
      const port = Number(name);
      const where = `${fields.where}.ports`;
      if (!isPort(port)) throw fleetError(where, `has no port "${name}": it must be 1 to 65535`);
      if (value === 'http' || isPort(value)) return [port, value];
      throw fleetError(`${where}.${name}`, 'must be a port of this machine, or "http"');
    }),
  );
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535;
}
