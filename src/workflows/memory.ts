import type { Policy } from '../activities/contract';
import type { OrderId, SalesforceOrder } from '../domain/order';
import type { Tries } from './adding';
import type { Phase, StatusError } from './contract';
import { emptyInbox, type Inbox, type PendingRequest } from './inbox';
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
  /** Whether the last attempt to read and claim the order has failed: what Salesforce says of it is then not known, and not written over. */
  unread: boolean;
  /** Whether WHMCS may hold an order that this run added. */
  mayHaveAdded: boolean;
  /** The WHMCS order that this run added or adopted: should it bear no marker, its id is all that leads to it. */
  made: string | null;
  /** That WHMCS bills the order without its marker, until that is settled: Salesforce is told so whatever fails meanwhile. */
  unmarked: StatusError | null;
  /** What has been tried of the request under way; null where AddOrder was not tried yet. */
  tries: Tries | null;
  /** The request whose path is being walked; set in a run that goes on for one whose history had become long. */
  walking: PendingRequest | null;
  /** Whether the portal's caches may hold what is no longer true; see `invalidation.ts`. */
  cachesStale: boolean;
  /** Epoch ms before which a look-up in WHMCS proves nothing: a lost call may still commit. */
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
    unread: true,
    mayHaveAdded: false,
    made: null,
    unmarked: null,
    tries: null,
    walking: null,
    cachesStale: false,
    quietUntil: 0,
    waitUntil: null,
    publishedPhase: 'Loading',
  };
}

/** Takes over what the run keeps of an order as read. A client that is known is not forgotten: WHMCS may hold an order of it. */
export function learn(memory: Memory, { accountId, whmcsClientId }: SalesforceOrder): void {
  memory.accountId = accountId;
  memory.whmcsClientId = whmcsClientId ?? memory.whmcsClientId;
}
