import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesUnder, readSource, ROOT } from './source-files.js';

const pages = filesUnder(['']).filter((file) => file.endsWith('.md') && !file.startsWith('test/fixtures/'));
const linksOf = (text: string): string[] =>
  [...text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

describe('The documentation', () => {
  it('links to pages and headings that exist', () => {
    const broken = pages.flatMap((page) =>
      linksOf(readSource(page)).flatMap((target) => {
        if (/^https?:/.test(target)) return [];
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : join(dirname(page), path);
        if (!existsSync(join(ROOT, file))) return [`${page}: ${target}`];
        if (anchor === undefined || !file.endsWith('.md')) return [];
        const headings = [...readSource(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
          anchorOf(heading!),
        );
        return headings.includes(anchor) ? [] : [`${page}: ${target}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  it('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(readSource('package.json')) as { scripts: Record<string, string> };
    const unknown = pages.flatMap((page) =>
      [...readSource(page).matchAll(/npm run (?:-s )?([a-z][a-z0-9:-]*)/g)]
        .map(([, name]) => name!)
        .filter((name) => !(name in scripts))
        .map((name) => `${page}: npm run ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  it('has a README of a page and a half and a page for each decision', () => {
    expect(readSource('README.md').split('\n').length).toBeLessThanOrEqual(170);
    const decisions = filesUnder(['docs/adr']).filter((file) => /\/\d{4}-/.test(file));
    const list = readSource('docs/adr/README.md');
    for (const file of decisions) {
      expect(list).toContain(file.slice('docs/adr/'.length));
      for (const part of ['## Context', '## Options', '## Decision', '## Consequences'])
        expect([file, readSource(file)]).toEqual([file, expect.stringContaining(part)]);
    }
  });

  it('has a README of five lines in the folder of each projection', () => {
    const folders = new Set(
      filesUnder(['projections'])
        .map((file) => file.split('/')[1]!)
        .filter((name) => !name.endsWith('.ts') && name !== '_parts'),
    );
    for (const folder of folders) {
      const page = readSource(`projections/${folder}/README.md`);
      for (const word of ['Question', 'Events', 'Key', 'Fresh', 'Rebuild'])
        expect([folder, page]).toEqual([folder, expect.stringContaining(`**${word}**`)]);
    }
  });
});
