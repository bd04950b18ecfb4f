import fc from 'fast-check';
import { Breaker } from '../../src/cache/breaker';

const THRESHOLD = 3;
const OPEN_MS = 1000;

/** A breaker with a clock that is set by hand. */
class Rig {
  now = 0;
  readonly breaker = new Breaker(THRESHOLD, OPEN_MS, () => this.now);

  play(steps: string): string {
    for (const step of steps.split(' ').filter((s) => s !== '')) {
      if (step === 'fail') this.breaker.failed();
      else if (step === 'ok') this.breaker.succeeded();
      else if (step === 'ask') this.breaker.admit();
      else this.now += Number(step);
    }
    return this.breaker.state;
  }
}

test.each([
  ['', 'closed'],
  ['fail fail', 'closed'],
  ['fail fail ok fail fail', 'closed'],
  ['fail fail fail', 'open'],
  ['fail fail fail 999', 'open'],
  ['fail fail fail 1000', 'half-open'],
  ['fail fail fail 1000 ask', 'open'],
  ['fail fail fail 1000 ask ok', 'closed'],
  ['fail fail fail 1000 ask fail', 'open'],
  ['fail fail fail 1000 ask fail 999', 'open'],
  ['fail fail fail 1000 ask fail 1000', 'half-open'],
  // An answer to a command that went out before it opened is as good as a probe's.
  ['fail fail fail ok', 'closed'],
])('after "%s" it is %s', (steps, state) => {
  expect(new Rig().play(steps)).toBe(state);
});

test('half open it lets one command out, and no other until that one has an outcome', () => {
  const rig = new Rig();
  rig.play('fail fail fail 1000');
  expect([rig.breaker.admit(), rig.breaker.admit(), rig.breaker.admit()]).toEqual([true, false, false]);
  rig.play('fail 1000');
  expect([rig.breaker.admit(), rig.breaker.admit()]).toEqual([true, false]);
  rig.play('ok');
  expect([rig.breaker.admit(), rig.breaker.admit()]).toEqual([true, true]);
});

test('whatever happened, one success closes it, and it never stays open for longer than its time when asked', () => {
  const step = fc.oneof(fc.constantFrom('fail', 'ok', 'ask'), fc.integer({ min: 0, max: 1500 }).map(String));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const rig = new Rig();
      rig.play(steps.join(' '));
      // The probe that may be out fails, if it is.
      if (rig.breaker.state === 'open') rig.play(`fail ${OPEN_MS}`);
      expect(rig.breaker.admit()).toBe(true);
      rig.play('ok');
      expect(rig.breaker.state).toBe('closed');
    }),
  );
});
