/**
 * Least privilege on EventStoreDB: members of `rapport-readers` may read every stream of ours and `$all`, members of
 * `rapport-writers` may append; nobody but administrators may delete a stream or change its metadata. Safe to repeat.
 *   EVENTSTOREDB_URL='esdb://admin:…@es-1.example:2113?tlsCAFile=…' node infra/eventstoredb/grant-access.mjs
 */
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';

const ADMINS = '$admins';
const READERS = 'rapport-readers';
const WRITERS = 'rapport-writers';

const url = process.env.EVENTSTOREDB_URL;
if (!url) {
  console.error('EVENTSTOREDB_URL is not set: the address with an account of the group $admins');
  process.exit(2);
}
const client = EventStoreDBClient.connectionString(url);
try {
  // What a stream without an ACL of its own allows.
  const adminsOnly = { $r: ADMINS, $w: ADMINS, $d: ADMINS, $mr: ADMINS, $mw: ADMINS };
  await client.appendToStream(
    '$settings',
    jsonEvent({
      type: 'update-default-acl',
      data: {
        $userStreamAcl: { ...adminsOnly, $r: [ADMINS, READERS], $w: [ADMINS, WRITERS] },
        $systemStreamAcl: adminsOnly,
      },
    }),
  );
  await client.setStreamMetadata('$all', { acl: { readRoles: [ADMINS, READERS] } });
  console.log(`${READERS} may read the log, ${WRITERS} may append to it`);
} catch (error) {
  console.error(`access was not granted: ${error.message}`);
  process.exitCode = 5;
} finally {
  await client.dispose();
}
