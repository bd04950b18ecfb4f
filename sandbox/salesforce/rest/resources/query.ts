import { malformedQuery } from '../errors';
import type { ApiAnswer, ApiCall, ApiDeps, Resource } from '../api';
import { runSoql } from '../soql/run';
import type { SoqlSource } from '../soql/source';
import { storeSource } from '../soql/store-source';
import { toolingSource } from './tooling';
import { LARGEST_BATCH, SMALLEST_BATCH } from './locators';

/** `Sforce-Query-Options: batchSize=n`, kept within 200 and 2,000 as Salesforce does. */
function batchSize(call: ApiCall): number {
  const wanted = /batchSize=(\d+)/i.exec(call.headers['sforce-query-options'] ?? '')?.[1];
  return wanted === undefined ? LARGEST_BATCH : Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, Number(wanted)));
}

function answer(call: ApiCall, deps: ApiDeps, source: SoqlSource, family: string, includeDeleted: boolean): ApiAnswer {
  const soql = call.query.get('q');
  if (soql === null) throw malformedQuery('SOQL query is required');
  const urls = `/services/data/v${call.apiVersion}${family}`;
  const outcome = runSoql({ source, recordUrls: `${urls}/sobjects`, includeDeleted }, soql);
  if ('count' in outcome) return { status: 200, body: { totalSize: outcome.count, done: true, records: [] } };
  const page = deps.locators.firstPage(outcome.records, batchSize(call), `${urls}/query`);
  // The Tooling API says `size` as well, and the Pub/Sub client looks at it.
  const tooling = family === '' ? {} : { size: page.records.length, queryLocator: null, entityTypeName: null };
  return { status: 200, body: { ...tooling, ...page } };
}

const records = (deps: ApiDeps) => storeSource(deps.store, deps.clock, deps.permissions);

export const queryResources: Resource[] = [
  { method: 'GET', path: /^\/query$/, handle: (call, deps) => answer(call, deps, records(deps), '', false) },
  { method: 'GET', path: /^\/queryAll$/, handle: (call, deps) => answer(call, deps, records(deps), '', true) },
  {
    method: 'GET',
    path: /^\/tooling\/query$/,
    handle: (call, deps) => answer(call, deps, toolingSource(deps), '/tooling', false),
  },
  {
    method: 'GET',
    path: /^\/(?:tooling\/)?query(?:All)?\/([^/]+)$/,
    handle: (call, deps, locator) => ({
      status: 200,
      body: deps.locators.nextPage(locator, `/services/data/v${call.apiVersion}/query`),
    }),
  },
];
