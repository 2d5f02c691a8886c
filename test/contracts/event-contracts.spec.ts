import { TypeRegistry, type TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { contractOf, isInstant } from '@rapport/contracts';
import { upcastToLatest } from '@rapport/event-store';
import { filesUnder, readSource } from '../architecture/source-files.js';
import {
  contracts,
  FINGERPRINT_FILE,
  FIXTURE_FOLDER,
  fingerprintOf,
  fixtureFileOf,
  versionKeyOf,
  type StoredFixture,
} from './recorded-contracts.js';

// `oneOf` of the event schemas is plain JSON Schema (`enum`), which TypeBox checks once it is told how.
TypeRegistry.Set<{ enum?: readonly unknown[] }>(
  'Unsafe',
  (schema, value) => schema.enum?.includes(value) ?? true,
);

const complaints = (schema: TSchema, value: unknown): string[] =>
  [...Value.Errors(schema, value)].map(({ path, message }) => `${path}: ${message}`);

type Schema = TSchema & {
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  'x-kind'?: string;
};

/** The schema at a personal path: `identifiers[].value`. */
function schemaAt(schema: Schema | undefined, path: string): Schema | undefined {
  return path.split('.').reduce<Schema | undefined>((at, step) => {
    const property = at?.properties?.[step.replace('[]', '')];
    return step.endsWith('[]') ? property?.items : property;
  }, schema);
}

const holdsText = (schema: Schema | undefined): boolean =>
  schema?.type === 'string' || (schema?.anyOf?.some(holdsText) ?? false);

/** Every instant in a value must be one; JSON Schema alone cannot say that. */
function badInstants(schema: Schema, value: unknown, path = ''): string[] {
  if (schema['x-kind'] === 'instant') return typeof value === 'string' && !isInstant(value) ? [path] : [];
  if (Array.isArray(value))
    return value.flatMap((item, i) => (schema.items ? badInstants(schema.items, item, `${path}/${i}`) : []));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const property = schema.properties?.[name];
    return property ? badInstants(property, inner, `${path}/${name}`) : [];
  });
}

