import type { Phase, ProvisioningStatus } from './contract';

const SAYS: Record<Phase, string> = {
  Loading: 'Reading the order from Salesforce, and checking that it may be provisioned.',
  Activating: 'Salesforce shows the order as Activating; WHMCS is next.',
  AddingOrder: 'Looking for the order in WHMCS, and adding it where there is none.',
  AcceptingOrder: 'WHMCS has the order. It is being accepted, and its services are checked.',
  WritingBack: 'WHMCS has accepted the order. Salesforce is being told.',
  Activated: 'Done: active in WHMCS, and written back to Salesforce.',
  Skipped: 'Nothing was done: the order as it stands in Salesforce must not be provisioned now.',
  AwaitingReprovision: 'This order needs a person: it could not be provisioned.',
  Cancelled: 'Cancelled. Nothing is left pending in WHMCS.',
  Abandoned: 'Nobody came before the wait ended, and the run is closed. `orders reprovision` begins another.',
};

/** While these last nobody is waited for; an error is one of the attempt before. */
const UNDER_WAY: readonly Phase[] = ['Loading', 'Activating', 'AddingOrder', 'AcceptingOrder', 'WritingBack'];

/** Web UI 2.42 makes its frame too low by the margins of what it shows, and cuts off the last lines: these are for it to cut. */
const FILLER = ['\u200B', '\u200B'];

/** The Markdown that the Web UI shows on its tab "User Metadata": what is happening, why, and what a person can do. */
export function currentDetails(status: ProvisioningStatus, waitUntil: number | null): string {
  const { phase, lastError, whmcsOrderId, skipped, orderId, attempt } = status;
  const facts = [
    `Salesforce order \`${orderId}\``,
    whmcsOrderId === null ? 'no WHMCS order yet' : `WHMCS order \`${whmcsOrderId}\``,
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
  ];
  const paragraphs = [`### ${phase}`, facts.join(', '), SAYS[phase]];
  const isUnderWay = UNDER_WAY.includes(phase);
  if (isUnderWay) paragraphs.push('A step that fails for a moment is retried; see "Pending Activities".');
  if (skipped !== null && phase === 'Skipped') paragraphs.push(`**Why:** ${skipped}`);
  if (lastError !== null) {
    paragraphs.push(`**Last error:** \`${lastError.code}\`: ${lastError.message}`);
    if (!isUnderWay) paragraphs.push(`**What to do:** ${lastError.advice}`);
  }
  if (waitUntil !== null) {
    paragraphs.push(
      '**How to re-provision:** More Actions, Send a Signal, `reprovision`; leave the input empty.',
      `Or approve the order again in Salesforce, or run \`orders reprovision ${orderId}\`.`,
      `To give up, send \`cancel\`. The run waits until ${minuteOf(waitUntil)}.`,
    );
  }
  return [...paragraphs, ...FILLER].join('\n\n');
}

function minuteOf(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** What the Web UI says beside each signal and query, in the form that sends it. */
export const SIGNS = {
  status: 'Phase, attempt, WHMCS order id, last error and the last transitions.',
  reprovision: 'Provision the order again, once what was wrong is repaired. The input may stay empty.',
  cancel: 'Give up: what WHMCS has and has not accepted yet is cancelled there. The input may stay empty.',
  provisioningRequested: 'For the listener: the order was approved.',
  orderChanged: 'For the listener: the order was cancelled or deleted in Salesforce.',
} as const;
