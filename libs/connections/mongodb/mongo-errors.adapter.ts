import { RapportError } from '@rapport/contracts';
import type { AnyBulkWriteOperation, BulkWriteResult, Collection, Document } from 'mongodb';

/** Server error codes by the names of MongoDB's `error_codes.yml`. */
const DUPLICATE_KEY = 11_000;
export const NAMESPACE_NOT_FOUND = 26;
const OUT_OF_DISK_SPACE = 14_031;
const ATLAS_ERROR = 8_000;
const REFUSED_ACCOUNT: ReadonlySet<number> = new Set([13 /* Unauthorized */, 18 /* AuthenticationFailed */]);
/** What goes away by itself: an election, a restart, a lost majority, a busy server. */
const TRANSIENT: ReadonlyMap<number, string> = new Map([
  [6, 'HostUnreachable'],
  [7, 'HostNotFound'],
  [24, 'LockTimeout'],
  [43, 'CursorNotFound'],
  [46, 'LockBusy'],
  [50, 'MaxTimeMSExpired'],
  [64, 'WriteConcernTimeout'],
  [89, 'NetworkTimeout'],
  [91, 'ShutdownInProgress'],
  [100, 'UnsatisfiableWriteConcern'],
  [112, 'WriteConflict'],
  [117, 'ConflictingOperationInProgress'],
  [133, 'FailedToSatisfyReadPreference'],
  [134, 'ReadConcernMajorityNotAvailableYet'],
  [175, 'QueryPlanKilled'],
  [189, 'PrimarySteppedDown'],
  [202, 'NetworkInterfaceExceededTimeLimit'],
  [237, 'CursorKilled'],
  [262, 'ExceededTimeLimit'],
  [276, 'IndexBuildAborted'],
  [9_001, 'SocketException'],
  [10_058, 'LegacyNotPrimary'],
  [10_107, 'NotWritablePrimary'],
  [11_600, 'InterruptedAtShutdown'],
  [11_601, 'Interrupted'],
  [11_602, 'InterruptedDueToReplStateChange'],
  [13_435, 'NotPrimaryNoSecondaryOk'],
  [13_436, 'NotPrimaryOrSecondary'],
]);
/** Errors of the driver when it cannot reach a server, or lost it on the way. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongoPoolClearedError',
  'MongoPoolClearedOnNetworkError',
  'MongoWaitQueueTimeoutError',
  'MongoWaitQueueTimeout',
  'MongoOperationTimeoutError',
  'MongoTopologyClosedError',
  'MongoNotConnectedError',
  'MongoClientClosedError',
  'MongoConnectionPoolClosedError',
  'PoolClosedError',
  'MongoExpiredSessionError',
  'MongoCursorExhaustedError',
]);

/** Errors of a socket that the driver passes on as they are: it writes to one that the other side has just closed. */
const BROKEN_SOCKET: ReadonlySet<unknown> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_SOCKET_CLOSED',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

interface DriverError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly errorLabels?: readonly string[];
  readonly writeErrors?: WriteFailure | readonly WriteFailure[];
  readonly result?: Partial<BulkWriteResult>;
}
interface WriteFailure {
  readonly code: number;
  readonly index: number;
  readonly errmsg?: string | undefined;
}

/** A driver's error as a failure of our ports, its cause attached; undefined when it is none of those. */
function failureOf(error: DriverError): RapportError | undefined {
  const code = typeof error.code === 'number' ? error.code : undefined;
  const message = error.message ?? '';
  if (
    code === OUT_OF_DISK_SPACE ||
    /no space left on device/i.test(message) ||
    (code === ATLAS_ERROR && /quota/i.test(message))
  )
    return new RapportError('STORAGE_FULL', 'the disk of the document server is full');
  if (code !== undefined && REFUSED_ACCOUNT.has(code))
    return new RapportError('UNAVAILABLE', 'the document server refuses the account or what it asks for', {
      retryAfterS: 5,
    });
  const name = code === undefined ? undefined : TRANSIENT.get(code);
  if (name !== undefined)
    return new RapportError('UNAVAILABLE', `the document server answers ${name}`, { retryAfterS: 1 });
  // The driver wraps what it met while sending a bulk write and drops its name; a server's answer has a code.
  const isBrokenBulk = error.name === 'MongoBulkWriteError' && code === undefined;
  const isUnreachable =
    isBrokenBulk ||
    BROKEN_SOCKET.has(error.code) ||
    UNREACHABLE.has(error.name ?? '') ||
    (error.errorLabels ?? []).some(
      (label) => label === 'RetryableWriteError' || label === 'RetryableError' || label === 'NetworkError',
    );
  if (isUnreachable)
    return new RapportError('UNAVAILABLE', 'the document server cannot be reached', { retryAfterS: 1 });
  return undefined;
}

