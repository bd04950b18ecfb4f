/** AddOrder's names of billing cycles. */
export const BILLING_CYCLES = [
  'free',
  'onetime',
  'monthly',
  'quarterly',
  'semiannually',
  'annually',
  'biennially',
  'triennially',
] as const;
export type BillingCycle = (typeof BILLING_CYCLES)[number];

/** An item without a billing cycle. */
export const DEFAULT_BILLING_CYCLE: BillingCycle = 'monthly';

/** WHMCS shows a cycle otherwise (`Semi-Annually`, `One Time`, `Free Account`) than AddOrder takes it. Undefined for none that it knows. */
export function billingCycle(name: string): BillingCycle | undefined {
  const plain = name.toLowerCase().replace(/[^a-z]/g, '');
  return BILLING_CYCLES.find((cycle) => cycle === plain || (cycle === 'free' && plain === 'freeaccount'));
}
