import { randomUUID } from 'node:crypto';
import type { ApiError } from './api-error.ts';

/** How values are written as XML elements. */
interface XmlStyle {
  readonly nameOf: (key: string, value: unknown, depth: number) => string;
  readonly item: string;
}

/** The query protocol of IAM and STS: the names of the API, lists of `<member>`. */
export function queryResponse(namespace: string, action: string, output: object): string {
  const style = { nameOf: (key: string) => key, item: 'member' };
  const result = element(`${action}Result`, content(output, style, 0));
  const metadata = element('ResponseMetadata', element('RequestId', randomUUID()));
  return `<${action}Response xmlns="${namespace}">${result}${metadata}</${action}Response>`;
}

export function queryError(namespace: string, { type, message }: ApiError): string {
  const code = type.replace(/Exception$/, '');
  const error = ['Sender', code, message].map(escapeXml);
  return `<ErrorResponse xmlns="${namespace}"><Error><Type>${error[0]}</Type><Code>${error[1]}</Code><Message>${error[2]}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
}

const EC2_NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';

/** Element names of EC2 that differ from the API's names (EC2 API, response elements). */
const EC2_NAMES: ReadonlyMap<string, string> = new Map([
  ['IpPermissions', 'ipPermissions'],
  ['IpPermissionsEgress', 'ipPermissionsEgress'],
  ['IpRanges', 'ipRanges'],
  ['Ipv6Ranges', 'ipv6Ranges'],
  ['PrefixListIds', 'prefixListIds'],
  ['UserIdGroupPairs', 'groups'],
  ['Entries', 'entrySet'],
  ['Instances', 'instancesSet'],
  ['Images', 'imagesSet'],
  ['PublicIpAddress', 'ipAddress'],
]);

/** The protocol of EC2: names in lower case, and lists of `<item>` in sets. */
export function ec2Response(action: string, output: object): string {
  const style = { nameOf: ec2Name, item: 'item' };
  const body = element('requestId', randomUUID()) + content(output, style, 0);
  return `<${action}Response xmlns="${EC2_NAMESPACE}">${body}</${action}Response>`;
}

export function ec2Error({ type, message }: ApiError): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${escapeXml(type)}</Code><Message>${escapeXml(message)}</Message></Error></Errors><RequestID>${randomUUID()}</RequestID></Response>`;
}

function ec2Name(key: string, value: unknown, depth: number): string {
  // DescribeSecurityGroups names its list securityGroupInfo; an instance has a groupSet.
  if (key === 'SecurityGroups') return depth === 0 ? 'securityGroupInfo' : 'groupSet';
  const name = EC2_NAMES.get(key) ?? key.charAt(0).toLowerCase() + key.slice(1);
  return Array.isArray(value) && !EC2_NAMES.has(key) ? `${name.replace(/s$/, '')}Set` : name;
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function element(name: string, inner: string): string {
  return `<${name}>${inner}</${name}>`;
}

function content(value: unknown, style: XmlStyle, depth: number): string {
  if (Array.isArray(value)) {
    return value.map((item) => element(style.item, content(item, style, depth + 1))).join('');
  }
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return escapeXml(String(value));
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => element(style.nameOf(key, item, depth), content(item, style, depth + 1)))
    .join('');
}
