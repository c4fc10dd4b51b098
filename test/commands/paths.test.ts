import { describe, expect, it } from 'vitest';
import { cachePath, configPath, statePath } from '#commands/paths.ts';

describe('files of ecsh', () => {
  it.each<readonly [string, Readonly<Record<string, string>>, readonly (string | undefined)[]]>([
    [
      'are in the home folder',
      { HOME: '/home/me' },
      ['/home/me/.config/ecsh/config.json', '/home/me/.local/state/ecsh', '/home/me/.cache/ecsh'],
    ],
    [
      'follow absolute XDG variables',
      { HOME: '/home/me', XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '/k' },
      ['/c/ecsh/config.json', '/s/ecsh', '/k/ecsh'],
    ],
    [
      'ignore relative XDG variables',
      { HOME: '/h', XDG_CONFIG_HOME: '', XDG_STATE_HOME: 'state', XDG_CACHE_HOME: './k' },
      ['/h/.config/ecsh/config.json', '/h/.local/state/ecsh', '/h/.cache/ecsh'],
    ],
    [
      'are in the application data folders on Windows',
      { APPDATA: 'C:\\Users\\me\\Roaming', LOCALAPPDATA: 'C:\\Users\\me\\Local' },
      [
        'C:\\Users\\me\\Roaming\\ecsh\\config.json',
        'C:\\Users\\me\\Local\\ecsh',
        'C:\\Users\\me\\Local\\ecsh',
      ],
    ],
    [
      'follow XDG variables on Windows too',
      { APPDATA: 'C:\\a', LOCALAPPDATA: 'C:\\b', XDG_CONFIG_HOME: 'D:\\c' },
      ['D:\\c\\ecsh\\config.json', 'C:\\b\\ecsh', 'C:\\b\\ecsh'],
    ],
    ['do not exist without a home folder', {}, [undefined, undefined, undefined]],
  ])('%s', (_, env, expected) => {
    expect([configPath(env), statePath(env), cachePath(env)]).toEqual(expected);
  });
});
