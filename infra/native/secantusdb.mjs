/**
 * SecantusDB on loopback: speaks MongoDB's protocol and can be built where no `mongod` can be had. For tests only: it
 * is beta and GPL; the product runs on MongoDB 7 or 8. Built with cargo (CMake and a C compiler; some 6 minutes, once
 * per machine); where there is no cargo, the Python package of the same server, 8 to 40 times slower.
 * `node infra/native/secantusdb.mjs start --folder <data folder> [--sync-on-commit]`: without the flag a kill loses
 * the last acknowledged writes. `--secured`: TLS, and accounts; the first is made by whoever connects first.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificates } from './certificates.mjs';
import {
  cacheFolder,
  commandLine,
  freePort,
  has,
  installOnce,
  launch,
  recordOf,
  run,
} from './native-server.mjs';

export const SECANTUSDB_VERSION = '0.5.3-beta.196';
const PYTHON_VERSION = '0.7.0b3';

const binary = cacheFolder('secantus', 'bin', 'secantusd-rs');
const pythonFolder = cacheFolder(`secantus-python-${PYTHON_VERSION}`);
const pythonBinary = join(pythonFolder, 'bin', 'secantusd-py');
/** Written by cargo when the installation is complete. */
const crates = cacheFolder('secantus', '.crates.toml');

const isBuilt = (version) =>
  existsSync(binary) &&
  existsSync(crates) &&
  readFileSync(crates, 'utf8').includes(`secantus-mdb ${version} `);

/** A profile that builds in 6 minutes on two cores instead of 8 and is as fast where tests notice. */
const PROFILE = {
  CARGO_PROFILE_RELEASE_LTO: 'off',
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16',
  CARGO_PROFILE_RELEASE_OPT_LEVEL: '1',
};

/** Builds the server once per machine. Answers with the path of its program. */
export async function installSecantusDb({ version = SECANTUSDB_VERSION, python = false } = {}) {
  if (!python && (isBuilt(version) || (await has('cargo')))) {
    await installOnce(
      'secantus',
      () => isBuilt(version),
      async () => {
        console.error(`building SecantusDB ${version} (once per machine, some minutes)`);
        const what = ['secantus-mdb', '--version', version, '--locked', '--ignore-rust-version', '--force'];
        await run('cargo', ['install', ...what, '--root', cacheFolder('secantus')], {
          env: PROFILE,
          show: true,
        });
      },
    );
    return binary;
  }
  await installOnce(
    'secantus-python',
    () => existsSync(pythonBinary),
    async () => {
      if (!(await has('python3'))) throw new Error('SecantusDB needs cargo or python3, and neither is there');
      console.error(
        `fetching SecantusDB ${PYTHON_VERSION} for Python: many times slower than the one cargo builds`,
      );
      await run('python3', ['-m', 'venv', pythonFolder]);
      await run(join(pythonFolder, 'bin', 'pip'), ['install', '--quiet', `SecantusDB==${PYTHON_VERSION}`]);
    },
  );
  return pythonBinary;
}

/** Starts a server and resolves when it says hello. */
export async function startSecantusDb({
  folder,
  port,
  version,
  python,
  secured = false,
  'sync-on-commit': syncOnCommit = false,
}) {
  const program = await installSecantusDb({ version, python });
  const storage = join(folder, 'storage');
  mkdirSync(storage, { recursive: true });
  const chosenPort = port || recordOf(folder)?.port || (await freePort());
  const address = `mongodb://127.0.0.1:${chosenPort}/`;
  const isPython = program === pythonBinary;
  const { caFile, certificateFile, keyFile } = secured ? await makeCertificates(join(folder, 'tls')) : {};
  const { MongoClient } = await import('mongodb');
  return launch({
    folder,
    command: program,
    args: [
      ...['--host', '127.0.0.1', '--port', String(chosenPort), '--storage-path', storage],
      ...(isPython ? [] : ['--log-file-max', '16MB', '--cache-size', '512M']),
      ...(syncOnCommit ? ['--sync-on-commit'] : []),
      ...(secured ? ['--auth', '--tls-cert-file', certificateFile, '--tls-key-file', keyFile] : []),
    ],
    record: {
      name: 'secantusdb',
      version: isPython ? PYTHON_VERSION : (version ?? SECANTUSDB_VERSION),
      address,
      port: chosenPort,
      syncOnCommit,
      ...(secured ? { caFile } : {}),
    },
    ready: async () => {
      const client = new MongoClient(address, {
        serverSelectionTimeoutMS: 500,
        connectTimeoutMS: 500,
        ...(secured ? { tls: true, tlsCAFile: caFile } : {}),
      });
      try {
        await client.db('admin').command({ hello: 1 });
        return {};
      } finally {
        await client.close();
      }
    },
  });
}

await commandLine(import.meta.url, {
  name: 'secantusdb',
  defaultVersion: SECANTUSDB_VERSION,
  install: installSecantusDb,
  start: startSecantusDb,
  options: {
    'sync-on-commit': { type: 'boolean' },
    python: { type: 'boolean' },
    secured: { type: 'boolean' },
  },
});
