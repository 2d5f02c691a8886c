/**
 * A certificate authority and one certificate for the loopback address, made with openssl: so that TLS can be tried on
 * one machine. Not for production: the authority's key is thrown away and everything ends after a year.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './native-server.mjs';

const KEY = ['-newkey', 'rsa:2048', '-noenc'];
const DAYS = ['-days', '365'];

/** Makes `ca.pem`, `server.pem` (certificate) and `server.key` in a folder, unless they are there. Answers with paths. */
export async function makeCertificates(folder, name = 'rapport-native') {
  const file = (of) => join(folder, of);
  const files = {
    caFile: file('ca.pem'),
    certificateFile: file('server.pem'),
    keyFile: file('server.key'),
  };
  if (existsSync(files.certificateFile)) return files;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const caKey = file('ca.key');
  const request = file('server.csr');
  const extensions = file('server.ext');
  await run('openssl', [
    ...['req', '-x509', ...KEY, ...DAYS, '-subj', '/CN=rapport-native-ca'],
    ...['-keyout', caKey, '-out', files.caFile],
  ]);
  await run('openssl', ['req', ...KEY, '-subj', `/CN=${name}`, '-keyout', files.keyFile, '-out', request]);
  writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  await run('openssl', [
    ...['x509', '-req', '-in', request, '-CA', files.caFile, '-CAkey', caKey, '-CAcreateserial'],
    ...[...DAYS, '-extfile', extensions, '-out', files.certificateFile],
  ]);
  for (const spent of [caKey, request, extensions]) rmSync(spent, { force: true });
  return files;
}
