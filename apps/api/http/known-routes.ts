import type { FastifyInstance, RouteOptions } from 'fastify';

export interface KnownRoute {
  readonly method: string;
  /** Fastify's pattern: `/v1/customers/:ref`. */
  readonly url: string;
}

/** Every route the server has, collected as they are registered: for 405 answers and for the authorisation test. */
export class KnownRoutes {
  private readonly routes: (KnownRoute & { readonly pattern: RegExp })[] = [];

  collectFrom(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', (route: RouteOptions) => {
      for (const method of [route.method].flat())
        this.routes.push({ method, url: route.url, pattern: patternOf(route.url) });
    });
  }

  all(): readonly KnownRoute[] {
    return this.routes.filter((route) => !route.url.includes('*'));
  }

  /** Methods that a path takes; empty when there is no such path. */
  methodsOf(url: string): readonly string[] {
    const path = url.split('?', 1)[0]!;
    return [...new Set(this.all().filter((r) => this.matches(r, path)).map((r) => r.method))].sort(); // prettier-ignore
  }

  /** Routes that begin as a path does, which no route has: what was probably meant. Empty when hardly anything agrees. */
  near(url: string): readonly string[] {
    const parts = url.split('?', 1)[0]!.split('/');
    let best = LEAST_IN_COMMON;
    let found: KnownRoute[] = [];
    for (const route of this.all()) {
      if (!NAMED_METHODS.has(route.method)) continue;
      const common = inCommon(route.url.split('/'), parts);
      if (common > best) [best, found] = [common, []];
      if (common === best) found.push(route);
    }
    return found
      .slice(0, MOST_NAMED)
      .map(({ method, url: known }) => `${method} ${known.replaceAll(/:(\w+)/g, '{$1}')}`);
  }

  private matches(route: KnownRoute, path: string): boolean {
    return (route as KnownRoute & { pattern: RegExp }).pattern.test(path);
  }
}

/** A path begins with nothing, the version and what it is about. */
const LEAST_IN_COMMON = 3;
const MOST_NAMED = 10;
const NAMED_METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'DELETE']);

/** How many parts agree from the beginning on; a parameter agrees with anything. */
function inCommon(route: readonly string[], path: readonly string[]): number {
  const end = route.findIndex(
    (part, index) => index >= path.length || (!part.startsWith(':') && part !== path[index]),
  );
  return end === -1 ? route.length : end;
}

const patternOf = (url: string): RegExp =>
  new RegExp(`^${url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))).join('/')}$`); // prettier-ignore
