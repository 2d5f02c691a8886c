import { isoOf } from '@rapport/contracts';

/** JSON Schema as the OpenAPI document carries it. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema: JsonSchema }[]; // prettier-ignore
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: JsonSchema } };
  };
}

export interface FuzzedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string | Buffer;
}

/** mulberry32: the same seed gives the same requests. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Values that have broken servers before. */
const HOSTILE: readonly unknown[] = [
  null, true, false, 0, -1, 1.5, 1e21, -(2 ** 53), '', ' ', '..', '../../etc/passwd', '$all', '$ce-customer', 'customer-1',
  '\u202eevil', 'zero\u200bwidth', 'e\u0301', '\ufeff', 'a\r\nb: c', '👩‍👩‍👧', 'x'.repeat(5_000), "'; DROP TABLE events; --", '%00', '%zz',
  '__proto__', 'constructor', 'toString', 'NaN', 'Infinity', '1e400', '0x10', '2026-02-30', '9999-12-31T23:59:59Z', '0000-01-01T00:00:00Z',
  '2026-01-01T00:00:00', '2016-12-31T23:59:60Z', '+275760-09-13T00:00:00Z', 'pv1.a.b.c.d.e', [], [[]], {}, { $gt: '' }, { __type: 'x' },
  { length: -1 }, { toString: 'x' }, { valueOf: null }, ['a', 'a'], Array.from({ length: 300 }, () => 'a'),
]; // prettier-ignore
const RAW_BODIES: readonly (string | Buffer)[] = [
  '', '{', '[]', 'null', '"x"', '{"a":1,"a":2}', '{"a":NaN}', '{"a":1e400}', '\ufeff{}', '{"a":"\\ud800"}', '{"a":"\\u0000"}',
  `${'['.repeat(10_000)}${']'.repeat(10_000)}`, '{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}',
  '{"occurredAt":{"__proto__":{"polluted":1}}}', Buffer.from([0xff, 0xfe, 0x7b]), Buffer.from('{"a":"\xe9"}', 'latin1'), `{"a":"${'x'.repeat(300_000)}"}`,
]; // prettier-ignore
const CONTENT_TYPES = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=b', 'application/json; charset=utf-16', 'application/*', '*/*', ';']; // prettier-ignore
const QUERIES = ['__proto__=1', '__proto__[a]=1', 'constructor[prototype][a]=1', 'limit=1&limit=2', 'a[$ne]=1', 'cursor=e30.AAAAAAAAAAAAAAAAAAAAAA', 'asOf=9999-01-01T00:00:00Z', 'asOf=2100-12-31T23:59:59Z', 'asOf=1900-01-01T00:00:00Z', 'knownAt=0', 'knownAt=1', 'knownAt=999999999999999999', 'after=0:1', 'after=1:1', 'after=0:999999999999999999', 'after=-1', '%zz=%zz', '=', '&&&', 'name=%ED%A0%80', 'limit=200', 'limit=0', 'limit=1e3', 'x=%00']; // prettier-ignore
const METHODS = ['PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'];
/** Few names, so that requests meet each other's things. */
const CODES = ['a-1', 'b-2', 'c.3', 'MIXED:case', 'web', 'EUR', '1'];
const REFERENCES = [
  'email:one@example.com',
  'email:two@example.com',
  'shop/customerNo:3',
  'customerNo:4',
  'phone:+4915112345678',
];
const ODD_PARTS = ['%2e%2e', '%00', '%2F', '$all', 'email:', 'nothing:1', 'a%0d%0ab', '3f2b8a34-7c35-4c4e-9b52-2a43c9f0d111', '3F2B8A34-7C35-4C4E-9B52-2A43C9F0D111', 'email:%F0%9F%91%A9', `email:${'x'.repeat(500)}`, 'constructor', '__proto__', '%E2%80%AE', 'customer-360', 'mbgNbd']; // prettier-ignore
const TEXTS = ['a word', 'Zoë e\u0301 👩‍👩‍👧', 'line\nbreak', 'x'.repeat(150)];

/** Requests to every route of an OpenAPI document: some right, most wrong somewhere. */
export class RequestFuzzer {
  private keys = 0;
  private readonly operations: readonly {
    readonly path: string;
    readonly method: string;
    readonly operation: Operation;
  }[];