describe('Every event contract', () => {
  it.each(contracts().map((contract) => [contract.type, contract] as const))(
    '%s has a valid example',
    (_, contract) => {
      expect(complaints(contract.schema, contract.example)).toEqual([]);
      expect(badInstants(contract.schema as Schema, contract.example)).toEqual([]);
    },
  );

  it('refuses a property it does not know', () => {
    for (const contract of contracts()) {
      const more = { ...contract.example, notInTheSchema: true };
      expect([contract.type, complaints(contract.schema, more)]).not.toEqual([contract.type, []]);
    }
  });

  it('says of every field what it means, and of every amount what it is the amount of', () => {
    const isMoney = (schema: Schema): boolean => schema.properties?.['amountMinor'] !== undefined;
    const unsaid = (schema: Schema, path: string): string[] => {
      const said = (schema.description ?? '').replace(' (personal)', '');
      const here = path !== '' && (said === '' || /^(why|who|what|how|when|where)$/.test(said)) ? [path] : [];
      // What an amount is made of is said once for all of them.
      if (isMoney(schema)) return here;
      const inner = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => unsaid(property, `${path}.${name}`)); // prettier-ignore
      return [...here, ...inner, ...Object.entries(schema.items?.properties ?? {}).flatMap(([name, property]) => unsaid(property, `${path}[].${name}`))]; // prettier-ignore
    };
    expect(
      contracts().flatMap(({ type, schema }) => unsaid(schema as Schema, '').map((path) => type + path)),
    ).toEqual([]);
  });

  it('names personal fields that its schema has, as text', () => {
    const missing = contracts().flatMap((contract) =>
      contract.personal
        .filter(({ path }) => !holdsText(schemaAt(contract.schema as Schema, path)))
        .map(({ path }) => `${contract.type}.${path}`),
    );
    expect(missing).toEqual([]);
  });

  it('marks as personal every field whose description says so', () => {
    const walk = (schema: Schema, prefix: string): string[] =>
      Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
        const path = `${prefix}${name}`;
        const inner = property.items?.properties
          ? walk(property.items, `${path}[].`)
          : walk(property, `${path}.`);
        return /\(personal\)/.test(property.description ?? '') && holdsText(property)
          ? [path, ...inner]
          : inner;
      });
    const unmarked = contracts().flatMap((contract) => {
      const marked = new Set(contract.personal.map(({ path }) => path));
      return walk(contract.schema as Schema, '')
        .filter((path) => !marked.has(path))
        .map((path) => `${contract.type}.${path}`);
    });
    expect(unmarked).toEqual([]);
  });

  it('keeps no free text about a customer readable: people write names into any of them', () => {
    const texts = (schema: Schema, path: string): string[] => {
      if (schema['x-kind'] === 'text') return [path];
      const inner = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => texts(property, path === '' ? name : `${path}.${name}`)); // prettier-ignore
      const choices = (schema.anyOf ?? []).flatMap((choice) => texts(choice, path));
      return [...inner, ...choices, ...(schema.items ? texts(schema.items, `${path}[]`) : [])];
    };
    const readable = contracts()
      .filter(({ category }) => category === 'customer')
      .flatMap(({ type, schema, personal }) => texts(schema as Schema, '').filter((path) => !personal.some((one) => one.path === path)).map((path) => `${type}.${path}`)); // prettier-ignore
    expect(readable).toEqual([]);
  });

  it('says what happened, for which requirement, and by which command', () => {
    for (const contract of contracts()) {
      expect(contract.type).toMatch(/^[A-Z][A-Za-z]+$/);
      expect(contract.meaning).toMatch(/^[A-Z].*[.…]$/);
      expect(contract.rows.length).toBeGreaterThan(0);
      for (const row of contract.rows) expect(row).toMatch(/^S([1-9]|1\d|20)$/);
      expect(contract.emittedBy.length).toBeGreaterThan(0);
    }
  });

  it('has one upcaster for each step from version 1', () => {
    for (const contract of contracts())
      expect([contract.type, contract.upcasters.map(({ from }) => from)]).toEqual([
        contract.type,
        Array.from({ length: contract.version - 1 }, (_, i) => i + 1),
      ]);
  });
});

describe('A released event version', () => {
  const fingerprints = JSON.parse(readSource(FINGERPRINT_FILE)) as Record<string, string>;
  const files = filesUnder([FIXTURE_FOLDER]);

  it.each(contracts().map((contract) => [versionKeyOf(contract), contract] as const))(
    '%s is recorded and was not edited in place',
    (key, contract) => {
      const instruction = fingerprints[key]
        ? `${key} is released and its schema was edited. Undo that; add version ${contract.version + 1} with an upcaster (docs/guides/add-an-event.md).`
        : `${key} is new: run \`npm run contracts:record\` and commit the fixture and its fingerprint.`;
      expect({ instruction, fingerprint: fingerprints[key] }).toEqual({
        instruction,
        fingerprint: fingerprintOf(contract),
      });
      expect(files).toContain(fixtureFileOf(contract));
    },
  );

  it.each(files)('still reads as the latest version: %s', (file) => {
    const stored = JSON.parse(readSource(file)) as StoredFixture;
    const contract = contractOf(stored.type);
    if (!contract) throw new Error(`${stored.type} is in somebody's log, but no contract reads it any more`);
    expect(stored.schemaVersion).toBeLessThanOrEqual(contract.version);
    const { data, schemaVersion } = upcastToLatest(stored.type, stored.schemaVersion, stored.data);
    expect(schemaVersion).toBe(contract.version);
    expect(complaints(contract.schema, data)).toEqual([]);
  });

  it('keeps its fixture and fingerprint for ever', () => {
    const versions = files.map((file) => {
      const { type, schemaVersion } = JSON.parse(readSource(file)) as StoredFixture;
      return versionKeyOf({ type, version: schemaVersion });
    });
    expect(versions.sort()).toEqual(Object.keys(fingerprints).sort());
  });
});
