import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { AnyProjection } from '@rapport/projection-engine';
import { ROOT } from './source-files.js';

/** A copy of what `npm run new:projection` touches, so that the checkout stays as it is. */
const copy = mkdtempSync(join(tmpdir(), 'new-projection-'));
cpSync(join(ROOT, 'projections'), join(copy, 'projections'), { recursive: true });
cpSync(join(ROOT, 'scripts/new-projection.mjs'), join(copy, 'scripts/new-projection.mjs'));
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));

const script = join(copy, 'scripts/new-projection.mjs');
const filesOf = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [relative(copy, file), readFileSync(file, 'utf8')]),
  );

const before = filesOf(join(copy, 'projections'));
const printed = execFileSync(process.execPath, [script, 'gift-occasions'], { encoding: 'utf8' });
const after = filesOf(join(copy, 'projections'));

describe('A new projection', () => {
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('is one folder', () => {
    const added = [...after.keys()].filter((file) => !before.has(file)).sort();
    expect(added).toEqual([
      'projections/gift-occasions/README.md',
      'projections/gift-occasions/gift-occasions.model.ts',
      'projections/gift-occasions/gift-occasions.projection.ts',
      'projections/gift-occasions/gift-occasions.queries.ts',
      'projections/gift-occasions/gift-occasions.unit.spec.ts',
    ]);
    for (const file of added) expect(after.get(file)).not.toMatch(/template-?name/i);
  });

  it('is one line in the registry and changes nothing else', () => {
    const changed = [...before.keys()].filter((file) => after.get(file) !== before.get(file));
    expect(changed).toEqual(['projections/registry.ts']);
    const line = "export { giftOccasions } from './gift-occasions/gift-occasions.projection.js';\n";
    expect(after.get('projections/registry.ts')).toBe(before.get('projections/registry.ts') + line);
  });

  it('is found by whoever reads the registry, and the template is not', () => {
    const { projectionsWith } = jest.requireActual<{
      projectionsWith: (dependencies: object) => AnyProjection[];
    }>(join(copy, 'projections/index.ts'));
    const relationship = {
      initial: () => ({}),
      evolve: (state: object) => state,
      nextReviewAtMs: () => null,
      join: (one: unknown) => one,
    };
    const names = projectionsWith({ relationship }).map(({ name }) => name);
    expect(names).toContain('gift-occasions');
    expect(names).not.toContain('template-name');
  });

  it('says what to do next', () => {
    expect(printed).toContain('npm run cli -- projections rebuild gift-occasions');
  });

  it.each([
    ['gift-occasions', /exists already/],
    ['customer-360', /exists already/],
    ['ShareOfWallet', /not kebab-case/],
    ['../escape', /not kebab-case/],
    ['a--b', /not kebab-case/],
    ['_parts', /not kebab-case/],
    ['default', /reserved/],
    ['', /not kebab-case/],
  ])('is refused under the name "%s", and nothing is written', (name, reason) => {
    const { status, stderr } = spawnSync(process.execPath, [script, name], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toMatch(reason);
    expect(filesOf(join(copy, 'projections'))).toEqual(after);
  });

  it('needs exactly one name', () => {
    expect(spawnSync(process.execPath, [script]).status).toBe(2);
    expect(spawnSync(process.execPath, [script, 'a', 'b']).status).toBe(2);
  });

  describe('passes the spec that comes with it:', () => {
    jest.requireActual(join(copy, 'projections/gift-occasions/gift-occasions.unit.spec.ts'));
  });
});
