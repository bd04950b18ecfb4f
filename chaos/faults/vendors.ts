import type { RestFaultInput } from '../../sandbox/salesforce/rest/faults';
import type { Fault as WhmcsFault } from '../../sandbox/whmcs/fault-kinds';
import { ANY_OF_A_PORTAL, ANY_OF_A_WORKER, WORKERS_CALLS } from './requests';
import { THAT_FAILS } from '../workload';
import { counted, type Of, type Strikes } from './strike';

export const vendorFaults: Strikes<'salesforce' | 'salesforce-portal' | 'whmcs'> = {
  salesforce: (fault, { world: { salesforce }, workload }) => {
    const active = salesforce.rest.faults.add(salesforceFault(fault));
    if (fault.fault === 'failureCommittedThenLost') workload.sell(THAT_FAILS);
    return Promise.resolve(counted(() => active.struck, 'requests'));
  },
  'salesforce-portal': (fault, { world: { salesforce } }) => {
    const active = salesforce.rest.faults.add(portalFault(fault));
    return Promise.resolve(counted(() => active.struck, 'requests'));
  },
  whmcs: (fault, { world: { whmcs } }) => {
    const active = whmcs.faults.add(whmcsFault(fault));
    return Promise.resolve(counted(() => active.hits, 'calls'));
  },
};

const SLOW_MS = 1_500;

function salesforceFault({ fault, count }: Of<'salesforce'>): RestFaultInput {
  switch (fault) {
    case 'rowLock':
      return { kind: 'rowLock', object: 'Order', count };
    case 'html':
      return { kind: 'unavailable', format: 'html', ...ANY_OF_A_WORKER, count };
    case 'latency':
      return { kind: 'latency', ms: SLOW_MS, ...ANY_OF_A_WORKER, count };
    case 'claimCommittedThenLost':
      return { kind: 'commitThenLose', ...WORKERS_CALLS.claim, count };
    case 'failureCommittedThenLost':
      return { kind: 'commitThenLose', ...WORKERS_CALLS['mark-failed'], count };
    case 'writeBackCommittedThenLost':
      return { kind: 'commitThenLose', ...WORKERS_CALLS['write-back'], count };
    case 'unavailable':
    case 'requestLimitExceeded':
    case 'invalidSession':
      return { kind: fault, ...ANY_OF_A_WORKER, count };
  }
}

function portalFault({ fault, count }: Of<'salesforce-portal'>): RestFaultInput {
  switch (fault) {
    case 'html':
      return { kind: 'unavailable', format: 'html', ...ANY_OF_A_PORTAL, count };
    case 'latency':
      return { kind: 'latency', ms: SLOW_MS, ...ANY_OF_A_PORTAL, count };
    default:
      return { kind: fault, ...ANY_OF_A_PORTAL, count };
  }
}

/** After the connection was cut, and within the quiet period that begins then. */
const LATE_COMMIT_MS = 1_500;

export function whmcsFault({ fault, action, count }: Of<'whmcs'>): WhmcsFault {
  const which = { action: `^${action}$`, count };
  switch (fault) {
    case 'hangCommitted':
      return { kind: 'hang', commit: true, ...which };
    case 'commitLate':
      return { kind: 'commitLate', afterMs: LATE_COMMIT_MS, ...which };
    case 'moduleCreateFailure':
      return { kind: fault, count };
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
