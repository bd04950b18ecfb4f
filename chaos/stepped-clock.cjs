'use strict';
/**
 * Loaded before a process of the product (`--require`): SIGUSR2 steps its wall clock by CHAOS_CLOCK_HOURS, and a second
 * SIGUSR2 steps it back, as a machine's clock does that was set. Monotonic clocks and timers go on as they were.
 */
const stepMs = Number(process.env.CHAOS_CLOCK_HOURS ?? '1') * 3_600_000;
let offset = 0;
const RealDate = Date;
const now = RealDate.now.bind(RealDate);
const hours = () => offset;
class SteppedDate extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [now() + hours()] : args));
  }
  static now() {
    return now() + hours();
  }
}
globalThis.Date = SteppedDate;
process.on('SIGUSR2', () => {
  offset = offset === 0 ? stepMs : 0;
});
