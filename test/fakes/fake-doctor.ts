import type {
  DoctorPorts,
  Ec2Api,
  EcsDetailsApi,
  IamApi,
  KeyApi,
  LocalApi,
  LogsApi,
  S3Api,
  SessionsApi,
  StsApi,
  TrailApi,
} from '#domain/ports/doctor-ports.ts';

/** The answers of single calls; any other call fails the test that makes it. */
export interface FakeDoctorAnswers {
  readonly ecs?: Partial<EcsDetailsApi>;
  readonly sts?: Partial<StsApi>;
  readonly iam?: Partial<IamApi>;
  readonly ec2?: Partial<Ec2Api>;
  readonly keys?: Partial<KeyApi>;
  readonly logs?: Partial<LogsApi>;
  readonly s3?: Partial<S3Api>;
  readonly sessions?: Partial<SessionsApi>;
  readonly trail?: Partial<TrailApi>;
  readonly local?: Partial<LocalApi>;
}

/** `DoctorPorts` with only the calls that a test defines. */
export function fakeDoctor(answers: FakeDoctorAnswers = {}): DoctorPorts {
  return {
    ecs: port({
      describeTaskDefinition: notAsked,
      describeCluster: notAsked,
      describeService: notAsked,
      describeContainerInstance: notAsked,
      describeCapacityProvider: notAsked,
      ...answers.ecs,
    }),
    sts: port({ getCallerIdentity: notAsked, ...answers.sts }),
    iam: port({
      getRole: notAsked,
      instanceProfileRoles: notAsked,
      simulate: notAsked,
      ...answers.iam,
    }),
    ec2: port({
      describeSubnet: notAsked,
      describeRouteTable: notAsked,
      describeNetworkInterface: notAsked,
      describeNetworkAcls: notAsked,
      describeVpcEndpoints: notAsked,
      describeSecurityGroups: notAsked,
      describeVpcAttribute: notAsked,
      describeInstance: notAsked,
      describeImage: notAsked,
      ...answers.ec2,
    }),
    keys: port({ describeKey: notAsked, getKeyPolicy: notAsked, ...answers.keys }),
    logs: port({ describeLogGroups: notAsked, ...answers.logs }),
    s3: port({ headBucket: notAsked, bucketEncryption: notAsked, ...answers.s3 }),
    sessions: port({ describeSessions: notAsked, listSessions: notAsked, ...answers.sessions }),
    trail: port({ lookupExecEvents: notAsked, ...answers.trail }),
    local: port({
      region: async () => 'us-east-1',
      nodeVersion: () => '22.0.0',
      clockSkew: async () => 0,
      channelUrl: async (ofRegion) => ofRegion,
      programVersion: async () => undefined,
      reach: async () => undefined,
      ...answers.local,
    }),
  };
}

function port<T>(api: T): () => Promise<T> {
  return async () => api;
}

function notAsked(): Promise<never> {
  return Promise.reject(new Error('this test does not say what AWS answers here'));
}
