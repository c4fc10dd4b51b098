/** One thing that happens at the keyboard, and what the screen then shows. */
export interface Step {
  /** Typed one key after the other; `\r` is Enter. */
  readonly type: string;
  /** The screen shows this before Enter; a list is drawn in several pieces, its keys last. */
  readonly typed?: RegExp;
  /** The screen shows this when the step is over. */
  readonly until: RegExp;
  /** How long a reader needs, in seconds. */
  readonly pause: number;
}

const PROMPT = /^\$ $/;

/** Lists, picker, shell, a command with its status, and a diagnosis: what ecsh is for, in half a minute. */
export const SCENARIO: readonly Step[] = [
  { type: 'ecsh ls demo\r', until: /\nweb .*\n\$ $/, pause: 2.5 },
  { type: 'clear\r', until: /^\$ $/, pause: 0.3 },
  { type: 'ecsh\r', until: /Cluster \(1\/4\)[\s\S]*cancel/, pause: 1 },
  {
    type: 'demo\r',
    typed: /Cluster \(1\/1 of 4\): demo[\s\S]*cancel/,
    until: /Service in demo[\s\S]*logs/,
    pause: 1,
  },
  {
    type: 'web\r',
    typed: /Service in demo \(1\/1 of 9\): web[\s\S]*logs/,
    until: /Task of demo\/web[\s\S]*logs/,
    pause: 1.2,
  },
  { type: '\r', until: /root@web-99daa657:\/app# $/, pause: 1 },
  { type: 'ls public\r', until: /style\.css\n[^\n]*# $/, pause: 1 },
  { type: 'exit\r', until: /\n\$ $/, pause: 0.8 },
  { type: 'clear\r', until: /^\$ $/, pause: 0.3 },
  {
    type: 'ecsh demo/web sh -c \'echo checking; exit 3\'; echo "status $?"\r',
    until: /status 3\n\$ $/,
    pause: 2,
  },
  { type: 'ecsh doctor --quick demo/off\r', until: /passed[^\n]*\n\$ $/, pause: 4 },
];

export const WIDTH = 84;
export const HEIGHT = 22;
export const FIRST = PROMPT;
/** Seconds from one key to the next. */
export const KEY_TIME = 0.07;
/** Seconds that every answer takes in the picture, however long it took. */
export const ANSWER_TIME = 0.4;
