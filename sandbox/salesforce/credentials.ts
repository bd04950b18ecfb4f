import { createPublicKey, generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

/** How to log in to the emulated org, by each flow it has. */
export interface Credentials {
  clientId: string;
  clientSecret: string;
  username: string;
  password: string;
  /** PEM (PKCS #8, RSA 2048) for the JWT bearer flow. */
  privateKeyPem: string;
}

/** The public half of {@link Credentials.privateKeyPem}, PEM. */
export function publicKeyOf(credentials: Credentials): string {
  return createPublicKey(credentials.privateKeyPem).export({ type: 'spki', format: 'pem' }).toString();
}

/** Fresh credentials; what is given is kept. */
export async function makeCredentials(given: Partial<Credentials> = {}): Promise<Credentials> {
  const privateKeyPem = given.privateKeyPem ?? (await makePrivateKey());
  return {
    clientId: given.clientId ?? `3MVG9${randomBytes(30).toString('base64url')}`,
    clientSecret: given.clientSecret ?? randomBytes(32).toString('hex').toUpperCase(),
    username: given.username ?? 'order-provisioning@orchard-hosting.example',
    password: given.password ?? randomBytes(12).toString('base64url'),
    privateKeyPem,
  };
}

async function makePrivateKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
