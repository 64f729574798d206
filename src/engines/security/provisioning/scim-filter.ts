import { ScimError } from './scim-error.ts';

/** One comparison `attribute eq "value"`, the attribute in lower case. */
export interface EqualFilter {
  attribute: string;
  value: string;
}

const form = /^\s*([a-z][\w.:-]*)\s+eq\s+("(?:[^"\\]|\\.)*")\s*$/i;

/**
 * Reads a filter (RFC 7644 section 3.4.2.2) as far as we answer it: `eq` on one of `attributes`, which is what provisioning
 * systems ask before they create. Throws `invalidFilter` for anything else.
 */
export function readFilter(text: string | undefined, attributes: readonly string[]): EqualFilter | undefined {
  if (text === undefined) return undefined;
  const [, name, quoted] = form.exec(text) ?? [];
  const attribute = name?.toLowerCase().replace(/^urn:ietf:params:scim:schemas:core:2\.0:(user|group):/, '');
  const known = attribute && attributes.some((one) => one.toLowerCase() === attribute);
  if (!known || !quoted) {
    throw new ScimError(400, `A filter is ${attributes.join(' or ')}, eq, and a quoted value.`, 'invalidFilter');
  }
  try {
    return { attribute, value: JSON.parse(quoted) as string };
  } catch {
    throw new ScimError(400, 'The value of the filter is no JSON string.', 'invalidFilter');
  }
}
