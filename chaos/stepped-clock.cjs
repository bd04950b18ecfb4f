'use strict';
/**
 * Loaded before a process of the product (`--require`): at its start, and at each SIGUSR2, its wall clock is set as many hours off as
 * the file CHAOS_CLOCK_FILE says, as a machine's clock that was set. Monotonic clocks and timers go on as they were.
 */
const { readFileSync } = require('node:fs');

let offset = 0;
function read() {
  try {
    offset = Number(readFileSync(process.env.CHAOS_CLOCK_FILE, 'utf8')) * 3_600_000;
  } catch {
    // Nobody has set it.
  }
}
const RealDate = Date;
const now = RealDate.now.bind(RealDate);
class SteppedDate extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [now() + offset] : args));
  }
  static now() {
    return now() + offset;
  }
}
globalThis.Date = SteppedDate;
read();
process.on('SIGUSR2', read);
