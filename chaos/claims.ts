import {
  LISTENERS,
  PROCESSES,
  slotsOf,
  WORKERS,
  type Fault,
  type LinkName,
  type ProcessSlot,
  type RareCall,
} from './plan';

/** What a fault takes hold of until it is over. Two that hold the same would undo each other, or find nothing to strike. */
export type Resource =
  | ProcessSlot
  | LinkName
  | 'temporal'
  | 'redis'
  | 'streams'
  | 'order events'
  | 'approvals'
  | 'sessions'
  | 'answers to workers'
  | 'answers to the portal'
  | `WHMCS answers: ${string}`;

/** What brings a rare call about takes hold of this, besides the workers. */
const OF_RARE_CALLS: Record<RareCall, readonly Resource[]> = {
  CancelOrder: ['WHMCS answers: AddOrder'],
  GetOrders: ['WHMCS answers: AddOrder'],
  ModuleCreate: ['WHMCS answers: AcceptOrder'],
  // An order that lost its marker is known by the number that its run remembers, and by nothing else.
  UpdateClientProduct: ['WHMCS answers: AcceptOrder', 'temporal'],
  GetProducts: [],
  GetClientsDetails: [],
};

export function resourcesOf(fault: Fault): readonly Resource[] {
  switch (fault.kind) {
    case 'kill':
    case 'freeze':
    case 'restart':
    case 'clock-step':
      return slotsOf(fault.who);
    case 'freeze-past-its-lease':
      // Without Redis nobody takes over.
      return [...LISTENERS, 'redis', 'redis-listener'];
    case 'kill-listener':
      return [...LISTENERS, fault.when === 'before-start' ? 'temporal-listener' : 'redis-listener'];
    case 'kill-workers-in-salesforce':
      return [...WORKERS, 'answers to workers'];
    case 'kill-workers-in-rare-call':
      return [...WORKERS, ...OF_RARE_CALLS[fault.call]];
    case 'zombie-worker':
      return [...WORKERS, 'WHMCS answers: AddOrder'];
    case 'deployment':
      // Which tells it what is current.
      return [...PROCESSES, 'temporal'];
    case 'all-stopped':
      return [...PROCESSES, 'temporal', 'redis'];
    case 'cut':
    case 'stall':
    case 'slow':
      return [fault.link];
    case 'temporal-killed':
    case 'temporal-frozen':
    case 'temporal-lost':
      return ['temporal'];
    case 'redis-killed':
    case 'redis-frozen':
    case 'redis-emptied':
    case 'redis-read-only':
      return ['redis'];
    case 'streams-cut':
    case 'streams-half-open':
    case 'streams-silent':
      return ['streams'];
    case 'replay-id-expired':
      // Whose checkpoint is gone asks for no replay id.
      return [...LISTENERS, 'streams', 'redis'];
    case 'events-repeated':
    case 'events-disordered':
    case 'events-delayed':
      return ['order events'];
    case 'gap-events':
    case 'overflow':
      return ['approvals'];
    case 'sessions-expired':
      return ['sessions'];
    case 'salesforce':
      return ['answers to workers'];
    case 'salesforce-portal':
      return ['answers to the portal'];
    case 'whmcs':
      return [`WHMCS answers: ${fault.action}`];
  }
}

/**
 * Whether it can wait for what another has taken hold of: it looks for its victims when its turn has come, and brings the order that it
 * needs. Every other fault would come too late, or find nothing to strike.
 */
export function takesTurns({ kind }: Fault): boolean {
  return kind === 'kill-workers-in-salesforce' || kind === 'kill-workers-in-rare-call';
}

interface Claim {
  what: readonly Resource[];
  grant: () => void;
  isGranted: boolean;
}

/** Lets faults that need the same thing have it one after another, in the order in which they asked. */
export class Claims {
  private claims: Claim[] = [];

  /** Resolves with the release, when all of it is free. @throws the signal's reason when it comes first */
  take(what: readonly Resource[], signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const release = (): void => {
        this.claims = this.claims.filter((each) => each !== claim);
        this.grantWhatIsFree();
      };
      const claim: Claim = { what, isGranted: false, grant: () => resolve(release) };
      const giveUp = (): void => {
        if (claim.isGranted) return;
        release();
        reject(signal.reason as Error);
      };
      this.claims.push(claim);
      if (signal.aborted) giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      this.grantWhatIsFree();
    });
  }

  private grantWhatIsFree(): void {
    const spoken = new Set<Resource>();
    for (const claim of this.claims) {
      const isFree = !claim.what.some((resource) => spoken.has(resource));
      claim.what.forEach((resource) => spoken.add(resource));
      if (!isFree || claim.isGranted) continue;
      claim.isGranted = true;
      claim.grant();
    }
  }
}
