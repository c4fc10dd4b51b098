import { parseTarget } from '#domain/resolve/target.ts';
import type { TargetRequest } from '#session/ready-target.ts';
import type { App, AwsPorts } from './app.ts';
import type { AwsTrace } from './aws-trace.ts';
import { awsFlags, type SharedOptions } from './shared-options.ts';

/** The request of a command for `findReadyTarget`. */
export function targetRequest(options: SharedOptions, target: string): TargetRequest {
  const fallback =
    parseTarget(target).container === undefined ? options.defaultContainer : undefined;
  return {
    target,
    cluster: options.cluster,
    container: options.container ?? fallback,
    strict: options.strict ?? false,
    flags: { ...awsFlags(options), region: regionOf(options, target) },
  };
}

function regionOf({ region }: SharedOptions, target: string | undefined): string | undefined {
  return (target === undefined ? undefined : parseTarget(target).region) ?? region;
}

/** The region of an ARN takes precedence over every setting. */
export function awsPorts(
  app: App,
  options: SharedOptions,
  target: string | undefined,
  trace?: AwsTrace,
): AwsPorts {
  return app.aws({
    region: regionOf(options, target),
    profile: options.profile,
    endpointUrl: options.endpointUrl,
    noInput: options.noInput,
    ...trace,
  });
}
