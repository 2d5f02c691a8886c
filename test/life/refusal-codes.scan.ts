import { existsSync } from 'node:fs';
import { ERROR_CATALOGUE } from '@rapport/contracts';
import { filesUnder, readSource } from '../architecture/source-files.js';

const folderOf = (category: string): string =>
  category.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Codes the deciders of these stream categories may refuse with: every code of the catalogue that their sources name. */
export function refusalCodesOf(categories: readonly string[]): readonly string[] {
  const folders = categories.map((category) => `libs/domain/${folderOf(category)}`).filter(existsSync);
  const sources = filesUnder([...folders, 'libs/processes'])
    .filter((file) => file.endsWith('.ts') && !/\.(spec|builder)\.ts$/.test(file))
    .map(readSource);
  return Object.keys(ERROR_CATALOGUE)
    .filter((code) => sources.some((source) => source.includes(`'${code}'`)))
    .sort();
}
