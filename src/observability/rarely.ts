/** An outage repeats its error about every second, and says nothing new with it. */
const EVERY_MS = 60_000;

/** `tell`, called at once and then at most once a minute, however often this is. */
export function rarely<A extends unknown[]>(tell: (...about: A) => void): (...about: A) => void {
  let toldAt = -Infinity;
  return (...about) => {
    const now = performance.now();
    if (now - toldAt < EVERY_MS) return;
    toldAt = now;
    tell(...about);
  };
}
