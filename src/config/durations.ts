import ms, { type StringValue } from 'ms';

const SHAPE = /^\s*\d+(?:\.\d+)?\s*[a-z]+\s*$/i;

/** `30 seconds`, `90s`, `15m`, `30d` in milliseconds; undefined where the text is no duration. A bare number is refused: its unit is a guess. */
export function parseDuration(text: string): number | undefined {
  if (!SHAPE.test(text)) return undefined;
  const value = ms(text.trim() as StringValue) as number | undefined;
  return value !== undefined && Number.isFinite(value) && value > 0 ? Math.round(value) : undefined;
}