  constructor(
    private readonly api: OpenApi,
    private readonly random: () => number,
    private readonly nowMs: number,
  ) {
    this.operations = Object.entries(api.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation }))); // prettier-ignore
  } // prettier-ignore

  /** How many routes there are; `request(i)` is for the i-th of them, wrapping around. */
  get routes(): number {
    return this.operations.length;
  }

  request(index: number): FuzzedRequest {
    const { path, method, operation } = this.operations[index % this.operations.length]!;
    const parameters = operation.parameters ?? [];
    let url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => this.pathPart(name));
    const query = this.queryOf(parameters.filter((one) => one.in === 'query'));
    if (query !== '') url += `?${query}`;
    const headers: Record<string, string> = {};
    if (method === 'POST' && this.chance(0.95)) headers['idempotency-key'] = this.chance(0.9) ? `fuzz-${++this.keys}` : this.oneOf(['a', 'a, b', ' ', 'x'.repeat(300), 'fuzz-1']); // prettier-ignore
    if (this.chance(0.05)) headers['if-match'] = this.oneOf(['*', '"0"', '"999999999999999999"', 'W/"1"', '"x"', '"-1"']); // prettier-ignore
    if (this.chance(0.03)) headers['rapport-token'] = this.oneOf(['0:1', '9:9', 'x', '0:99999999999999999999']); // prettier-ignore
    const schema = operation.requestBody?.content['application/json'].schema;
    if (!schema) return { method: this.methodOf(method), url, headers };
    headers['content-type'] = this.chance(0.97) ? 'application/json' : this.oneOf(CONTENT_TYPES);
    if (this.chance(0.01)) headers['content-encoding'] = this.oneOf(['gzip', 'br', 'identity']);
    return { method: this.methodOf(method), url, headers, payload: this.bodyOf(schema) };
  }

  private methodOf(method: string): string {
    return this.chance(0.02) ? this.oneOf(METHODS) : method;
  }

  private bodyOf(schema: JsonSchema): string | Buffer {
    if (this.chance(0.06)) return this.oneOf(RAW_BODIES);
    const value = this.valueOf(schema);
    if (this.chance(0.45)) this.spoil(value);
    return JSON.stringify(value) ?? '';
  }

  /** Puts one hostile thing somewhere into a value. */
  private spoil(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    const place = value as Record<string, unknown>;
    const names = Object.keys(place);
    const name = names.length > 0 ? this.oneOf(names) : 'extra';
    const inner = place[name];
    if (typeof inner === 'object' && inner !== null && this.chance(0.6)) return this.spoil(inner);
    const what = this.random();
    if (what < 0.15) delete place[name];
    else if (what < 0.3)
      place[this.oneOf(['extra', '$where', 'a.b', 'role', 'revision', 'toString', ''])] = 1;
    else place[name] = structuredClone(this.oneOf(HOSTILE));
  }

  private valueOf(schema: JsonSchema): unknown {
    if (schema.$ref) return this.valueOf(this.api.components.schemas[schema.$ref.split('/').at(-1)!]!);
    const choices = schema.oneOf ?? schema.anyOf;
    if (choices) return this.valueOf(this.oneOf(choices));
    if (schema.enum) return this.oneOf(schema.enum);
    switch (schema.type) {
      case 'object': {
        const required = new Set(schema.required);
        const own = Object.entries(schema.properties ?? {}).filter(([name]) => required.has(name) || this.chance(0.35)); // prettier-ignore
        return Object.fromEntries(own.map(([name, property]) => [name, this.valueOf(property)]));
      }
      case 'array': {
        const least = schema.minItems ?? 0;
        const length = Math.min(least + Math.floor(this.random() * 3), schema.maxItems ?? 5);
        return Array.from({ length }, () => this.valueOf(schema.items ?? {}));
      }
      case 'integer':
      case 'number': {
        const { minimum = 0, maximum = 1_000_000 } = schema;
        const value = this.oneOf([minimum, maximum, Math.max(minimum, 0), minimum + this.random() * (Math.min(maximum, 10_000) - minimum)]); // prettier-ignore
        return schema.type === 'integer' ? Math.trunc(value) : value;
      }
      case 'boolean':
        return this.chance(0.5);
      case 'null':
        return null;
      default:
        return this.textOf(schema);
    }
  }

  private textOf({ format, pattern }: JsonSchema): string {
    const daysAgo = (days: number): string => isoOf(this.nowMs - Math.round(days * 86_400_000));
    const when = daysAgo(this.oneOf([0, 0, 1, 30, 400, 4_000, -0.002, -1, -60]));
    if (format === 'date-time') return when;
    if (format === 'date') return when.slice(0, 10);
    if (format === 'uuid' || pattern?.startsWith('^[0-9a-f]{8}'))
      return '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111';
    if (pattern === '^[A-Z]{3}$') return this.oneOf(['EUR', 'USD', 'JPY', 'BHD', 'XXX']);
    if (pattern === '^[A-Z]{2}$') return 'DE';
    if (pattern?.includes('1[0-2]')) return '2026-01';
    if (pattern !== undefined) return this.oneOf(CODES);
    return this.oneOf(TEXTS);
  }

  private pathPart(name: string): string {
    if (this.chance(0.08)) return this.oneOf(ODD_PARTS);
    if (name === 'ref') return encodeURIComponent(this.oneOf(REFERENCES)).replaceAll('%3A', ':');
    if (name === 'name') return this.oneOf(['customer-360', 'contact-history', 'mbgNbd', 'nothing']);
    return this.oneOf(CODES);
  }

  private queryOf(parameters: NonNullable<Operation['parameters']>): string {
    const parts = parameters
      .filter((one) => (one.required === true && this.chance(0.95)) || this.chance(0.15))
      .map(({ name, schema }) => `${name}=${encodeURIComponent(textIn(this.chance(0.15) ? this.oneOf(HOSTILE) : this.valueOf(schema)))}`); // prettier-ignore
    if (this.chance(0.12)) parts.push(this.oneOf(QUERIES));
    return parts.join('&');
  }

  private chance(share: number): boolean {
    return this.random() < share;
  }

  private oneOf<T>(values: readonly T[]): T {
    return values[Math.floor(this.random() * values.length)]!;
  }
}

const textIn = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
