import { RapportError, type ErrorDetail } from '@rapport/contracts';

/** Deeper bodies are refused: nothing we accept is deeper than 6. */
const DEEPEST = 32;
/** Names that reach into prototypes when an object is copied carelessly. */
const PROTOTYPE_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const malformed = (detail: string): RapportError => new RapportError('MALFORMED_JSON', detail);

/**
 * JSON as RFC 8259 means it for exchange (I-JSON): UTF-8 without a byte order mark, no duplicate names, no numbers
 * beyond double range, no lone surrogates, no NUL, at most 32 levels.
 * Throws MALFORMED_JSON; UNKNOWN_PROPERTY for names that reach into prototypes.
 */
export function parseStrictJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw malformed('The body is empty.');
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw malformed('The body is not UTF-8.');
  }
  if (text.charCodeAt(0) === 0xfeff) throw malformed('The body starts with a byte order mark.');
  const names = countNames(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('The body is not valid JSON.');
  }
  const found = inspect(value, text.includes('\\u'));
  if (found !== names) throw malformed('An object names a property twice.');
  // A text without these words has no such name, unless it is written in escapes.
  if (text.includes('proto') || text.includes('constructor') || text.includes('\\u')) {
    const errors: ErrorDetail[] = [];
    findPrototypeNames(value, '', errors);
    if (errors.length > 0)
      throw new RapportError('UNKNOWN_PROPERTY', 'The body names properties of no object of ours.', {
        errors,
      });
  }
  return value;
}

/** Names in the text: colons outside strings. Also refuses nesting before the parser has to follow it. */
function countNames(text: string): number {
  let names = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: // "
        i = endOfString(text, i);
        break;
      case 0x3a: // :
        names++;
        break;
      case 0x7b: // {
      case 0x5b: // [
        if (++depth > DEEPEST) throw malformed(`The body is nested deeper than ${DEEPEST} levels.`);
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
    }
  }
  return names;
}

function endOfString(text: string, start: number): number {
  for (let i = text.indexOf('"', start + 1); i >= 0; i = text.indexOf('"', i + 1)) {
    let slashes = 0;
    while (text.charCodeAt(i - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return i;
  }
  return text.length;
}

/** Number of names in the value. Escapes are the only way to a NUL or half a character. */
function inspect(value: unknown, hasEscapes: boolean): number {
  if (typeof value === 'string') {
    if (hasEscapes) checkText(value);
    return 0;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw malformed('A number is too large.');
    return 0;
  }
  if (typeof value !== 'object' || value === null) return 0;
  let names = 0;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) names += inspect(item, hasEscapes);
    return names;
  }
  for (const name in value) {
    names++;
    if (hasEscapes) checkText(name);
    names += inspect((value as Record<string, unknown>)[name], hasEscapes);
  }
  return names;
}

/** Notes where the value names what it must not. */
function findPrototypeNames(value: unknown, pointer: string, errors: ErrorDetail[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    value.forEach((item, index) => findPrototypeNames(item, `${pointer}/${index}`, errors));
    return;
  }
  for (const name of Object.keys(value)) {
    if (PROTOTYPE_NAMES.has(name))
      errors.push({ pointer: `${pointer}/${name}`, code: 'UNKNOWN_PROPERTY', message: 'is not known' });
    findPrototypeNames((value as Record<string, unknown>)[name], `${pointer}/${name.slice(0, 100)}`, errors);
  }
}

function checkText(text: string): void {
  if (text.includes('\0')) throw malformed('A string contains NUL.');
  if (!text.isWellFormed()) throw malformed('A string contains half a character (a lone surrogate).');
}
