import { timingSafeEqual } from 'node:crypto';
import type { Params } from './params';

export interface Credentials {
  identifier: string;
  secret: string;
  /** `$api_access_key` of configuration.php: with it a caller passes the IP restriction. */
  accessKey?: string;
}

export interface AccessRules {
  credentials: Credentials;
  /** Addresses that may call; any if undefined. */
  allowedIps: readonly string[] | undefined;
  /** Actions of the API role; all if undefined. Case does not matter. */
  allowedActions: readonly string[] | undefined;
}

/**
 * Why WHMCS refuses a call, in its own words, or null. All refusals are HTTP 403 with the usual JSON.
 * Sources: developers.whmcs.com/api/authentication and /access-control. `username` and `password` are accepted as other
 * names of `identifier` and `secret`.
 */
export function refusal(rules: AccessRules, params: Params, action: string, ip: string): string | null {
  const { identifier, secret, accessKey } = rules.credentials;
  const givenKey = params.text('accesskey');
  if (givenKey !== '' && (accessKey === undefined || !same(givenKey, accessKey))) return 'Invalid Access Key';
  const byKey = givenKey !== '';
  if (!byKey && rules.allowedIps !== undefined && !rules.allowedIps.includes(ip)) return `Invalid IP ${ip}`;
  const givenIdentifier = params.text('identifier') || params.text('username');
  const givenSecret = params.text('secret') || params.text('password');
  if (givenIdentifier === '' || givenSecret === '') return 'Authentication Failed';
  if (!same(givenIdentifier, identifier)) return 'Invalid or missing credentials';
  if (!same(givenSecret, secret)) return 'Authentication Failed';
  const allowed = rules.allowedActions?.map((name) => name.toLowerCase());
  if (allowed !== undefined && !allowed.includes(action.toLowerCase())) {
    return permissionMessage(action);
  }
  return null;
}

export function permissionMessage(action: string): string {
  return `Invalid Permissions: API action "${action.toLowerCase()}" is not allowed`;
}

function same(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
