import type { SalesforceEmulator } from '../salesforce';
import type { WhmcsEmulator } from '../whmcs/server';
import { invoiceOf, ordersByFieldValue } from '../whmcs/marked-orders';
import { MARKER_FIELD_NAME } from '../whmcs/seed';
import type { Cast, DemoOrder, Role } from './cast';

/** What was found of an order, from the emulators' own records. */
export interface Finding {
  order: DemoOrder;
  activation: string;
  whmcsOrderId: string;
  faults: string[];
}

const EXPECTED_ACTIVATION: Record<Role, string> = {
  approved: 'Activated',
  'already provisioned': 'Activated',
  cancelled: '',
  'bad product': 'Failed',
};

/** Judges every order by Salesforce's record and WHMCS's books alone; neither logs nor Temporal are asked. */
export function judge(
  cast: Cast,
  salesforce: SalesforceEmulator,
  whmcs: WhmcsEmulator,
): { findings: Finding[]; faults: string[] } {
  const marked = ordersByFieldValue(whmcs.store, MARKER_FIELD_NAME, { key: (value) => value.split(':')[0] ?? value });
  const findings = cast.orders.map((order) => {
    const record = salesforce.store.get('Order', order.id);
    const whmcsOrders = marked.get(order.id) ?? [];
    const faults: string[] = [];
    const activation = text(record?.['Activation_Status__c']);
    const whmcsOrderId = text(record?.['WHMCS_Order_ID__c']);
    if (activation !== EXPECTED_ACTIVATION[order.role]) faults.push(`Activation status is "${activation}"`);
    if (order.role !== 'approved') {
      if (whmcsOrders.length > 0) faults.push(`${whmcsOrders.length} WHMCS order(s) that nobody should have made`);
    } else {
      const [only] = whmcsOrders;
      if (only === undefined || whmcsOrders.length > 1)
        faults.push(`${whmcsOrders.length} WHMCS orders instead of one`);
      else {
        if (only.status !== 'Active') faults.push(`WHMCS order ${only.id} is ${only.status}`);
        if (String(only.id) !== whmcsOrderId)
          faults.push(`Salesforce names WHMCS order "${whmcsOrderId}", the marker is on ${only.id}`);
        if (invoiceOf(whmcs.store, only) === undefined) faults.push(`WHMCS order ${only.id} has no invoice`);
      }
    }
    return { order, activation, whmcsOrderId, faults };
  });
  const adds = whmcs.ledger.calls('AddOrder').length;
  const expected = cast.orders.filter(({ role }) => role === 'approved').length;
  const pending = [...whmcs.store.orders.values()].filter(({ status }) => status === 'Pending').length;
  return {
    findings,
    faults: [
      ...(adds === expected ? [] : [`${adds} AddOrder calls for ${expected} orders`]),
      ...(pending === 0 ? [] : [`${pending} WHMCS order(s) left Pending`]),
    ],
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
