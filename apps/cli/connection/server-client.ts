import { Pool } from 'undici';
import { CliError, EXIT, exitCodeOfProblem } from '../exit-codes.js';
import { AmbiguousBatch, type BatchAnswer, type BatchTarget } from '../import/batch-sender.js';
import type { BatchItem } from '../import/row-mapper.js';

/** Where a server listens and the token to show it. */
export interface ServerAddress {
  readonly url: string;
  readonly token: string;
}

/** A read: what was asked for and how fresh it is. */
export interface ReadAnswer<Data> {
  readonly data: Data;
  readonly meta: Readonly<Record<string, unknown>>;
}

export interface Problem {
  readonly code?: string;
  readonly title?: string;
  readonly remedy?: string;
  readonly detail?: string;
  readonly status?: number;
  readonly wayOut?: readonly { readonly sentence: string }[];
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
}

/** The service answered with a coded problem. */
export class ProblemAnswer extends CliError {
  constructor(
    readonly status: number,
    readonly problem: Problem,
    /** When the service asks to wait before the next try. */
    readonly retryAfterMs?: number,
  ) {
    super(exitCodeOfProblem(problem.code, status), describe(status, problem));
  }
}

function describe(status: number, problem: Problem): string {
  // A place that the sentence names already is not said twice.
  const places = (problem.errors ?? [])
    .filter(({ message }) => problem.detail?.includes(message.replace(/\.$/, '')) !== true)
    .map(({ pointer, message }) => `${pointer}: ${message}`)
    .join('; ');
  const wayOut = (problem.wayOut ?? []).map(({ sentence }) => sentence).join(' ');
  const sentence = problem.detail ?? problem.title ?? `the service answered ${status}`;
  // What can be done about it: said by the answer itself, else by the catalogue of errors.
  const remedy = wayOut === '' && (places === '' || status === 409) ? (problem.remedy ?? '') : '';
  return [problem.code === undefined ? sentence : `${problem.code}: ${sentence}`, places, wayOut, remedy]
    .filter((part) => part !== '')
    .join(' – ');
}

const REQUEST_TIMEOUT_MS = 30_000;
/** Fits and scoring runs over many customers take longer than a read. */
export const LONG_REQUEST_TIMEOUT_MS = 600_000;

/**
 * The public API of one server. `locate` is asked again after a broken connection: a server that was restarted may
 * listen elsewhere.
 */
export class ServerClient implements BatchTarget {
  private pool: Pool | undefined;
  private address: ServerAddress | undefined;

  constructor(
    private readonly locate: () => Promise<ServerAddress | undefined>,
    private readonly connections = 8,
  ) {}

  async get<Data>(
    path: string,
    query: Readonly<Record<string, string | number | undefined>> = {},
    timeoutMs = REQUEST_TIMEOUT_MS,
  ): Promise<ReadAnswer<Data>> {
    return (await this.call('GET', withQuery(path, query), undefined, {}, timeoutMs)) as ReadAnswer<Data>;
  }

  /** One write. The key makes a repeated call harmless. */
  async post<Answer>(
    path: string,
    body: unknown,
    options: { readonly idempotencyKey?: string; readonly timeoutMs?: number } = {},
  ): Promise<Answer> {
    const headers: Record<string, string> =
      options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey };
    return (await this.call('POST', path, body, headers, options.timeoutMs ?? REQUEST_TIMEOUT_MS)) as Answer;
  }

  async delete<Answer = unknown>(path: string): Promise<Answer> {
    return (await this.call('DELETE', path, undefined, {}, REQUEST_TIMEOUT_MS)) as Answer;
  }

  async send(items: readonly BatchItem[], signal?: AbortSignal): Promise<BatchAnswer> {
    try {
      return (await this.call('POST', '/v1/batch', { items }, {}, 60_000, signal)) as BatchAnswer;
    } catch (error) {
      if (signal?.aborted) throw new CliError(EXIT.interrupted, 'interrupted');
      if (error instanceof ProblemAnswer) {
        if (error.status === 429 || error.status === 503 || error.status === 502 || error.status === 504)
          throw new AmbiguousBatch(error.message, error.retryAfterMs);
        throw error;
      }
      if (error instanceof CliError && error.exitCode === EXIT.dependencyDown)
        throw new AmbiguousBatch(error.message);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.pool?.destroy();
    this.pool = undefined;
  }

  private async call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const { pool, address } = await this.connect();
    let status: number;
    let text: string;
    let retryAfter: string | string[] | undefined;
    try {
      const response = await pool.request({
        method,
        path,
        headers: {
          authorization: `Bearer ${address.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        ...(signal ? { signal } : {}),
      });
      status = response.statusCode;
      retryAfter = response.headers['retry-after'];
      text = await response.body.text();
    } catch (error) {
      await this.close();
      throw new CliError(
        EXIT.dependencyDown,
        `${address.url} does not answer (${(error as { code?: string }).code ?? (error as Error).message})`,
      );
    }
    const answer = parseJson(text);
    if (status < 400) return answer;
    throw new ProblemAnswer(
      status,
      (answer ?? {}) as Problem,
      Number(retryAfter) > 0 ? Number(retryAfter) * 1_000 : undefined,
    );
  }

  private async connect(): Promise<{ pool: Pool; address: ServerAddress }> {
    if (this.pool && this.address) return { pool: this.pool, address: this.address };
    const address = await this.locate();
    if (!address) throw new CliError(EXIT.dependencyDown, 'no server is running for this data folder');
    this.address = address;
    this.pool = new Pool(address.url, { connections: this.connections, pipelining: 1 });
    return { pool: this.pool, address };
  }
}

function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parameters.set(name, String(value));
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError(EXIT.dependencyDown, 'the answer is not JSON: is this a Rapport server?');
  }
}
