import { idOrUndefined, parseOrderId } from '../../domain/order';
import type { Run } from '../../temporal/operator';
import type { Cli } from '../cli';
import { tell } from '../failure';
import { askNamed } from './ask';
import type { Seen } from './facts';

/** Why orders wait, by order id: the codes that their failures wrote in Salesforce. */
export type Codes = ReadonlyMap<string, string>;

const waits = ({ phase, state }: Run): boolean => phase === 'AwaitingReprovision' && state === 'running';

/** The codes of those runs that wait for a person. Without such a run, or without Salesforce in the environment, nothing is asked. */
export function codesOf(cli: Cli, runs: readonly Run[]): Promise<Seen<Codes>> {
  const ids = runs.filter(waits).map(({ orderId }) => idOrUndefined(parseOrderId, orderId));
  const known = ids.filter((id) => id !== undefined);
  if (known.length === 0) return Promise.resolve({ is: 'not-asked', why: 'no order waits for a person' });
  return askNamed(cli, 'salesforce', async (): Promise<Seen<Codes>> => {
    try {
      return { is: 'known', value: await cli.salesforce().probe.errorCodes(known) };
    } catch (error) {
      // A list is of use without the codes, even where the variables of Salesforce are faulty.
      return { is: 'unreachable', failure: tell(error).told };
    }
  });
}

/** The code of a run that waits; null where it does not, or where none is known. */
export const codeOf = (run: Run, codes: Codes): string | null => (waits(run) ? (codes.get(run.orderId) ?? null) : null);

/** What to say of codes that are not there; undefined where there is nothing to say. */
export function missingCodes(seen: Seen<Codes>): string | undefined {
  if (seen.is !== 'unreachable') return undefined;
  return `Why the orders wait is not known: ${seen.failure.message}`;
}
