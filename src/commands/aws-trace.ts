import type { Reporter } from '#ui/reporter.ts';
import type { AwsSettings } from './app.ts';

/** Reports calls to AWS, for stderr and the debug log. */
export type AwsTrace = Pick<AwsSettings, 'onCredentials' | 'onCall' | 'onSlow'>;

/** Reports when credentials were found and every call (`--debug`), and that AWS is slow. */
export function traceAws(reporter: Reporter): AwsTrace {
  let isFound = false;
  return {
    onCredentials: () => {
      // Every client asks for credentials; the first answer is enough.
      if (!isFound) reporter.debug('credentials');
      isFound = true;
    },
    onCall: (text) => reporter.debug(text),
    onSlow: reportSlowness(reporter),
  };
}

/** Reports slowness only once, although many calls may be slow at the same time. */
export function reportSlowness(reporter: Reporter): (text: string) => void {
  let isReported = false;
  return (text) => {
    if (!isReported) reporter.notice(text);
    isReported = true;
  };
}
