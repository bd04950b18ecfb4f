import { malformedQuery } from '../errors';

/**
 * Date literals of SOQL as ranges of time (SOQL and SOSL Reference, "Date Formats and Date Literals"), in UTC: the
 * sandbox org's time zone is GMT, and its weeks begin on Sunday, its fiscal year in January.
 */

const DAY = 86_400_000;
type Unit = 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR';

/** Start of the unit that holds `at`, moved by `offset` units. */
function startOf(unit: Unit, at: number, offset: number): number {
  const date = new Date(at);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (unit) {
    case 'DAY':
      return Date.UTC(year, month, date.getUTCDate() + offset);
    case 'WEEK':
      return Date.UTC(year, month, date.getUTCDate() - date.getUTCDay() + 7 * offset);
    case 'MONTH':
      return Date.UTC(year, month + offset, 1);
    case 'QUARTER':
      return Date.UTC(year, month - (month % 3) + 3 * offset, 1);
    case 'YEAR':
      return Date.UTC(year + offset, 0, 1);
  }
}

const DAYS: Record<string, number> = { YESTERDAY: -1, TODAY: 0, TOMORROW: 1 };
const NAMED = /^(LAST|THIS|NEXT)_(?:FISCAL_)?(WEEK|MONTH|QUARTER|YEAR)$/;
const COUNTED =
  /^(?:(LAST|NEXT)_N_(?:FISCAL_)?(DAY|WEEK|MONTH|QUARTER|YEAR)S|N_(?:FISCAL_)?(DAY|WEEK|MONTH|QUARTER|YEAR)S_AGO):(\d+)$/;
const OFFSET: Record<string, number> = { LAST: -1, THIS: 0, NEXT: 1 };

/** Whether `text` has the shape of a date literal. */
export const isDateLiteral = (text: string): boolean => /^[A-Z_]+[A-Z0-9_]*(:\d+)?$/i.test(text) && text.length < 64;

/**
 * The range of a date literal, [from, to) in epoch ms.
 * @throws RestError MALFORMED_QUERY for a literal that SOQL does not have.
 */
export function rangeOf(literal: string, now: number): { from: number; to: number } {
  const text = literal.toUpperCase();
  const day = DAYS[text];
  const today = startOf('DAY', now, 0);
  if (day !== undefined) return { from: today + day * DAY, to: today + (day + 1) * DAY };
  // 90 days before or after today, today itself included in the first only.
  if (text === 'LAST_90_DAYS') return { from: today - 90 * DAY, to: today + DAY };
  if (text === 'NEXT_90_DAYS') return { from: today + DAY, to: today + 91 * DAY };

  const named = NAMED.exec(text);
  if (named !== null) {
    const offset = OFFSET[named[1]!]!;
    const unit = named[2] as Unit;
    return { from: startOf(unit, now, offset), to: startOf(unit, now, offset + 1) };
  }

  const counted = COUNTED.exec(text);
  if (counted === null) throw malformedQuery(`unexpected token: '${literal}'`);
  const [, direction, unit, unitAgo, digits] = counted;
  const n = Number(digits);
  if (unitAgo !== undefined) {
    return { from: startOf(unitAgo as Unit, now, -n), to: startOf(unitAgo as Unit, now, -n + 1) };
  }
  const of = unit as Unit;
  if (direction === 'NEXT') return { from: startOf(of, now, 1), to: startOf(of, now, n + 1) };
  // LAST_N_DAYS:n reaches to the end of today; the longer units end before the present one.
  return { from: startOf(of, now, -n), to: startOf(of, now, of === 'DAY' ? 1 : 0) };
}
