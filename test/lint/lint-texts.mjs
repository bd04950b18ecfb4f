import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

/**
 * `node lint-texts.mjs JSON`: lints texts as if they were the files named, by the rules of this checkout that need no types (looking
 * those up takes half a minute). Writes, for each, what it breaks.
 */
const texts = JSON.parse(process.argv[2]);
const eslint = new ESLint({
  overrideConfig: [
    { files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked, rules: tseslint.configs.disableTypeChecked.rules },
    { files: ['**/*.ts'], rules: { 'import-x/no-cycle': 'off' } },
  ],
});
const broken = [];
for (const [filePath, text] of texts) {
  const [result] = await eslint.lintText(text, { filePath });
  broken.push((result?.messages ?? []).map(({ ruleId, message }) => `${ruleId}: ${message}`));
}
process.stdout.write(JSON.stringify(broken));
