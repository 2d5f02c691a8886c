import { arrowFiles, cycleIn, violationsOf, zoneGraph } from './dependency-arrows.scan.js';
import { ARROWS, ZONES, arrowsAsMarkdown } from './dependency-arrows.table.js';
import { readSource } from './source-files.js';

describe('The arrows between parts', () => {
  const files = arrowFiles();

  it('hold in every file', () => {
    const broken = files.flatMap((file) => violationsOf(file, readSource(file)));
    expect(broken.map(({ file, imported, sentence }) => `${file} imports ${imported}: ${sentence}`)).toEqual(
      [],
    );
  });

  it('form no cycle', () => {
    expect(cycleIn(zoneGraph(files))?.join(' → ')).toBeUndefined();
  });

  it('are one row with a sentence for each part', () => {
    expect(ARROWS.map((arrow) => arrow.zone)).toEqual([...ZONES]);
    for (const { sentence } of ARROWS) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });

  it('stand in docs/explanation/architecture.md as they are enforced', () => {
    expect(readSource('docs/explanation/architecture.md')).toContain(arrowsAsMarkdown());
  });
});

describe('The scan of imports', () => {
  it.each([
    ['libs/contracts/x.ts', "import { a } from '@rapport/domain';", '@rapport/domain', /depend on nobody/],
    [
      'libs/analytics/x.ts',
      "import { a } from '@rapport/contracts';",
      '@rapport/contracts',
      /without the product/,
    ],
    ['libs/analytics/x.ts', "import { readFileSync } from 'node:fs';", 'node:fs', /plain numbers/],
    ['libs/domain/x.ts', "import { Injectable } from '@nestjs/common';", '@nestjs/common', /replayed/],
    ['libs/domain/x.ts', "import { createHash } from 'node:crypto';", 'node:crypto', /replayed/],
    [
      'libs/domain/x.ts',
      "import type { EventStore } from '@rapport/event-store';",
      '@rapport/event-store',
      /replayed/,
    ],
    ['libs/domain/x.ts', "const fs = await import('node:fs');", 'node:fs', /replayed/],
    ['libs/domain/x.ts', "export * from '@rapport/analytics';", '@rapport/analytics', /replayed/],
    ['libs/domain/x.ts', "import { of } from 'rxjs';", 'rxjs', /replayed/],
    ['libs/event-store/x.ts', "import { decide } from '@rapport/domain';", '@rapport/domain', /by shape/],
    [
      'libs/event-store/x.ts',
      "import { DatabaseSync } from 'node:sqlite';",
      'node:sqlite',
      /inside its adapter folder/,
    ],
    [
      'libs/event-store/memory/x.ts',
      "import { DatabaseSync } from 'node:sqlite';",
      'node:sqlite',
      /exactly one driver/,
    ],
    [
      'libs/event-store/sqlite/x.ts',
      "import { MongoClient } from 'mongodb';",
      'mongodb',
      /exactly one driver/,
    ],
    ['libs/event-store/x.ts', "import { Injectable } from '@nestjs/common';", '@nestjs/common', /edges only/],
    [
      'libs/event-store/x.ts',
      "import { systemClock } from '@rapport/runtime';",
      '@rapport/runtime',
      /more than it may see/,
    ],
    [
      'libs/read-model/x.ts',
      "import { a } from '@rapport/projection-engine';",
      '@rapport/projection-engine',
      /keep documents/,
    ],
    [
      'libs/projection-engine/x.ts',
      "import { a } from '@rapport/projections';",
      '@rapport/projections',
      /never on an adapter/,
    ],
    ['projections/a/x.ts', "import { decide } from '@rapport/domain';", '@rapport/domain', /pure definition/],
    [
      'projections/a/x.ts',
      "import { b } from '../b/b.projection.js';",
      '../b/b.projection.js',
      /never another projection/,
    ],
    [
      'projections/a/x.ts',
      "import * as engine from '@rapport/projection-engine';",
      '@rapport/projection-engine',
      /more than/,
    ],
    ['apps/api/x.ts', "import { a } from '../cli/main.js';", '../cli/main.js', /never another app/],
    ['apps/api/x.ts', "import { a } from '@rapport/testing';", '@rapport/testing', /never another app/],
    [
      'apps/api/x.ts',
      "import { a } from '@rapport/domain/customer/x';",
      '@rapport/domain/customer/x',
      /deep path/,
    ],
    [
      'apps/api/x.ts',
      "import { a } from '../../libs/domain/index.js';",
      '../../libs/domain/index.js',
      /alias/,
    ],
  ])('refuses in %s: %s', (file, text, imported, sentence) => {
    expect(violationsOf(file, text)).toEqual([{ file, imported, sentence: expect.stringMatching(sentence) }]);
  });

  it.each([
    ['libs/event-store/sqlite/x.ts', "import { DatabaseSync } from 'node:sqlite';"],
    ['libs/event-store/x.ts', "import type { Clock } from '@rapport/runtime';"],
    ['libs/domain/x.ts', "import { isoOf } from '@rapport/contracts';"],
    ['libs/domain/x.unit.spec.ts', "import { given } from '@rapport/testing';"],
    ['projections/a/x.ts', "import { defineProjection } from '@rapport/projection-engine';"],
    ['projections/index.ts', "export { a } from './a/a.projection.js';"],
    ['apps/api/x.ts', "import { systemClock } from '@rapport/runtime';"],
  ])('allows in %s: %s', (file, text) => {
    expect(violationsOf(file, text)).toEqual([]);
  });

  it('finds a cycle', () => {
    const graph = new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['c'])],
      ['c', new Set(['b'])],
    ]);
    expect(cycleIn(graph)).toEqual(['b', 'c', 'b']);
  });
});
