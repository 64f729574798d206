import type { InclusionProof } from './shapes.ts';

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

async function sha256(...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', joined));
}

const inner = Uint8Array.of(1);

/**
 * The root to which an inclusion proof leads from the leaf (RFC 9162, 2.1.3.2), as base64; null where the path does not
 * fit. It is computed in the browser, so that nobody has to take the server's word for it.
 */
export async function rootOfProof(leaf: string, { leafIndex, treeSize, path }: InclusionProof): Promise<string | null> {
  const bytes = bytesOf(path);
  let [fn, sn] = [leafIndex, treeSize - 1];
  let root = await sha256(Uint8Array.of(0), new TextEncoder().encode(leaf));
  const up = () => {
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  };
  for (let at = 0; at < bytes.length; at += 32) {
    const hash = bytes.subarray(at, at + 32);
    if (sn === 0) return null;
    if (fn % 2 === 1 || fn === sn) {
      root = await sha256(inner, hash, root);
      while (fn % 2 === 0 && fn !== 0) up();
    } else root = await sha256(inner, root, hash);
    up();
  }
  return sn === 0 ? btoa(String.fromCharCode(...root)) : null;
}
