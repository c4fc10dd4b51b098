/**
 * ECS itself, for what no command of ecsh shows; with the credentials that ecsh would use.
 *
 * @param {string} arn of a task or service: it names the region and the cluster
 */
export async function ecsOf(arn) {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const { ECS } = await import('@aws-sdk/client-ecs');
  const [, , , region = '', , resource = ''] = arn.split(':');
  const [, cluster = ''] = resource.split('/');
  const { ECSH_PROFILE: profile } = process.env;
  const client = new ECS({ region, ...(profile === undefined ? {} : { profile }) });
  return { client, cluster };
}
