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

- **Retried by Temporal:** after 1 s, 2 s, 4 s … at most 5 minutes apart, for 24 hours; a delay that the vendor names (429, 503), or our own 5 minutes after refused credentials, replaces the backoff. After 24 hours the order waits for a person as \`RETRIES_EXHAUSTED\`, which names the last code. The exception is refused credentials: the order goes on waiting, for as long as it takes, and is never marked Failed. Each retry is one billable
  action: 24 hours of outage cost about 290 for an order under way.
- **AddOrder** is never retried by Temporal. After a lost answer the run waits \`WHMCS_QUIET_PERIOD\`, looks for the marker, and only if nothing is there reads the order in Salesforce again and adds it: a timer, a look-up and perhaps another AddOrder, so 2 or 3 actions a round. If WHMCS certainly did not take the order, the wait is what WHMCS asks for, else 5 s, 10 s … 5 minutes (up to an hour while it refuses our credentials). After 5 lost answers, or 24 hours of other refusals, a person decides.
- **The caches:** invalidation is retried for 24 hours by itself, after the order is Activated. It neither undoes nor blocks a paid order, and entries expire within minutes.
- **For a person:** marking the order Failed, one upsert, one timer and one cache invalidation; a re-provision costs what the usual path costs, and a look-up.
- **Where Salesforce cannot be told** that an order has failed, the mark is retried like any other step; \`reprovision\`, a new request and \`cancel\` do not wait for it.
`;
}
