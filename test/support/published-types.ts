import { join } from 'node:path';
import ts from 'typescript';

/**
 * Holds data against types that a vendor publishes as TypeScript: unknown names, missing ones, wrong kinds of value and
 * values outside an enumeration. `text`: leaves are text, as in XML, and are judged by whether they read as the kind wanted.
 */
export class PublishedTypes {
  private readonly checker: ts.TypeChecker;
  private readonly exported: Map<string, ts.Symbol>;

  /** @param file a `.d.ts`; see {@link publishedFile} */
  constructor(
    file: string,
    private readonly leaves: 'text' | 'json',
  ) {
    const program = ts.createProgram([file], { skipLibCheck: true, lib: ['lib.es2020.d.ts'], types: [] });
    this.checker = program.getTypeChecker();
    const source = program.getSourceFile(file);
    const module = source && this.checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} is no module of types`);
    this.exported = new Map(this.checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]));
  }

  /** What is wrong with `value` as a `typeName`, each with its path; empty when nothing is. */
  faults(typeName: string, value: unknown): string[] {
    const symbol = this.exported.get(typeName);
    if (symbol === undefined) return [`${typeName}: no such type is published`];
    return this.judge(this.checker.getDeclaredTypeOfSymbol(symbol), value, typeName);
  }

  private judge(type: ts.Type, value: unknown, path: string): string[] {
    if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return [];
    const bare = this.checker.getNonNullableType(type);
    if (this.checker.isArrayType(bare)) {
      const [element] = this.checker.getTypeArguments(bare as ts.TypeReference);
      if (!Array.isArray(value) && this.leaves === 'json') return [`${path} must be a list`];
      const items: unknown[] = Array.isArray(value) ? value : [value];
      return element === undefined
        ? []
        : items.flatMap((item, index) => this.judge(element, item, `${path}[${index}]`));
    }
    if (bare.isUnion()) {
      const faults = bare.types.map((one) => this.judge(one, value, path));
      return faults.some((some) => some.length === 0) ? [] : [`${path} must be ${this.checker.typeToString(bare)}`];
    }
    if (isLeaf(bare)) return this.leafFits(bare, value) ? [] : [`${path} must be ${this.checker.typeToString(bare)}`];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} must hold elements`];
    return this.judgeMembers(bare, value as Record<string, unknown>, path);
  }

  private judgeMembers(type: ts.Type, value: Record<string, unknown>, path: string): string[] {
    const anyName = this.checker.getIndexTypeOfType(type, ts.IndexKind.String);
    const known = new Map(this.checker.getPropertiesOfType(type).map((member) => [member.name, member]));
    const present = Object.entries(value).flatMap(([name, part]) => {
      const member = known.get(name);
      const memberType = member === undefined ? anyName : this.checker.getTypeOfSymbol(member);
      return memberType === undefined
        ? [`${path}.${name} is not known`]
        : this.judge(memberType, part, `${path}.${name}`);
    });
    const missing = [...known.values()].filter(
      (member) => !(member.flags & ts.SymbolFlags.Optional) && !(member.name in value) && !this.mayBeLeftOut(member),
    );
    return [...present, ...missing.map(({ name }) => `${path}.${name} is missing`)];
  }

  /** In XML an empty list has no element. */
  private mayBeLeftOut(member: ts.Symbol): boolean {
    return this.leaves === 'text' && this.checker.isArrayType(this.checker.getTypeOfSymbol(member));
  }

  private leafFits(type: ts.Type, value: unknown): boolean {
    const { flags } = type;
    if (type.isStringLiteral()) return value === type.value;
    if (flags & ts.TypeFlags.BooleanLiteral) return String(value) === this.checker.typeToString(type);
    if (this.leaves === 'json') {
      if (flags & ts.TypeFlags.String) return typeof value === 'string';
      if (flags & ts.TypeFlags.Number) return typeof value === 'number';
      return typeof value === 'boolean';
    }
    if (typeof value !== 'string') return false;
    if (flags & ts.TypeFlags.Number) return /^-?\d+(\.\d+)?$/.test(value);
    if (flags & ts.TypeFlags.Boolean) return value === 'true' || value === 'false';
    return true;
  }
}

function isLeaf({ flags }: ts.Type): boolean {
  const kinds = ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike;
  return (flags & kinds) !== 0;
}

/** A file of an installed package, whatever it exports, e.g. `('@salesforce/types', 'lib/metadata.d.ts')`. */
export function publishedFile(packageName: string, file: string): string {
  return join(__dirname, '..', '..', 'node_modules', packageName, file);
}
