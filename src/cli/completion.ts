import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Choice {
  flag: string;
  about: string;
  /** Undefined: the option takes no value; empty: any value. */
  values: readonly string[] | undefined;
}

/** A verb, or one below a verb, with what may follow it. */
interface Node {
  /** `dead-letters retry`; empty for the program itself. */
  path: string;
  about: string;
  children: { name: string; about: string }[];
  options: Choice[];
  /** Values of the first argument, where it has a closed set. */
  words: readonly string[];
}

function choiceOf(option: Option): Choice[] {
  const takesValue = option.required || option.optional;
  const values = takesValue ? (option.argChoices ?? []) : undefined;
  const flags = [option.long, option.short].filter((flag): flag is string => typeof flag === 'string');
  return flags.map((flag) => ({ flag, about: option.description, values }));
}

function nodesOf(program: Command): Node[] {
  const globals = program.options.flatMap(choiceOf);
  const visit = (command: Command, path: string): Node[] => {
    const own = command === program ? [] : command.options.flatMap(choiceOf);
    const children = command.commands.map((child) => ({ name: child.name(), about: summaryOf(child) }));
    const words = command.registeredArguments[0]?.argChoices ?? [];
    const help = { flag: '--help', about: 'show help', values: undefined };
    const node = { path, about: summaryOf(command), children, options: [...own, ...globals, help], words };
    const below = command.commands.flatMap((child) => visit(child, `${path} ${child.name()}`.trim()));
    return [node, ...below];
  };
  return visit(program, '');
}

const summaryOf = (command: Command): string => command.summary() || command.description();

/** The completion script of `shell`, from the definitions of the verbs. */
export function completionScript(shell: Shell, program: Command): string {
  const nodes = nodesOf(program);
  switch (shell) {
    case 'bash':
      return bash(nodes);
    case 'zsh':
      return zsh(nodes);
    case 'fish':
      return fish(nodes);
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const wordsOf = ({ children, options, words }: Node): string =>
  [...children.map(({ name }) => name), ...words, ...options.map(({ flag }) => flag)].join(' ');

/** `<path>|<option>) words` for each option with a closed set of values. */
function valueCases(nodes: readonly Node[], line: (values: string) => string): string {
  const seen = new Map<string, string>();
  for (const { options } of nodes) {
    for (const { flag, values } of options) if (values !== undefined) seen.set(flag, values.join(' '));
  }
  return [...seen].map(([flag, values]) => `    ${flag}) ${line(values)} ;;`).join('\n');
}

function bash(nodes: readonly Node[]): string {
  const cases = nodes.map((node) => `    ${quoted(node.path)}) words=${quoted(wordsOf(node))} ;;`).join('\n');
  const paths = nodes.map(({ path }) => quoted(path)).join('|');
  return `# bash completion of orders
_orders() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' word words=''
  case "$prev" in
${valueCases(nodes, (values) => `COMPREPLY=($(compgen -W ${quoted(values)} -- "$cur")); return`)}
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
      ${paths}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _orders orders
`;
}

/** `path` would be the shell's own PATH. */
function zsh(nodes: readonly Node[]): string {
  const paths = nodes.map(({ path }) => quoted(path)).join('|');
  const cases = nodes.map((node) => {
    const children = [
      ...node.children.map(({ name, about }) => `${name}:${about}`),
      ...node.words.map((word) => `${word}:`),
    ];
    const options = node.options.map(({ flag, about }) => `${flag}:${about}`);
    return `    ${quoted(node.path)}) verbs=(${children.map(quoted).join(' ')}); flags=(${options.map(quoted).join(' ')}) ;;`;
  });
  return `#compdef orders
_orders() {
  local verb_path='' word
  local -a verbs flags
  case "\${words[CURRENT-1]}" in
${valueCases(nodes, (values) => `compadd -- ${values}; return`)}
  esac
  for word in "\${words[@]:1:$((CURRENT-2))}"; do
    case "\${verb_path:+$verb_path }$word" in
      ${paths}) verb_path="\${verb_path:+$verb_path }$word" ;;
    esac
  done
  case "$verb_path" in
${cases.join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then _describe option flags; else _describe verb verbs; fi
}
if [[ "\${funcstack[1]}" == _orders ]]; then _orders "$@"; else compdef _orders orders; fi
`;
}

function fish(nodes: readonly Node[]): string {
  const lines = nodes.flatMap((node) => {
    const condition = quoted(conditionOf(node, nodes));
    return [
      ...node.children.map(({ name, about }) => `complete -c orders -n ${condition} -a ${name} -d ${quoted(about)}`),
      ...node.words.map((word) => `complete -c orders -n ${condition} -a ${word}`),
      ...node.options.map((option) => fishOption(condition, option)),
    ];
  });
  return ['# fish completion of orders', 'complete -c orders -f', ...lines, ''].join('\n');
}

function conditionOf({ path, children }: Node, nodes: readonly Node[]): string {
  const top = nodes.filter((node) => node.path !== '' && !node.path.includes(' ')).map((node) => node.path);
  if (path === '') return `not __fish_seen_subcommand_from ${top.join(' ')}`;
  const seen = path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
  const deeper =
    children.length === 0 ? [] : [`not __fish_seen_subcommand_from ${children.map((c) => c.name).join(' ')}`];
  return [...seen, ...deeper].join('; and ');
}

function fishOption(condition: string, { flag, about, values }: Choice): string {
  const name = flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`;
  const argument = values === undefined ? '' : values.length > 0 ? ` -x -a ${quoted(values.join(' '))}` : ' -x';
  return `complete -c orders -n ${condition} ${name}${argument} -d ${quoted(about)}`;
}
