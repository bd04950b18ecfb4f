import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failuresReference } from '../../scripts/failures-reference';

it('keeps docs/failures.md in step with the catalogue', () => {
  expect(readFileSync(join(__dirname, '../../docs/failures.md'), 'utf8')).toBe(failuresReference());
});
