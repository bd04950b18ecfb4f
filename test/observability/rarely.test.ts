import { rarely } from '../../src/observability/rarely';

it('tells at once, and again only when a minute has passed', () => {
  let now = 1_000;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  const told: string[] = [];
  const tell = rarely((what: string) => told.push(what));
  for (const [at, what] of [
    [1_000, 'first'],
    [2_000, 'again'],
    [60_999, 'still'],
    [61_000, 'a minute later'],
    [61_001, 'again'],
  ] as const) {
    now = at;
    tell(what);
  }
  jest.restoreAllMocks();
  expect(told).toEqual(['first', 'a minute later']);
});
