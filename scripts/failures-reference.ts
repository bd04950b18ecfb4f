import { FAILURES, type FailureKind } from '../src/domain/failure';

const KINDS: Record<FailureKind, string> = {
  retryable: 'retried by Temporal',
  ambiguous: 'looked up after the quiet period',
  permanent: 'for a person',
};

/** The text of `docs/failures.md`: every code of the catalogue, what becomes of it by itself, and what a person does. */
export function failuresReference(): string {
  const rows = Object.entries(FAILURES).map(
    ([code, { kind, advice }]) => `| \`${code}\` | ${KINDS[kind]} | ${advice} |`,
  );
  return `# Failures

Made by \`npx tsx scripts/write-failures-reference.ts\` from src/domain/failure.ts. The code is in Salesforce (\`Activation_Error_Code__c\`), in the \`status\` query, in the
Web UI's current details, and in the logs.

| code | what becomes of it | what a person does |
|---|---|---|
${rows.join('\n')}

## What is retried, for how long, and what it costs

- **Retried by Temporal:** after 1 s, 2 s, 4 s … at most 5 minutes apart, for 24 hours; a delay that the vendor names (429, 503) or that we keep to (5 minutes after a refusal of our credentials) replaces the backoff. Then the order is put in front of a person as \`RETRIES_EXHAUSTED\`, with the last code named; but while a vendor refuses our credentials it waits on, however long, and is not failed. Each retry is one billable
  action: 24 hours of outage cost about 290 for an order under way.
- **AddOrder** is never retried by Temporal. After a lost answer the run waits \`WHMCS_QUIET_PERIOD\`, looks for the marker, and reads the order in Salesforce anew and adds that, only if nothing is there: a timer, a look-up and, if need be, another AddOrder, 2 or 3 actions a round. Where WHMCS certainly did not take it, the wait is what WHMCS asks for, else 5 s, 10 s … 5 minutes. After 5 rounds in doubt, or 24 hours of refusals, a person decides.
- **The caches:** invalidation is retried for 24 hours by itself, after the order is Activated. It neither undoes nor blocks a paid order, and entries expire within minutes.
- **For a person:** marking the order Failed, one upsert, one timer and one cache invalidation; a re-provision costs what the usual path costs, and a look-up.
- **Where Salesforce cannot be told** that an order has failed, the mark is retried like any other step; \`reprovision\`, a new request and \`cancel\` do not wait for it.
`;
}
