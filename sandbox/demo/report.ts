import Table from 'cli-table3';
import type { SalesforceEmulator } from '../salesforce';
import type { Cast } from './cast';
import { isSound, type Finding, type Judgement } from './verdict';

/** The orders whose end is told by their record in Salesforce alone. */
export function settling({ orders }: Cast): string[] {
  return orders.filter(({ role }) => role === 'approved' || role === 'bad product').map(({ id }) => id);
}

/** How many of them have come to it. */
export function countSettled(cast: Cast, { store }: Pick<SalesforceEmulator, 'store'>): number {
  return settling(cast).filter((id) => {
    const status = store.get('Order', id)?.['Activation_Status__c'];
    return status === 'Activated' || status === 'Failed';
  }).length;
}

/** Such as "20 approved, 1 cancelled". */
export function rolesOf({ orders }: Cast): string {
  const roles = new Set(orders.map(({ role }) => role));
  return [...roles].map((role) => `${orders.filter((order) => order.role === role).length} ${role}`).join(', ');
}

export interface Column {
  head: string;
  cell: (finding: Finding) => string;
}

/** A row for each order: what it is, the given columns, and `ok` or its faults. */
export function tableOf(findings: Finding[], columns: Column[]): string {
  const all: Column[] = [
    { head: 'order', cell: ({ order }) => order.id },
    { head: 'role', cell: ({ order }) => order.role },
    { head: 'WHMCS order', cell: ({ whmcsOrderId }) => whmcsOrderId || '-' },
    ...columns,
    { head: '', cell: ({ faults }) => (faults.length === 0 ? 'ok' : faults.join('; ')) },
  ];
  const rows = new Table({ head: all.map(({ head }) => head), style: { head: [], border: [] } });
  rows.push(...findings.map((finding) => all.map(({ cell }) => cell(finding))));
  return rows.toString();
}

/** The last lines of the story: what is wrong beside the orders, and the verdict. */
export function verdictOf(judgement: Judgement): string {
  const { findings, faults } = judgement;
  const wrong = findings.filter((finding) => finding.faults.length > 0).length;
  const approved = findings.filter(({ order }) => order.role === 'approved').length;
  const verdict = isSound(judgement)
    ? `Verdict: sound. ${approved} approved orders, ${approved} active WHMCS orders with their marker and invoice, none doubled, none left pending; nothing was sold that should not be.`
    : `Verdict: NOT sound. ${wrong} order(s) are not as they should be, and ${faults.length} more fault(s).`;
  return [...faults.map((fault) => `  ${fault}`), verdict].join('\n');
}
