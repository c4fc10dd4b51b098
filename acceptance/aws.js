/**
 * AWS itself, for what no command of ecsh shows; with the credentials that ecsh would use.
 *
 * @param {string} arn of a task or service: it names the region and the cluster
 */
export async function awsOf(arn) {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const [, , , region = '', , resource = ''] = arn.split(':');
  const [, cluster = ''] = resource.split('/');
  const { ECSH_PROFILE: profile } = process.env;
  const settings = {
    ...(region === '' ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
  };
  return {
    region,
    cluster,
    async ecs() {
      const { ECS } = await import('@aws-sdk/client-ecs');
      return new ECS(settings);
    },
    async ssm() {
      const { SSM } = await import('@aws-sdk/client-ssm');
      return new SSM(settings);
    },
    async sts() {
      const { STS } = await import('@aws-sdk/client-sts');
      return new STS(settings);
    },
  };
}

/**
 * The name of the error that AWS answered.
 *
 * @param {unknown} error
 */
export function nameOf(error) {
  return error instanceof Error ? error.name : String(error);
}
