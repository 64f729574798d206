/** One element of a small, trusted XML file: local names, attributes without their namespaces' prefixes, text joined. */
export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const decode = (text: string) =>
  text.replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal));
  });

const local = (name: string) => name.slice(name.indexOf(':') + 1);

/** Reads a suite's own file; throws where tags do not match. */
export function readXml(xml: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const tokens =
    /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/g;
  for (const [, data, closing, opening, attributes = '', selfClosing, text] of xml.matchAll(tokens)) {
    const top = open.at(-1)!;
    if (data !== undefined) top.text += data;
    else if (text !== undefined) top.text += decode(text);
    else if (closing !== undefined) {
      if (open.length < 2 || open.pop()!.name !== local(closing)) throw new Error(`</${closing}> closes nothing`);
    } else if (opening !== undefined) {
      const pairs = [...attributes.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)];
      const element: XmlElement = {
        name: local(opening),
        attributes: Object.fromEntries(pairs.map(([, name, a, b]) => [local(name!), decode(a ?? b ?? '')])),
        children: [],
        text: '',
      };
      top.children.push(element);
      if (!selfClosing) open.push(element);
    }
  }
  if (open.length !== 1 || !root.children[0]) throw new Error('The file ends inside of an element');
  return root.children[0];
}
