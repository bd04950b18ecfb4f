import type { Policy } from '../activities/contract';
import type { OrderId } from '../domain/order';
import type { Phase } from './contract';
import { emptyInbox, type Inbox } from './inbox';
import { initialStatus, type Status } from './provisioning-state';

/** All that a run knows; what continue-as-new carries over. */
export interface Memory {
  orderId: OrderId;
  status: Status;
  inbox: Inbox;
  policy: Policy;
  accountId: string | null;
  whmcsClientId: string | null;
  /** Whether `Activating` in Salesforce may be this run's own. */
  claimed: boolean;
  /** Whether WHMCS may hold an order that this run added. */
  mayHaveAdded: boolean;
  /** The WHMCS order that this run added or adopted: should it bear no marker, its id is all that leads to it. */
  made: string | null;
  /** Epoch ms before which a look-up in WHMCS proves nothing: a lost AddOrder may still commit. */
  quietUntil: number;
  /** Epoch ms at which the wait for a person ends; null when nobody is waited for. */
  waitUntil: number | null;
  /** The phase that visibility shows. Upserts cost an action each, so passing phases are not published. */
  publishedPhase: Phase;
}

/** The defaults of DESIGN section 7, until the first activity brings the worker's own. */
const DEFAULT_POLICY: Policy = {
  whmcsTimeoutMs: 30_000,
  quietPeriodMs: 90_000,
  reprovisionWaitMs: 30 * 86_400_000,
};

export function initialMemory(orderId: OrderId): Memory {
  return {
    orderId,
    status: initialStatus('manual', new Date()),
    inbox: emptyInbox(),
    policy: DEFAULT_POLICY,
    accountId: null,
    whmcsClientId: null,
    claimed: false,
    mayHaveAdded: false,
    made: null,
    quietUntil: 0,
    waitUntil: null,
    publishedPhase: 'Loading',
  };
}
