import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Rules of the house that a change of eslint.config.mjs could switch off without a word: of several blocks that fit a file, the
 * last one's options for a rule replace those before.
 */

const CLIENT = "import PubSubApiClient from 'salesforce-pubsub-api-client';\nexport { PubSubApiClient };\n";
const NO_CLIENT = /no-restricted-imports: .*Only src\/listener\/subscription may use the client/;
const NO_BUILT_INS = /no-restricted-imports: .*no Node built-ins/;

const REFUSED: [name: string, file: string, text: string, rule: RegExp][] = [
  ['a workflow that reads a file', 'src/workflows/path.ts', "export { readFileSync } from 'node:fs';\n", NO_BUILT_INS],
  ['… by its old name', 'src/workflows/path.ts', "export { readFile } from 'fs/promises';\n", NO_BUILT_INS],
  ['a timer of Node in a workflow', 'src/workflows/path.ts', 'setTimeout(() => 1, 1);\n', /no-restricted-globals: /],
  ['the Pub/Sub client in a workflow', 'src/workflows/path.ts', CLIENT, NO_CLIENT],
  ['the client in the listener', 'src/listener/listener.ts', CLIENT, NO_CLIENT],
  ['the sandbox in the product', 'src/listener/index.ts', "import '../../sandbox/sandbox';\n", /no-restricted-paths: /],
];
const ALLOWED = ['src/listener/subscription/client.ts', CLIENT];

let broken: string[][];
beforeAll(() => {
  const texts = [...REFUSED.map(([, file, text]) => [file, text]), ALLOWED];
  const script = join(__dirname, 'lint-texts.mjs');
  const { stdout, stderr } = spawnSync(process.execPath, [script, JSON.stringify(texts)], { encoding: 'utf8' });
  expect(stderr).toBe('');
  broken = JSON.parse(stdout) as string[][];
});

test.each(REFUSED.map(([name, , , rule], index) => ({ name, rule, index })))('refused: $name', ({ rule, index }) => {
  expect(broken[index]).toContainEqual(expect.stringMatching(rule));
});

test('the client is let in where it is made safe', () => {
  expect(broken.at(-1)?.filter((each) => NO_CLIENT.test(each))).toEqual([]);
});
