import { Chalk } from 'chalk';

const COLORS = ['cyan', 'yellow', 'green', 'magenta', 'blue', 'red'] as const;

/** Gives each label its own colour, in the order in which labels first appear; none without colour. */
export function createLabelColors(hasColor: boolean): (label: string) => string {
  const chalk = new Chalk({ level: hasColor ? 1 : 0 });
  const order = new Map<string, number>();
  return (label) => {
    const index = order.get(label) ?? order.size;
    order.set(label, index);
    return chalk[COLORS[index % COLORS.length] ?? 'cyan'](label);
  };
}
