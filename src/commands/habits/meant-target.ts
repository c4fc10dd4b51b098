import { ecshCommand, quoteWord } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { TypedWords } from '../usage-failure.ts';
import { isWholeTarget } from './foreign-commands.ts';
import { adviceFor } from './unknown-command.ts';

/** Failures that a word leads to which names no target. */
const NO_TARGET: readonly string[] = ['not-a-terminal', 'cluster-not-found', 'service-not-found'];

/** Users that people log in as with ssh, and names that a service seldom has. */
const USERS: readonly string[] = [
  'root',
  'ubuntu',
  'ec2-user',
  'admin',
  'postgres',
  'www-data',
  'app',
  'node',
];

/** Commands with `-u`; undefined: only TARGET. */
const HAVE_USERS: readonly (string | undefined)[] = [undefined, 'shell', 'exec', 'run'];

/** `ecsh -i ~/.ssh/key prod/web`: our `-i` has no value, so the key is read as TARGET. */
export function withoutKeyFile(error: EcshError, { argv, line }: TypedWords): EcshError {
  const { target = '' } = line;
  const at = argv.indexOf('-i');
  if (at === -1 || argv[at + 1] !== target || !/^[~./]|\.pem$/.test(target)) return error;
  const rest = argv.toSpliced(at, 2).map(quoteWord).join(' ');
  return new EcshError('usage', 'ECS Exec needs no key file; -i sends stdin.', {
    hint: `Leave it out:  ecsh ${rest}`,
    exitCode: error.exitCode,
    cause: error,
  });
}

/** `root@prod/web`, as with ssh: shows the line as it was typed, with the user as ecsh has it. */
export function withUserFlag(error: EcshError, { argv, line }: TypedWords): EcshError {
  const isInvalid = error.code === 'target-invalid';
  if (!isInvalid && !NO_TARGET.includes(error.code)) return error;
  const at = argv.findIndex((word) => userOf(word, isInvalid) !== undefined);
  const [user = '', place = ''] = userOf(argv[at] ?? '', isInvalid) ?? [];
  if (at === -1) return error;
  const hasUser = HAVE_USERS.includes(line.command);
  const words = argv.toSpliced(at, 1, ...(hasUser ? ['-u', user] : []), place);
  const advice = hasUser ? 'The user is -u' : `${line.command} has no user; leave it out`;
  const hint = `${advice}:  ${ecshCommand(words)}`;
  const { code, message, exitCode, cause } = error;
  const hints = isInvalid ? [hint] : [`What follows @ is a container. ${hint}`, error.hint];
  return new EcshError(code, message, { hint: hints.filter(Boolean).join('\n'), exitCode, cause });
}

/** User and place in `root@prod/web`, or in `root@web` if the user is a common login name. */
function userOf(word: string, isWhole: boolean): readonly [string, string] | undefined {
  const [, user = '', place = ''] = /^([\w.-]+)@(.+)$/s.exec(word) ?? [];
  const isMeant = isWhole ? isWholeTarget(place) : USERS.includes(user);
  return isMeant ? [user, place] : undefined;
}

/** Suggests a command for a first word that turned out not to be a TARGET: `ecsh conifg`. */
export function withMeantCommand(error: EcshError, { argv, line }: TypedWords): EcshError {
  const { code, message, hint, exitCode, cause } = error;
  const { target } = line;
  if (target === undefined || !NO_TARGET.includes(code)) return error;
  const advice = adviceFor(target, argv.slice(argv.indexOf(target) + 1));
  if (advice === undefined) return error;
  if (code === 'not-a-terminal') {
    return new EcshError('usage', `There is no command ${target}.`, { hint: advice });
  }
  const question = `There is no command ${target} either. ${advice}`;
  return new EcshError(code, message, {
    exitCode,
    cause,
    hint: [question, hint].filter(Boolean).join('\n'),
  });
}
