import { createHash, timingSafeEqual } from 'node:crypto';
import { verify } from 'jsonwebtoken';
import { jwtAlgorithms } from '../domain/jwt-key';
import { idOrUndefined, parseAccountId, type AccountId } from '../domain/record-id';

/**
 * Who may read what.
 * - The service token (`PORTAL_TOKEN`) is for a backend that has checked its customer itself: it reads everything.
 * - A customer's token is a signed JWT (`PORTAL_JWT_KEY`) whose claim `account` holds a Salesforce account id: it reads that
 *   account's orders and the catalog. Any other order is answered as one that does not exist.
 * With neither, everybody reads everything, and the portal listens on loopback only.
 */
export interface PortalAccess {
  token?: string | undefined;
  jwt?: JwtAccess | undefined;
}

export interface JwtAccess {
  /** A PEM public key (RSA or EC), or a shared secret of at least 32 bytes for HS256. */
  key: string;
  /** Required `aud` and `iss`, where given. */
  audience?: string | undefined;
  issuer?: string | undefined;
}

export type Caller = { may: 'everything' } | { may: 'account'; accountId: AccountId };

/** Undefined: not authenticated. */
export type Authenticate = (authorization: string | undefined) => Caller | undefined;

/** @throws Error when the JWT key is neither a public key nor a secret of at least 32 bytes. */
export function authenticator({ token, jwt }: PortalAccess): Authenticate {
  if (token === undefined && jwt === undefined) return () => ({ may: 'everything' });
  const isServiceToken = token === undefined ? () => false : sameAs(token);
  const accountOf = jwt === undefined ? () => undefined : accountClaim(jwt);
  return (authorization) => {
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (given === undefined) return undefined;
    if (isServiceToken(given)) return { may: 'everything' };
    const accountId = accountOf(given);
    return accountId === undefined ? undefined : { may: 'account', accountId };
  };
}

/** Compared by digest, so that the time taken tells neither length nor prefix. */
function sameAs(secret: string): (given: string) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(secret);
  return (given) => timingSafeEqual(digest(given), expected);
}

/** The account of a valid token. The algorithm follows from the key, never from the token; a token without an end is refused. */
function accountClaim({ key, audience, issuer }: JwtAccess): (given: string) => AccountId | undefined {
  const judged = jwtAlgorithms(key);
  if ('fault' in judged) throw new Error(`The key of customers’ tokens ${judged.fault}`);
  const options = {
    algorithms: judged.algorithms,
    ...(audience === undefined ? {} : { audience }),
    ...(issuer === undefined ? {} : { issuer }),
    clockTolerance: 30,
  };
  return (given) => {
    try {
      const claims = verify(given, key, options);
      if (typeof claims === 'string' || claims.exp === undefined) return undefined;
      return idOrUndefined(parseAccountId, claims['account']);
    } catch {
      return undefined;
    }
  };
}

/** What a caller may see of another account's things: nothing, as if they did not exist. */
export function mayRead(caller: Caller, accountId: string | null): boolean {
  return caller.may === 'everything' || caller.accountId === accountId;
}
