import { isGrpcServiceError, type Client } from '@temporalio/client';
import { searchAttributes } from '../workflows/contract';

/** By their numbers in Temporal's API (`IndexedValueType`). */
const TYPES = ['Unspecified', 'Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'];

/** Our attributes' types, as Temporal's API and its command line name them. */
const OURS: ReadonlyMap<string, string> = new Map(
  Object.values(searchAttributes).map(({ name, type }) => [name, type === 'DATETIME' ? 'Datetime' : 'Keyword']),
);

async function registered(client: Client): Promise<Record<string, unknown>> {
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
    namespace: client.options.namespace,
  });
  return customAttributes;
}

/** Names of the search attributes that the namespace lacks. A start with one that is missing is refused by the server. */
export async function missingSearchAttributes(client: Client): Promise<string[]> {
  const found = await registered(client);
  return [...OURS.keys()].filter((name) => !(name in found));
}

/** Those that the namespace has as another type than ours: queries by them find nothing, or are refused. */
export async function mistypedSearchAttributes(
  client: Client,
): Promise<{ name: string; type: string; wanted: string }[]> {
  const found = await registered(client);
  return [...OURS]
    .filter(([name]) => name in found)
    .map(([name, wanted]) => ({ name, type: TYPES[Number(found[name])] ?? 'another type', wanted }))
    .filter(({ type, wanted }) => type !== wanted);
}

/** Registers the ones that are missing. Needs the operator's rights; on Temporal Cloud they are made with `tcld` or the UI. */
export async function createSearchAttributes(
  client: Client,
  names: readonly string[] = [...OURS.keys()],
): Promise<void> {
  await client.connection.operatorService.addSearchAttributes({
    namespace: client.options.namespace,
    searchAttributes: Object.fromEntries(names.map((name) => [name, TYPES.indexOf(OURS.get(name) ?? 'Keyword')])),
  });
}

/**
 * Makes sure that the namespace has them, where this identity may look and register. A server that lets only its operators do
 * so (Temporal Cloud) is taken at its word: `refused` is then true, and a start tells if one is missing.
 */
export async function ensureSearchAttributes(client: Client): Promise<{ created: string[]; refused: boolean }> {
  try {
    const missing = await missingSearchAttributes(client);
    if (missing.length > 0) await createSearchAttributes(client, missing);
    return { created: missing, refused: false };
  } catch (error) {
    if (!isForOperatorsOnly(error)) throw error;
    return { created: [], refused: true };
  }
}

/** gRPC statuses PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED. */
const NOT_FOR_US = [7, 12, 16];
/** INVALID_ARGUMENT: what a query by a name that is not known gets, or with a value that does not fit. */
const NOT_KNOWN = [3];

/** Whether the server lets only its operators list or register search attributes, as Temporal Cloud does. */
export function isForOperatorsOnly(error: unknown): boolean {
  return isGrpcServiceError(error) && NOT_FOR_US.includes(error.code);
}

/** Those that visibility does not know, or knows as a type that our values do not fit: found by counting with each, as anybody may. */
export async function unqueryableSearchAttributes(client: Client): Promise<string[]> {
  const answers = [...OURS].map(async ([name, type]) => {
    try {
      await client.workflow.count(`${name} = '${type === 'Datetime' ? '2020-01-01T00:00:00Z' : 'none'}'`);
      return [];
    } catch (error) {
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      if (isGrpcServiceError(cause) && NOT_KNOWN.includes(cause.code)) return [name];
      throw error;
    }
  });
  return (await Promise.all(answers)).flat();
}
