import { expect, test } from 'vitest';
import { errorsPage } from '../../build/docs/errors.ts';
import { loggingPage } from '../../build/docs/logging.ts';
import { permissionsPage } from '../../build/docs/permissions.ts';
import { troubleshootingPage } from '../../build/docs/troubleshooting.ts';

test.each([
  ['permissions', permissionsPage],
  ['errors', errorsPage],
  ['logging', loggingPage],
  ['troubleshooting', troubleshootingPage],
])('docs/%s.md says what the commands do', async (name, page) => {
  await expect(page()).toMatchFileSnapshot(`../../docs/${name}.md`);
});
