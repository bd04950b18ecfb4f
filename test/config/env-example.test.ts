import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { envExample } from '../../src/config/reference';

it('keeps .env.example in step with the variables that are read', () => {
  expect(readFileSync(join(__dirname, '../../.env.example'), 'utf8')).toBe(envExample());
});
