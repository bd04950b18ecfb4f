/**
 * The bitmaps of `changedFields`, `nulledFields` and `diffFields`: an array of texts, first `0x…` with a bit for
 * each top-level field by its position in the Avro schema, then `<position>-0x…` for each compound field of which
 * components are meant (Pub/Sub API guide, "Event Deserialization Considerations"). Hexadecimal digits are upper
 * case and even in number, as in every recorded event.
 */

function hex(positions: readonly number[]): string {
  const bits = positions.reduce((sum, position) => sum | (1n << BigInt(position)), 0n);
  const digits = bits.toString(16).toUpperCase();
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`;
}

/** A field of an event's Avro schema, with its components when it is a compound. */
export interface EventField {
  name: string;
  components: readonly string[];
}

/**
 * @param fields all fields of the Avro record, the header first
 * @param names names such as `Status` and `BillingAddress.City`
 * @throws Error for a name that the schema does not have
 */
export function toBitmaps(fields: readonly EventField[], names: readonly string[]): string[] {
  const top: number[] = [];
  const nested = new Map<number, number[]>();
  for (const name of names) {
    const [parent, component] = name.split('.');
    const position = fields.findIndex((field) => field.name === parent);
    if (position < 0) throw new Error(`${name} is not a field of the event`);
    if (component === undefined) {
      top.push(position);
      continue;
    }
    const child = fields[position]?.components.indexOf(component) ?? -1;
    if (child < 0) throw new Error(`${name} is not a component of a field of the event`);
    nested.set(position, [...(nested.get(position) ?? []), child]);
  }
  const parts = [...nested].sort(([a], [b]) => a - b).map(([position, children]) => `${position}-${hex(children)}`);
  return top.length > 0 ? [hex(top), ...parts] : parts;
}
