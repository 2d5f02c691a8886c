import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { RapportError } from '@rapport/contracts';
import { mayAccess, type Access } from '@rapport/platform';
import { ACCESS } from './access.decorator.js';
import type { ApiRequest } from './api-request.js';

/** Refuses by default: a route that declares no access is nobody's. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly declared = new WeakMap<object, Access | 'public'>();

  canActivate(context: ExecutionContext): boolean {
    const access = this.accessOf(context);
    if (access === 'public') return true;
    const { principal } = context.switchToHttp().getRequest<ApiRequest>();
    if (!principal) throw new RapportError('UNAUTHENTICATED', 'The request carries no valid access token.');
    if (!access || !mayAccess(principal, access))
      throw new RapportError('FORBIDDEN', 'The roles and scopes of the token do not include this route.');
    return true;
  }

  private accessOf(context: ExecutionContext): Access | 'public' | undefined {
    const handler = context.getHandler();
    let access = this.declared.get(handler);
    if (!access) {
      access = (Reflect.getMetadata(ACCESS, handler) ?? Reflect.getMetadata(ACCESS, context.getClass())) as Access | 'public'; // prettier-ignore
      if (access) this.declared.set(handler, access);
    }
    return access;
  }
}
