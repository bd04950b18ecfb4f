import type { Client } from '@temporalio/client';
import {
  createSearchAttributes,
  isForOperatorsOnly,
  missingSearchAttributes,
  mistypedSearchAttributes,
  unqueryableSearchAttributes,
} from '../../temporal/search-attributes';
import { fail, FIX, ok, type Finding } from './check';

const ON_CLOUD = 'create them in its UI or with tcld, as docs/deployment.md says';

/** Whether the namespace has our search attributes, and as our types; with `fix` makes those that it lacks. */
export async function examineSearchAttributes(client: Client, fix: boolean): Promise<Finding> {
  try {
    return await listed(client, fix);
  } catch (error) {
    if (!isForOperatorsOnly(error)) throw error;
    return queried(await unqueryableSearchAttributes(client));
  }
}

async function listed(client: Client, fix: boolean): Promise<Finding> {
  const mistyped = await mistypedSearchAttributes(client);
  if (mistyped.length > 0) {
    const named = mistyped.map(({ name, type, wanted }) => `${name} is ${type}, not ${wanted}`).join(', ');
    return fail(
      `of another type: ${named}`,
      'A type cannot be changed: use a namespace of its own, or remove the attribute (temporal operator search-attribute remove) and create it anew.',
    );
  }
  const missing = await missingSearchAttributes(client);
  if (missing.length === 0) return ok('all are registered');
  if (fix) {
    await createSearchAttributes(client, missing);
    return ok(`created ${missing.join(', ')}`);
  }
  return fail(`missing: ${missing.join(', ')}`, `${FIX}; on Temporal Cloud ${ON_CLOUD}.`);
}

/** Of a server that lets only its operators list and make them: what counting with each has shown. Pure. */
export function queried(unqueryable: readonly string[]): Finding {
  if (unqueryable.length === 0) return ok('all may be queried (to list them is refused, as on Temporal Cloud)');
  return fail(
    `missing, or of another type: ${unqueryable.join(', ')}`,
    `This identity may neither list nor make them. On Temporal Cloud ${ON_CLOUD}; on a server of your own let somebody with the operator’s rights run \`orders doctor --fix\`.`,
  );
}
