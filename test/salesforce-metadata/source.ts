import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { XMLParser, XMLValidator } from 'fast-xml-parser';

export const PROJECT = join(__dirname, '..', '..', 'salesforce');

/** An element's content: text, or elements by name; several of one name are a list. */
export type Element = string | { [name: string]: Element | Element[] };

export interface Component {
  /** Below salesforce/. */
  path: string;
  /** Metadata type: the root element. */
  type: string;
  /** Full name by its place, as the tools derive it: `Order.WHMCS_Order_ID__c`. */
  fullName: string;
  content: { [name: string]: Element | Element[] };
}

const parser = new XMLParser({ parseTagValue: false, ignoreAttributes: true, ignoreDeclaration: true });

/** Every file below a folder of salesforce/. */
export function filesBelow(folder: string): string[] {
  const entries = readdirSync(join(PROJECT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The well-formed XML of a file, or what is wrong with it. */
export function parseXml(file: string): { root: string; content: Component['content'] } {
  const text = readFileSync(file, 'utf8');
  const sound = XMLValidator.validate(text);
  if (sound !== true) throw new Error(`${file}: ${sound.err.msg} in line ${sound.err.line}`);
  const [[root, content] = ['', {}]] = Object.entries(parser.parse(text) as Record<string, Component['content']>);
  return { root, content };
}

/** The components below a folder, each in a file of its own. */
export function componentsBelow(folder: string): Component[] {
  return filesBelow(folder).map((file) => {
    const { root, content } = parseXml(file);
    const path = relative(PROJECT, file).split(sep).join('/');
    return { path, type: root, fullName: fullNameOf(path), content };
  });
}

/** `…/objects/Order/fields/X__c.field-meta.xml` is `Order.X__c`; all else is called as its file. */
function fullNameOf(path: string): string {
  const name = basename(path).replace(/\.[A-Za-z]+-meta\.xml$/, '');
  const object = /objects\/([^/]+)\/fields\//.exec(path)?.[1];
  return object === undefined ? name : `${object}.${name}`;
}

/** The elements of a name as a list, whether there are none, one or several. */
export function list(content: Component['content'], name: string): Element[] {
  const value = content[name];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** The text of an element; empty where there is none. */
export function textOf(content: Element | undefined, name: string): string {
  const value = typeof content === 'object' ? content[name] : undefined;
  return typeof value === 'string' ? value : '';
}
