import type { Reporter } from '#ui/reporter.ts';
import type { AwsSettings } from './app.ts';

/** For `--debug`, where no session tells its phases: when credentials were found, and every call. */
export function traceAws(reporter: Reporter): Pick<AwsSettings, 'onCredentials' | 'onCall'> {
  let isFound = false;
  return {
    onCredentials: () => {
      // Every client asks for them.
      if (!isFound) reporter.debug('credentials');
      isFound = true;
    },
    onCall: (text) => reporter.debug(text),
  };
}
