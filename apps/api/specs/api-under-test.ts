import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  AccessTokens, createLogger, openEmbeddedRuntime, openServersRuntime, readConfig, readTokenSecret, type AccessRole, type AccessScope, type Runtime,
} from '@rapport/platform'; // prettier-ignore
import { systemClock } from '@rapport/runtime';
import { createApi, type Api } from '../api.application.js';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test knows the body it asked for
  readonly body: any;
}

/** The whole API in this process on a data folder of its own, asked without a socket. Threads run from `dist`. */
export class ApiUnderTest {
  private keys = 0;
  private constructor(
    readonly root: string,
    readonly runtime: Runtime,
    readonly api: Api,
    private readonly ownerToken: string,
  ) {}

  /** `environment` may name servers; a `root` that is given is kept: the next API goes on with its keys. */
  static async start(
    environment: Readonly<Record<string, string>> = {},
    root = mkdtempSync(join(tmpdir(), 'rapport-api-')),
  ): Promise<ApiUnderTest> {
    const config = readConfig({
      RAPPORT_DATA_DIR: join(root, 'data'),
      RAPPORT_MASTER_KEY_FILE: join(root, 'keys/master.key'),
      RAPPORT_REVIEW_INTERVAL_MS: '0',
      ...environment,
    });
    const logger = createLogger('silent');
    const { servers } = config;
    const options = { distDir: resolve('dist'), logger };
    const runtime = servers
      ? await openServersRuntime({ ...config, servers }, options)
      : await openEmbeddedRuntime(config, options);
    const api = await createApi(runtime, logger, '0.0.0', resolve('.'));
    return new ApiUnderTest(root, runtime, api, await runtime.tokens.mintLocal());
  }

  async stop({ keepsRoot = false } = {}): Promise<void> {
    await this.api.app.close();
    await this.runtime.stop();
    if (!keepsRoot) rmSync(this.root, { recursive: true, force: true });
  }

  /** A token of one role. */
  async tokenOf(role: AccessRole, scopes?: readonly (AccessScope | '*')[]): Promise<string> {
    const tokens = new AccessTokens(readTokenSecret(this.runtime.folder), systemClock);
    return tokens.mint({
      subject: `${role}-1`,
      roles: [role],
      expiresInS: 600,
      ...(scopes ? { scopes } : {}),
    });
  }

  /** One request as it stands; nothing is added but what is given. */
  async raw(method: string, url: string, options: { headers?: Record<string, string>; payload?: string | Buffer } = {}): Promise<Answer> {
    const response = await this.api.app.inject({ method: method as 'GET', url, ...options });
    const type = String(response.headers['content-type'] ?? '');
    return {
      status: response.statusCode,
      headers: response.headers as Record<string, string>,
      body: type.includes('json') && response.body !== '' ? (JSON.parse(response.body) as unknown) : response.body,
    };
  } // prettier-ignore

  /** A write by the owner with a key of its own. */
  post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.raw('POST', url, {
      headers: {
        authorization: `Bearer ${this.ownerToken}`,
        'content-type': 'application/json',
        'idempotency-key': `key-${++this.keys}`,
        ...headers,
      },
      payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    });
  }

  get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.raw('GET', url, { headers: { authorization: `Bearer ${this.ownerToken}`, ...headers } });
  }

  delete(url: string): Promise<Answer> {
    return this.raw('DELETE', url, { headers: { authorization: `Bearer ${this.ownerToken}` } });
  }

  /** Records something and answers; throws unless it was recorded. */
  async record(url: string, body: unknown, headers?: Record<string, string>): Promise<Answer> {
    const answer = await this.post(url, body, headers);
    if (answer.status !== 201)
      throw new Error(`${url} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer;
  }
}
