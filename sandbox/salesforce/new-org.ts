import { randomInt } from 'node:crypto';
import type { SalesforceOptions } from './index';
import { IdSequence } from './store/ids';

/**
 * An org with an id, and with record ids, that no org before it had. A Redis or a Temporal that outlives the emulator remembers
 * checkpoints, caches and runs by these: an org that began anew with the same ones would meet its own past there.
 */
export function newOrg(): Required<Pick<SalesforceOptions, 'orgId' | 'firstRecord'>> {
  const firstRecord = BigInt(randomInt(2 ** 40)) * 4096n;
  return { orgId: new IdSequence(undefined, firstRecord).next('00D'), firstRecord };
}
