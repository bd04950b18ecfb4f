import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { envExample } from '../src/config/reference';

writeFileSync(join(__dirname, '..', '.env.example'), envExample());
