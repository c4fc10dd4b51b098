const LABEL = '(simulate) ';

/** Variables that show in the prompt of each shell that the simulated account is in use. */
const PROMPTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // Set before each prompt, so that the user's own ~/.bashrc still decides on the rest of it.
  bash: { PROMPT_COMMAND: `PS1="${LABEL}\${PS1#'${LABEL}'}"` },
  zsh: { PS1: `${LABEL}%~ %# ` },
  sh: { PS1: `${LABEL}$ ` },
  dash: { PS1: `${LABEL}$ ` },
  ash: { PS1: `${LABEL}$ ` },
  ksh: { PS1: `${LABEL}$ ` },
  fish: {},
};

/** Fits 80 columns. */
export const WELCOME = [
  'In this shell, ecsh and the AWS CLI use a small AWS on this machine.',
  '  ecsh demo/web           open a shell     ecsh ls demo           list services',
  '  ecsh logs -f demo/web   follow its log   ecsh doctor demo/off   find a fault',
  'The account lasts as long as this shell: exit leaves both.',
] as const;

export const FAREWELL = 'The simulated account is gone.';

/**
 * The variables for an interactive shell that the user starts; undefined for any other command, such
 * as a script.
 */
export function shellVariables(
  command: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const [program, ...rest] = command;
  if (program === undefined || rest.length > 0) return undefined;
  return PROMPTS[program.slice(program.lastIndexOf('/') + 1)];
}