/** One of several failures of a bulk write, as an error of its own. */
const serverError = (
  failure: { readonly code?: number | undefined; readonly errmsg?: string | undefined },
  cause: unknown,
): Error =>
  Object.assign(new Error(failure.errmsg ?? 'the document server refuses a write', { cause }), {
    code: failure.code,
  });

function asFailure(error: unknown): unknown {
  if (error instanceof RapportError || typeof error !== 'object' || error === null) return error;
  const failure = failureOf(error as DriverError);
  if (failure === undefined) return error;
  failure.cause = error;
  return failure;
}

/** Runs an operation; throws UNAVAILABLE and STORAGE_FULL for what the driver reports by many names. */
export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asFailure(error);
  }
}

/** True when a single write met a document that stands under its `_id` (E11000). */
export const isDuplicateKey = (error: unknown): boolean =>
  (error as DriverError | undefined)?.code === DUPLICATE_KEY;

/** `work`, or `otherwise` when it met a document under its `_id`. */
export async function unlessDuplicate<T, O>(work: () => Promise<T>, otherwise: O): Promise<T | O> {
  try {
    return await work();
  } catch (error) {
    if (isDuplicateKey(error)) return otherwise;
    throw asFailure(error);
  }
}

/**
 * Runs an unordered bulk write or insert and answers which of its operations met a document under their `_id`
 * (E11000); the others were applied. Throws when anything else went wrong with any of them.
 */
export async function duplicatesOf(work: () => Promise<unknown>): Promise<readonly number[]> {
  try {
    await work();
    return [];
  } catch (error) {
    const { writeErrors, result } = error as DriverError;
    const failures = writeErrors === undefined ? [] : [writeErrors].flat();
    const other = (failures as readonly WriteFailure[]).find((failure) => failure.code !== DUPLICATE_KEY);
    if (other) throw asFailure(serverError(other, error));
    // Applied but perhaps not by a majority: the caller has to ask again.
    const unsafe = result?.getWriteConcernError?.();
    if (unsafe) throw asFailure(serverError(unsafe, error));
    if (failures.length === 0) throw asFailure(error);
    return (failures as readonly WriteFailure[]).map((failure) => failure.index);
  }
}

/** An update that only applies when its filter matches the stored document, or when there is none. */
export interface GuardedUpsert {
  readonly filter: Document & { readonly _id: string };
  readonly update: Document;
}

/**
 * Guarded upserts by `_id`, all at once. A guard that does not match ends in E11000, and so does an insert that another
 * writer's insert overtook; asked again without inserting, the guard alone decides. For documents that are not removed
 * while others write them.
 */
export async function upsertGuarded(
  collection: Collection<Document & { _id: string }>,
  upserts: readonly GuardedUpsert[],
): Promise<void> {
  const operations = (some: readonly GuardedUpsert[], upsert: boolean) =>
    some.map(
      ({ filter, update }) =>
        ({ updateOne: { filter, update, upsert } }) as AnyBulkWriteOperation<Document & { _id: string }>,
    );
  if (upserts.length === 0) return;
  const refused = await duplicatesOf(() =>
    collection.bulkWrite(operations(upserts, true), { ordered: false }),
  );
  if (refused.length === 0) return;
  const again = refused.map((index) => upserts[index]!);
  await translated(() => collection.bulkWrite(operations(again, false), { ordered: false }));
}
