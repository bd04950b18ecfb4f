import type { RestFaultInput } from '../../sandbox/salesforce/rest/faults';
import type { Fault as WhmcsFault } from '../../sandbox/whmcs/fault-kinds';
import { counted, type Of, type Strikes } from './strike';

export const vendorFaults: Strikes<'salesforce' | 'whmcs'> = {
  salesforce: (fault, { world: { salesforce } }) => {
    const active = salesforce.rest.faults.add(salesforceFault(fault));
    return Promise.resolve(counted(() => active.struck, 'requests'));
  },
  whmcs: (fault, { world: { whmcs } }) => {
    const active = whmcs.faults.add(whmcsFault(fault));
    return Promise.resolve(counted(() => active.hits, 'calls'));
  },
};

function salesforceFault({ fault, count }: Of<'salesforce'>): RestFaultInput {
  switch (fault) {
    case 'rowLock':
      return { kind: 'rowLock', object: 'Order', count };
    case 'html':
      return { kind: 'unavailable', format: 'html', count };
    case 'latency':
      return { kind: 'latency', ms: 1_500, count };
    case 'claimCommittedThenLost':
      return { kind: 'commitThenLose', method: 'PATCH', path: '/sobjects/Order/', count };
    case 'writeBackCommittedThenLost':
      return { kind: 'commitThenLose', path: 'composite', count };
    case 'unavailable':
    case 'requestLimitExceeded':
    case 'invalidSession':
      return { kind: fault, count };
  }
}

/** Longer than a call may take, and shorter than the quiet period. */
const LATE_COMMIT_MS = 1_500;

function whmcsFault({ fault, action, count }: Of<'whmcs'>): WhmcsFault {
  const which = { action: `^${action}$`, count };
  switch (fault) {
    case 'hangCommitted':
      return { kind: 'hang', commit: true, ...which };
    case 'commitLate':
      return { kind: 'commitLate', afterMs: LATE_COMMIT_MS, ...which };
    case 'partialAdd':
      return { kind: 'partialAdd', services: 1, ...which };
    case 'latency':
      return { kind: 'latency', ms: 2_000, ...which };
    case '429':
      return { kind: '429', retryAfterSeconds: 2, ...which };
    default:
      return { kind: fault, ...which };
  }
}
