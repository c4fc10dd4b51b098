import { describe, expect, it } from 'vitest';
import { cachePath, configPath, statePath } from '#commands/paths.ts';

describe('files of ecsh', () => {
  it.each<readonly [string, Readonly<Record<string, string>>, readonly (string | undefined)[]]>([
    [
      'are in the home',
      { HOME: '/home/me' },
      ['/home/me/.config/ecsh/config.json', '/home/me/.local/state/ecsh', '/home/me/.cache/ecsh'],
    ],
    [
      'are where XDG says',
      { HOME: '/home/me', XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '/k' },
      ['/c/ecsh/config.json', '/s/ecsh', '/k/ecsh'],
    ],
    [
      'are not where XDG says nothing absolute',
      { HOME: '/h', XDG_CONFIG_HOME: '', XDG_STATE_HOME: 'state', XDG_CACHE_HOME: './k' },
      ['/h/.config/ecsh/config.json', '/h/.local/state/ecsh', '/h/.cache/ecsh'],
    ],
    [
      'are among the application data on Windows',
      { APPDATA: 'C:\\Users\\me\\Roaming', LOCALAPPDATA: 'C:\\Users\\me\\Local' },
      [
        'C:\\Users\\me\\Roaming\\ecsh\\config.json',
        'C:\\Users\\me\\Local\\ecsh',
        'C:\\Users\\me\\Local\\ecsh',
      ],
    ],
    [
      'are where XDG says on Windows too',
      { APPDATA: 'C:\\a', LOCALAPPDATA: 'C:\\b', XDG_CONFIG_HOME: 'D:\\c' },
      ['D:\\c\\ecsh\\config.json', 'C:\\b\\ecsh', 'C:\\b\\ecsh'],
    ],
    ['are nowhere without a home', {}, [undefined, undefined, undefined]],
  ])('%s', (_, env, expected) => {
    expect([configPath(env), statePath(env), cachePath(env)]).toEqual(expected);
  });
});
