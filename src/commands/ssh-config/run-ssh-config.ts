import type { App } from '#commands/app.ts';
import { isConfirmed } from '#commands/confirmation.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { quoteWord } from '#domain/errors/aws-command.ts';
import { createHostKey } from '#ssh/host-key.ts';
import {
  controlPathIn,
  knownHostsText,
  sshConfigText,
  withBlock,
  withInclude,
  withoutBlock,
  withoutInclude,
} from '#ssh/ssh-config.ts';
import type { Reporter } from '#ui/reporter.ts';
import { type SshFiles, sshFiles } from './ssh-files.ts';

export interface SshConfigCommandOptions extends SharedOptions {
  readonly install?: true | undefined;
  readonly uninstall?: true | undefined;
  readonly suffix: string;
}

/** Asks ssh to read an option, without its configuration and without a connection. */
const WEAK_CRYPTO_QUESTION = ['ssh', '-F', 'none', '-G', '-o', 'WarnWeakCrypto=no', 'host'];

/** @returns 0; 1 when the user declined */
export async function runSshConfig(
  app: App,
  reporter: Reporter,
  options: SshConfigCommandOptions,
): Promise<number> {
  const files = sshFiles(app);
  if (options.uninstall) return uninstall(app, reporter, options, files);
  await ensureHostKey(app, files);
  const programs = await app.programs();
  const text = sshConfigText({
    suffix: options.suffix,
    proxyCommand: proxyCommand(app, options),
    knownHosts: files.knownHosts,
    controlPath: controlPathIn([files.folder, files.userFolder], programs.platform),
    knowsWeakCrypto: await programs.succeeds(WEAK_CRYPTO_QUESTION),
  });
  if (!options.install) {
    app.stdout.write(text);
    return 0;
  }
  const blocks = (await app.files.read(files.config)) ?? '';
  await app.files.write(files.config, withBlock(blocks, options.suffix, text));
  const before = (await app.files.readExact(files.userConfig)) ?? '';
  const after = withInclude(before, files.config);
  const example = `ssh NAME.CLUSTER${options.suffix}`;
  if (!(await changeUserConfig(app, reporter, options, files, { before, after }))) return 1;
  reporter.notice(`Done. Try:  ${example}`);
  return 0;
}

async function uninstall(
  app: App,
  reporter: Reporter,
  options: SshConfigCommandOptions,
  files: SshFiles,
): Promise<number> {
  const before = (await app.files.readExact(files.userConfig)) ?? '';
  const blocks = withoutBlock((await app.files.read(files.config)) ?? '', options.suffix);
  // Other suffixes still need the Include.
  const after = blocks === '' ? withoutInclude(before, files.config) : before;
  if (!(await changeUserConfig(app, reporter, options, files, { before, after }))) return 1;
  await app.files.write(files.config, blocks);
  reporter.notice(`ssh no longer knows names that end with ${options.suffix}.`);
  return 0;
}

interface Change {
  readonly before: string;
  readonly after: string;
}

/** Shows the change, asks, and keeps a copy of the old file. @returns whether the file was changed */
async function changeUserConfig(
  app: App,
  reporter: Reporter,
  options: SshConfigCommandOptions,
  { userConfig }: SshFiles,
  { before, after }: Change,
): Promise<boolean> {
  if (before === after) return true;
  const [added, removed] = [linesOnlyIn(after, before), linesOnlyIn(before, after)];
  reporter.notice(`${userConfig}:`);
  for (const line of removed) reporter.notice(`- ${line}`);
  for (const line of added) reporter.notice(`+ ${line}`);
  const again = `ecsh ssh-config ${options.uninstall ? '--uninstall' : '--install'}`;
  if (!(await isConfirmed(app, options, `Change ${userConfig}?`, again))) {
    reporter.notice('Nothing was changed.');
    return false;
  }
  if (before !== '') {
    await app.files.writeExact(`${userConfig}.before-ecsh`, before);
    reporter.notice(`The old file is ${userConfig}.before-ecsh.`);
  }
  await app.files.writeExact(userConfig, after);
  return true;
}

function linesOnlyIn(text: string, other: string): readonly string[] {
  const known = other.split('\n');
  return text.split('\n').filter((line) => line !== '' && !known.includes(line));
}

/** One key is enough for all containers: the server is always this program, on a pipe that ssh made. */
async function ensureHostKey(app: App, { hostKey, knownHosts }: SshFiles): Promise<void> {
  if (
    (await app.files.read(hostKey)) !== undefined &&
    (await app.files.read(knownHosts)) !== undefined
  ) {
    return;
  }
  const key = createHostKey();
  await app.files.write(hostKey, key.privateKey);
  await app.files.write(knownHosts, knownHostsText(key.publicKey));
}

function proxyCommand({ self }: App, options: SshConfigCommandOptions): string {
  const { suffix, profile, region, endpointUrl } = options;
  const flags = { '--profile': profile, '--region': region, '--endpoint-url': endpointUrl };
  const given = Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [`${flag}=${value}`],
  );
  const words = [...self, 'ssh-proxy', '--suffix', suffix, ...given];
  // ssh puts `exec` before the command, so no shell stays.
  return `${words.map((word) => quoteWord(word).replaceAll('%', '%%')).join(' ')} %n`;
}
