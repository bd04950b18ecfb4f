import { ProvisioningFailure } from '../domain/failure';
import { readPage, type Page, type Row } from './rows';
import type { SalesforceSession } from './session';

/** A next page is on the same host and in the query resource, whatever a record's text may say. */
const NEXT = /^\/services\/data\/v\d{1,3}\.\d\/query\/[\w-]{1,200}$/;

function unexpected(about: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'SF_SERVER_ERROR',
    message: `Salesforce answered a query with something that is no page of records when asked to ${about}`,
  });
}

async function page(session: SalesforceSession, path: string, about: string): Promise<Page> {
  const found = readPage(await session.call({ method: 'GET', path }, about));
  if (found === undefined) throw unexpected(about);
  return found;
}

async function* rest(session: SalesforceSession, first: Page, about: string): AsyncGenerator<Row[]> {
  for (let current = first; !current.done;) {
    if (current.nextRecordsUrl === undefined || !NEXT.test(current.nextRecordsUrl)) throw unexpected(about);
    current = await page(session, current.nextRecordsUrl, about);
    yield current.records;
  }
}

/** The records of a query, page by page: one call for each. */
export async function* queryPages(session: SalesforceSession, soql: string, about: string): AsyncGenerator<Row[]> {
  const first = await page(session, `/query?q=${encodeURIComponent(soql)}`, about);
  yield first.records;
  yield* rest(session, first, about);
}

/** All records of a query. */
export async function queryAll(session: SalesforceSession, soql: string, about: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const records of queryPages(session, soql, about)) rows.push(...records);
  return rows;
}

/** All records of a child subquery, which has pages of its own: Salesforce may cut it anywhere, usually at 200. */
export async function children(session: SalesforceSession, row: Row, name: string, about: string): Promise<Row[]> {
  if (row[name] === null || row[name] === undefined) return [];
  const first = readPage(row[name]);
  if (first === undefined) throw unexpected(about);
  const rows = [...first.records];
  for await (const records of rest(session, first, about)) rows.push(...records);
  return rows;
}
