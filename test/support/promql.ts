/** What a PromQL expression asks for: each metric with the labels and label values that it is selected or grouped by. */
export interface Selected {
  metric: string;
  labels: string[];
  /** Values that `=` and `=~` name, by label. */
  values: Record<string, string[]>;
}

const SELECTOR = /\b((?:order_provisioning|temporal)_\w+)(?:\{([^}]*)\})?/g;
const MATCHER = /(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g;

/** Read by pattern, which is enough for our own expressions: the metrics' names begin with one of two words. */
export function selectorsOf(expression: string): Selected[] {
  const grouped = [...expression.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, names = '']) =>
    names.split(',').map((name) => name.trim()),
  );
  return [...expression.matchAll(SELECTOR)].map(([, metric = '', matchers = '']) => {
    const matched = [...matchers.matchAll(MATCHER)];
    const values = matched.map(([, label = '', operator = '', value = '']) => [
      label,
      operator === '=' ? [value] : value.split('|'),
    ]);
    return {
      metric,
      labels: [...grouped, ...matched.map(([, label = '']) => label)],
      values: Object.fromEntries(values) as Record<string, string[]>,
    };
  });
}

/** Samples of a scrape: the names with the labels that each was seen with. */
export function scraped(text: string): Map<string, Set<string>> {
  const seen = new Map<string, Set<string>>();
  for (const line of text.split('\n')) {
    const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const names = seen.get(name) ?? new Set();
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) names.add(label);
    seen.set(name, names);
  }
  return seen;
}
