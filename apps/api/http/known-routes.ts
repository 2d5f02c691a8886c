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

  private matches(route: KnownRoute, path: string): boolean {
    return (route as KnownRoute & { pattern: RegExp }).pattern.test(path);
  }
}

const patternOf = (url: string): RegExp =>
  new RegExp(`^${url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))).join('/')}$`); // prettier-ignore
