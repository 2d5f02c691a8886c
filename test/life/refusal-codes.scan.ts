import { ERROR_CATALOGUE } from '@rapport/contracts';
import { filesUnder, readSource } from '../architecture/source-files.js';

/** Codes the deciders may refuse with: every code of the catalogue that the sources of the domain name. */
export function refusalCodesOfTheDomain(): readonly string[] {
  const sources = filesUnder(['libs/domain'])
    .filter((file) => file.endsWith('.ts') && !/\.(spec|builder)\.ts$/.test(file))
    .map(readSource);
  return Object.keys(ERROR_CATALOGUE)
    .filter((code) => sources.some((source) => source.includes(`'${code}'`)))
    .sort();
}
