import { describe, expect, it } from 'vitest';
import { logPlaceOf } from '#logs/log-streams.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

type Options = Readonly<Record<string, string>>;

function reasonOf(logDriver: string, options: Options): string | undefined {
  const definition = { logConfiguration: { logDriver, options } };
  const place = logPlaceOf(sampleTask('4'.repeat(32)), sampleContainer('app'), definition);
  return place.kind === 'unreadable' ? place.log.reason : undefined;
}

describe('the location of a log with another driver', () => {
  it.each<readonly [string, Options, string]>([
    ['awsfirelens', { Name: 'datadog', apikey: 'secret' }, 'FireLens sends its log to datadog'],
    [
      'awsfirelens',
      { Name: 'cloudwatch_logs', log_group_name: '/web' },
      'FireLens sends its log to cloudwatch_logs, /web',
    ],
    ['awsfirelens', { '@type': 'forward' }, 'FireLens sends its log to forward'],
    [
      'awsfirelens',
      { 'config-file-type': 'file' },
      'FireLens routes its log: look at the output that its router is configured with',
    ],
    [
      'splunk',
      { 'splunk-url': 'https://me:word@splunk.example:8088', 'splunk-token': 'secret' },
      'its log goes to Splunk: https://splunk.example:8088',
    ],
    ['splunk', {}, 'its log goes to Splunk'],
    [
      'fluentd',
      { 'fluentd-address': '10.0.0.1:24224' },
      'its log goes to a Fluentd server: 10.0.0.1:24224',
    ],
    ['logentries', {}, 'its log driver is logentries'],
  ])('is found for %s: %j', (driver, options, reason) => {
    expect(reasonOf(driver, options)).toBe(reason);
  });
});
