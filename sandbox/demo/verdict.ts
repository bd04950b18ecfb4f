import type { SalesforceEmulator } from '../salesforce';
import { invoiceOf, ordersByMarker } from '../whmcs/marked-orders';
import type { WhmcsEmulator } from '../whmcs/server';
import type { Cast, DemoOrder } from './cast';
import { EARLIER_WHMCS_ORDER, EXPECTED, isView, viewOf } from './expected';
import type { Shown } from './portal';

/** What was found of an order, from the emulators' own records. */
export interface Finding {
  order: DemoOrder;
  activation: string;
  whmcsOrderId: string;
  faults: string[];
}

export interface Judgement {
  findings: Finding[];
  /** Of no order of the cast. */
  faults: string[];
}

export function isSound({ findings, faults }: Judgement): boolean {
  return faults.length === 0 && findings.every((finding) => finding.faults.length === 0);
}

interface Books {
  salesforce: Pick<SalesforceEmulator, 'store'>;
  whmcs: Pick<WhmcsEmulator, 'store'>;
}

/** Judges every order by Salesforce's record and WHMCS's books alone; neither logs nor Temporal are asked. */
export function judge({ orders }: Cast, { salesforce, whmcs }: Books): Judgement {
  const marked = ordersByMarker(whmcs.store);
  const findings = orders.map((order): Finding => {
    const record = salesforce.store.get('Order', order.id);
    const found = {
      activation: text(record?.['Activation_Status__c']),
      whmcsOrderId: text(record?.['WHMCS_Order_ID__c']),
    };
    const faults: string[] = [];
    const { status, activation } = EXPECTED[order.role].after;
    if (text(record?.['Status']) !== status) faults.push(`Status in Salesforce is "${text(record?.['Status'])}"`);
    if (found.activation !== (activation ?? '')) faults.push(`Activation status is "${found.activation}"`);
    faults.push(...(order.role === 'approved' ? ofSold : ofUnsold)(order, found.whmcsOrderId, marked, whmcs));
    return { order, ...found, faults };
  });
  const own = new Set(orders.flatMap(({ id }) => (marked.get(id) ?? []).map((order) => order.id)));
  const strange = [...whmcs.store.orders.values()].filter(({ id }) => !own.has(id));
  return { findings, faults: strange.map(({ id, status }) => `WHMCS order ${id} (${status}) is nobody's: no marker`) };
}

type Marked = ReturnType<typeof ordersByMarker>;

function ofSold({ id }: DemoOrder, whmcsOrderId: string, marked: Marked, { store }: Books['whmcs']): string[] {
  const [only, ...more] = marked.get(id) ?? [];
  if (only === undefined || more.length > 0) return [`${marked.get(id)?.length ?? 0} WHMCS orders instead of one`];
  return [
    ...(only.status === 'Active' ? [] : [`WHMCS order ${only.id} is ${only.status}`]),
    ...(String(only.id) === whmcsOrderId
      ? []
      : [`Salesforce names WHMCS order "${whmcsOrderId}", the marker is on ${only.id}`]),
    ...(invoiceOf(store, only) === undefined ? [`WHMCS order ${only.id} has no invoice`] : []),
  ];
}

function ofUnsold({ id, role }: DemoOrder, whmcsOrderId: string, marked: Marked): string[] {
  const made = marked.get(id)?.length ?? 0;
  const known = role === 'already provisioned' ? EARLIER_WHMCS_ORDER : '';
  return [
    ...(made === 0 ? [] : [`${made} WHMCS order(s) that nobody should have made`]),
    ...(whmcsOrderId === known ? [] : [`Salesforce names WHMCS order "${whmcsOrderId}", not "${known}"`]),
  ];
}

/** What Temporal and the portal told of the orders, by order id. */
export interface Told {
  phases: Map<string, string>;
  before: Map<string, Shown>;
  after: Map<string, Shown>;
}

/** The faults of an order's run and of what its customer saw. */
export function judgeTold({ id, role }: DemoOrder, { phases, before, after }: Told): string[] {
  const expected = EXPECTED[role];
  const [phase, first, last] = [phases.get(id) ?? 'unknown', before.get(id), after.get(id)];
  const faults: string[] = [];
  if (phase !== expected.phase) faults.push(`The run is "${phase}", not "${expected.phase}"`);
  if (!isView(first, expected.before))
    faults.push(`The portal showed it as "${first ? viewOf(first) : 'nothing'}" before`);
  else if (first?.cache !== 'hit') faults.push('Its cache did not hold before');
  if (!isView(last, expected.after)) faults.push(`The portal shows it as "${last ? viewOf(last) : 'nothing'}"`);
  return faults;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
