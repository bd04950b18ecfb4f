import type { RestFaultInput } from '../../sandbox/salesforce/rest/faults';

/**
 * Whose request it is. Worker and portal log in as the same user and ask for the same objects; only what they ask tells them apart.
 * A fault that matched both would mostly meet the portal, which asks all the time.
 */
type Which = Pick<RestFaultInput & { kind: 'hang' }, 'method' | 'path' | 'body'>;

/** A worker reads an order with its WHMCS client, which no customer is shown. */
const READ = '/query.*WHMCS_Client_ID__c';

export const WORKERS_CALLS = {
  read: { method: 'GET', path: READ },
  // Two writes that go the same way.
  claim: { method: 'PATCH', path: '/sobjects/Order/', body: '"Activation_Status__c":"Activating"' },
  'mark-failed': { method: 'PATCH', path: '/sobjects/Order/', body: '"Activation_Status__c":"Failed"' },
  'write-back': { method: 'PATCH', path: '/composite/sobjects', body: '"Activation_Status__c":"Activated"' },
} satisfies Record<string, Which>;

export const ANY_OF_A_WORKER: Which = { path: `${READ}|/sobjects/Order/|/composite/sobjects` };

/** What a portal shows and a worker has no use for: the total of an order, and all prices. */
export const ANY_OF_A_PORTAL: Which = { path: '/query.*(TotalAmount|FROM PricebookEntry)' };
