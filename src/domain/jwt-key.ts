import { createPublicKey, type KeyObject } from 'node:crypto';

type JwtAlgorithm = 'HS256' | `${'RS' | 'PS'}${256 | 384 | 512}` | `ES${256 | 384 | 512}`;

const RSA: readonly JwtAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
/** RFC 7518, 3.4: each algorithm has its own curve. */
const BY_CURVE: Partial<Record<string, JwtAlgorithm>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };

/**
 * The algorithms that tokens signed for `key` may have: a PEM public key (RSA or EC), or a shared secret of at least 32 bytes.
 * They follow from the key and never from a token. Or what is wrong with the key, as the end of a sentence about it.
 */
export function jwtAlgorithms(key: string): { algorithms: JwtAlgorithm[] } | { fault: string } {
  if (key.includes('PRIVATE KEY')) return { fault: 'is a private key; give the public one' };
  if (!key.includes('-----BEGIN')) {
    if (Buffer.byteLength(key) < 32) return { fault: 'is too short for a shared secret; use at least 32 bytes' };
    return { algorithms: ['HS256'] };
  }
  const read = publicKey(key);
  if (read === undefined) return { fault: 'is no public key that can be read (PEM)' };
  if (read.asymmetricKeyType === 'rsa') return { algorithms: [...RSA] };
  const algorithm = BY_CURVE[read.asymmetricKeyDetails?.namedCurve ?? ''];
  if (algorithm !== undefined) return { algorithms: [algorithm] };
  return { fault: 'is a public key of a kind that JWT does not know; use RSA, or EC on P-256, P-384 or P-521' };
}

function publicKey(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}
