import type { Role } from './cast';
import type { Shown } from './portal';

/** What a customer sees of an order, whatever the cache did. */
type View = Pick<Shown, 'status' | 'activation'>;

interface Expectation {
  /** Of the order's run when all is at rest. */
  phase: string;
  /** In the portal before the story begins, and from the cache. */
  before: View;
  /** In Salesforce, and in the portal, when it has ended. */
  after: View;
}

export const NO_RUN = 'no run';
/** WHMCS orders that were there before; the demo's already provisioned order holds such an id. */
export const EARLIER_WHMCS_ORDER = '90210';

/** How each of the demo's orders ought to fare. */
export const EXPECTED: Record<Role, Expectation> = {
  approved: {
    phase: 'Activated',
    before: { status: 'Draft', activation: null },
    after: { status: 'Approved', activation: 'Activated' },
  },
  'already provisioned': {
    phase: 'Skipped',
    before: { status: 'Draft', activation: 'Activated' },
    after: { status: 'Approved', activation: 'Activated' },
  },
  cancelled: {
    phase: NO_RUN,
    before: { status: 'Draft', activation: null },
    after: { status: 'Cancelled', activation: null },
  },
  'bad product': {
    phase: 'AwaitingReprovision',
    before: { status: 'Draft', activation: null },
    after: { status: 'Approved', activation: 'Failed' },
  },
};

export function isView(shown: Shown | undefined, { status, activation }: View): boolean {
  return shown?.status === status && shown.activation === activation;
}

export function viewOf({ status, activation }: View): string {
  return activation === null ? status : `${status}, ${activation}`;
}
