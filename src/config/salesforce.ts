import { createPrivateKey } from 'node:crypto';
import { DEFAULT_FIELDS, type SalesforceFields } from '../salesforce/fields';
import type { SalesforceCredentials } from '../salesforce/login';
import { readFieldsFile } from './fields-file';
import type { Loader } from './load';
import { readPrivateFile } from './private-file';
import { SALESFORCE } from './variables';

/** How to log in at Salesforce, and what its fields are called. Every fault is kept by `loader`. */
export function salesforce(loader: Loader) {
  const values = loader.read(SALESFORCE);
  const {
    SF_CLIENT_SECRET: clientSecret,
    SF_USERNAME: username,
    SF_PRIVATE_KEY: inline,
    SF_PRIVATE_KEY_FILE: file,
    SF_JWT_AUDIENCE: audience,
  } = values;
  return {
    loginUrl: values.SF_LOGIN_URL,
    clientId: values.SF_CLIENT_ID,
    credentials: credentials(loader, { clientSecret, username, inline, file, audience }),
    fields: fields(loader, values.SF_FIELDS_FILE),
  };
}

function fields(loader: Loader, file: string | undefined): SalesforceFields {
  const read = readFieldsFile(file);
  if ('fields' in read) return read.fields;
  loader.fault('SF_FIELDS_FILE', read.fault);
  return DEFAULT_FIELDS;
}

/** Whether `pem` is a private key for RS256, which is what Salesforce's JWT bearer flow signs with. */
function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

/** @returns the key, whatever it is: the fault has been told */
function rsaKey(loader: Loader, variable: string, pem: string): string {
  if (!isRsaKey(pem)) loader.fault(variable, 'holds no RSA private key in PEM (-----BEGIN PRIVATE KEY-----)');
  return pem;
}

interface CredentialVariables {
  clientSecret: string | undefined;
  username: string | undefined;
  inline: string | undefined;
  file: string | undefined;
  audience: string | undefined;
}

function credentials(
  loader: Loader,
  { clientSecret, username, inline, file, audience }: CredentialVariables,
): SalesforceCredentials {
  if (clientSecret !== undefined) {
    if (username !== undefined) loader.fault('SF_CLIENT_SECRET', 'and SF_USERNAME are both set; use one way to log in');
    return { clientSecret };
  }
  if (username === undefined) {
    loader.fault('SF_CLIENT_SECRET', 'is required, or SF_USERNAME with SF_PRIVATE_KEY or SF_PRIVATE_KEY_FILE');
    return { clientSecret: '' };
  }
  const user = { username, ...(audience === undefined ? {} : { audience }) };
  if (inline !== undefined)
    return { ...user, privateKey: rsaKey(loader, 'SF_PRIVATE_KEY', inline.replaceAll('\\n', '\n')) };
  if (file === undefined) {
    loader.fault('SF_PRIVATE_KEY', 'or SF_PRIVATE_KEY_FILE is required with SF_USERNAME');
    return { ...user, privateKey: '' };
  }
  const key = readPrivateFile(file);
  if ('text' in key) return { ...user, privateKey: rsaKey(loader, 'SF_PRIVATE_KEY_FILE', key.text) };
  loader.fault('SF_PRIVATE_KEY_FILE', key.fault);
  return { ...user, privateKey: '' };
}
