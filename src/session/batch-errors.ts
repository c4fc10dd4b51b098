import { EcshError } from '../domain/errors.ts';

export function imageLacksTools(): EcshError {
  return new EcshError(
    'image-lacks-tools',
    'The image has neither dd with base64 nor dd with od, which exact output needs.',
    { hint: 'Run it on a terminal instead:  ecsh exec -it TARGET -- COMMAND' },
  );
}

export function stdinNeedsStty(): EcshError {
  return new EcshError(
    'stdin-needs-stty',
    'The image has no stty, without which stdin would be echoed into the output.',
    { hint: 'Leave out -i, or use an image with stty (coreutils or busybox).' },
  );
}
