import type {
  Condition,
  NegationCondition,
  Query,
  ValueQueryCondition,
  WhereClause,
} from '@jetstreamapp/soql-parser-js';
import { malformedQuery } from '../errors';

/** A WHERE clause as a tree. The parser gives a flat list with counted parentheses, which says nothing of precedence. */
export type ConditionTree =
  | { is: 'and' | 'or'; of: ConditionTree[] }
  | { is: 'not'; of: ConditionTree }
  | { is: 'compare'; condition: Comparison };

export type Comparison = Exclude<Condition, NegationCondition> | ValueQueryCondition;

export const isSemiJoin = (comparison: Comparison): comparison is Comparison & { valueQuery: Query } =>
  'valueQuery' in comparison;

type Token = '(' | ')' | 'NOT' | 'AND' | 'OR' | Comparison;

function tokensOf(where: WhereClause): Token[] {
  const tokens: Token[] = [];
  let node = where;
  for (;;) {
    const left = node.left as Partial<Comparison> | null;
    for (let i = 0; i < (left?.openParen ?? 0); i++) tokens.push('(');
    if (left !== null && ('field' in left || 'fn' in left)) {
      tokens.push(left as Comparison);
      for (let i = 0; i < (left.closeParen ?? 0); i++) tokens.push(')');
    }
    if (!('operator' in node)) break;
    tokens.push(node.operator);
    node = node.right;
  }
  return tokens;
}

/**
 * The tree of a WHERE clause.
 * @throws RestError MALFORMED_QUERY where AND and OR meet at one level without parentheses: Salesforce refuses that, and
 * a lenient emulator would hide a query that fails in production.
 */
export function conditionTree(where: WhereClause): ConditionTree {
  const tokens = tokensOf(where);
  let at = 0;

  function term(): ConditionTree {
    const token = tokens[at++];
    if (token === 'NOT') return { is: 'not', of: term() };
    if (token === '(') {
      const inner = expression();
      if (tokens[at++] !== ')') throw malformedQuery("expecting a right parentheses, found '<EOF>'");
      return inner;
    }
    if (token === undefined) throw malformedQuery("unexpected token: '<EOF>'");
    if (typeof token === 'string') throw malformedQuery(`unexpected token: '${token}'`);
    return { is: 'compare', condition: token };
  }

  function expression(): ConditionTree {
    const of = [term()];
    let joined: 'AND' | 'OR' | undefined;
    for (let next = tokens[at]; next === 'AND' || next === 'OR'; next = tokens[at]) {
      if (joined !== undefined && joined !== next) throw malformedQuery(`unexpected token: ${next}`);
      joined = next;
      at++;
      of.push(term());
    }
    const [only] = of;
    if (joined === undefined && only !== undefined) return only;
    return { is: joined === 'OR' ? 'or' : 'and', of };
  }

  const tree = expression();
  const rest = tokens[at];
  if (rest !== undefined) throw malformedQuery(`unexpected token: '${typeof rest === 'string' ? rest : 'WHERE'}'`);
  return tree;
}
