/**
 * Records event versions that are new: the example as a stored event, and the fingerprint of the schema. What is
 * recorded already is never touched, because somebody's log may hold it. (A version that never left a branch may be
 * recorded again: delete its fixture and its line first.)
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../test/architecture/source-files.js';
import {
  contracts,
  FINGERPRINT_FILE,
  FIXTURE_FOLDER,
  fingerprintOf,
  fixtureFileOf,
  versionKeyOf,
  type StoredFixture,
} from '../test/contracts/recorded-contracts.js';

mkdirSync(join(ROOT, FIXTURE_FOLDER), { recursive: true });
const fingerprintFile = join(ROOT, FINGERPRINT_FILE);
const fingerprints: Record<string, string> = existsSync(fingerprintFile)
  ? (JSON.parse(readFileSync(fingerprintFile, 'utf8')) as Record<string, string>)
  : {};
const recorded: string[] = [];
for (const contract of contracts()) {
  const file = join(ROOT, fixtureFileOf(contract));
  const key = versionKeyOf(contract);
  if (!existsSync(file)) {
    const fixture: StoredFixture = {
      type: contract.type,
      schemaVersion: contract.version,
      data: contract.example,
    };
    writeFileSync(file, `${JSON.stringify(fixture, null, 2)}\n`);
    recorded.push(fixtureFileOf(contract));
  }
  if (!(key in fingerprints)) {
    fingerprints[key] = fingerprintOf(contract);
    recorded.push(`fingerprint of ${key}`);
  }
}
const sorted = Object.fromEntries(Object.entries(fingerprints).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(fingerprintFile, `${JSON.stringify(sorted, null, 2)}\n`);
console.log(recorded.length === 0 ? 'Nothing new.' : `Recorded: ${recorded.join(', ')}`);
