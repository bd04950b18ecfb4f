import { Argument, Command } from 'commander';
import { completionScript, SHELLS, type Shell } from '../completion';
import { withExamples, type Invoke } from '../verb';

/** The completion of `program`, made from its definitions. */
export function completionVerb(invoke: Invoke, program: Command): Command {
  const command = new Command('completion')
    .summary('shell completion')
    .description('Writes a completion script for your shell to stdout.')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action((shell: Shell) =>
      invoke(command, (cli) => {
        const script = completionScript(shell, program);
        cli.report({ shell, script }, () => script.trimEnd());
        return Promise.resolve(undefined);
      }),
    );
  return withExamples(command, [
    [
      'completion bash > ~/.local/share/bash-completion/completions/orders',
      'bash',
      'mkdir -p ~/.local/share/bash-completion/completions',
    ],
    ['completion zsh > "${fpath[1]}/_orders"', 'zsh'],
    ['completion fish > ~/.config/fish/completions/orders.fish', 'fish', 'mkdir -p ~/.config/fish/completions'],
  ]);
}
