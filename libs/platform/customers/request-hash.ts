import { createHmac, createSecretKey } from 'node:crypto';

/** JSON with sorted names: the same value gives the same text. Leaves out what is undefined. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  let text = '';
  for (const name of Object.keys(value).sort()) {
    const inner = (value as Record<string, unknown>)[name];
    if (inner !== undefined)
      text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(inner)}`;
  }
  return `{${text}}`;
}

/** Keyed hash of a request: tells a repeated body from another one without keeping what it says. */
export function requestHashWith(key: Uint8Array): (request: unknown) => string {
  // Handed over as bytes at every call, preparing the key would cost more than the hash.
  const keyObject = createSecretKey(key);
  return (request) =>
    createHmac('sha256', keyObject).update(canonicalJson(request)).digest('hex').slice(0, 32);
}
