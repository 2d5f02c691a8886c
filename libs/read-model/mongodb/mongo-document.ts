/**
 * How a document stands in MongoDB: as a native document under `document`, so that people can query it with MongoDB's
 * own tools; or as JSON text under `json`, for the rare one that BSON or the server would refuse or change.
 */
export type StoredBody = { readonly document: object } | { readonly json: string };

/** MongoDB refuses documents nested more than 100 levels deep; ours stand one level down. */
const MAX_DEPTH = 90;
/** Names that the server takes for operators or paths, that end a C string, or that the driver gives a meaning. */
const UNSAFE_NAME = /^$|^\$|[.\0]|^(?:__proto__|_bsontype|toBSON)$/;

/** The body of a document; `json` is its JSON text where the caller has it. */
export function storedBodyOf(document: object, json?: string): StoredBody {
  if (isNative(document, 0)) return { document };
  const text = json ?? JSON.stringify(document);
  // What JSON itself changes (-0, NaN, dates, undefined) is then as every other store gives it back.
  const plain = JSON.parse(text) as object;
  return isNative(plain, 0) ? { document: plain } : { json: text };
}

export const documentOf = (row: { readonly document?: object; readonly json?: string }): object =>
  row.json === undefined ? row.document! : (JSON.parse(row.json) as object);

/** True when the value comes back from BSON exactly as it would from its JSON text. */
function isNative(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
      // UTF-8 has no lone surrogates, JSON text does.
      return value.isWellFormed();
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'boolean':
    case 'undefined':
      return true;
    case 'object':
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth === MAX_DEPTH) return false;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isNative(value[i], depth + 1)) return false;
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in value) return false;
  for (const name of Object.keys(value)) {
    if (UNSAFE_NAME.test(name)) return false;
    if (!isNative((value as Record<string, unknown>)[name], depth + 1)) return false;
  }
  return true;
}
