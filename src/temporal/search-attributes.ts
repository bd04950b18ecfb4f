import { isGrpcServiceError, type Client } from '@temporalio/client';
import { searchAttributes } from '../workflows/contract';

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const KEYWORD = 2;
const TYPES = ['Unspecified', 'Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'];

async function registered(client: Client): Promise<Record<string, unknown>> {
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
    namespace: client.options.namespace,
  });
  return customAttributes;
}

const ours = Object.values(searchAttributes).map(({ name }) => name);

/** Names of the search attributes that the namespace lacks. A start with one that is missing is refused by the server. */
export async function missingSearchAttributes(client: Client): Promise<string[]> {
  const found = await registered(client);
  return ours.filter((name) => !(name in found));
}

/** Those that the namespace has as another type than Keyword: queries by them find nothing, or are refused. */
export async function mistypedSearchAttributes(client: Client): Promise<{ name: string; type: string }[]> {
  const found = await registered(client);
  return ours
    .filter((name) => name in found && found[name] !== KEYWORD)
    .map((name) => ({ name, type: TYPES[Number(found[name])] ?? 'another type' }));
}

/** Registers the ones that are missing, as Keyword. Needs the operator's rights; on Temporal Cloud they are made with `tcld` or the UI. */
export async function createSearchAttributes(client: Client, names: string[]): Promise<void> {
  await client.connection.operatorService.addSearchAttributes({
    namespace: client.options.namespace,
    searchAttributes: Object.fromEntries(names.map((name) => [name, KEYWORD])),
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
    if (!isGrpcServiceError(error) || !NOT_FOR_US.includes(error.code)) throw error;
    return { created: [], refused: true };
  }
}

/** gRPC statuses PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED. */
const NOT_FOR_US = [7, 12, 16];
