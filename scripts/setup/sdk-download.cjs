// Run by sdk-download.mjs in a process of its own, which can be killed when the download hangs: the SDK offers neither a
// time limit nor a download without a start.
const { TestWorkflowEnvironment } = require('@temporalio/testing');

const [kind, downloadDir] = process.argv.slice(2);
const options = { server: { executable: { type: 'cached-download', downloadDir } } };
const create = kind === 'dev-server' ? 'createLocal' : 'createTimeSkipping';

TestWorkflowEnvironment[create](options)
  .then((environment) => environment.teardown())
  .then(
    () => process.exit(0),
    (error) => {
      const cause =
        /(dns error[^:]*|client error \([^)]*\).*|HTTP status [^)]*\))/.exec(error.message)?.[0] ?? error.message;
      process.stderr.write(`${cause}\n`);
      process.exit(1);
    },
  );
