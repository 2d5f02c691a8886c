import { SetMetadata } from '@nestjs/common';
import type { Access } from '@rapport/platform';

export const ACCESS = Symbol('access');

/** Who may call the route. Every route declares this or `Public`; one that declares neither is refused to everybody. */
export const RequiresAccess = (access: Access): MethodDecorator & ClassDecorator =>
  SetMetadata(ACCESS, access);

/** Anybody may call the route: it answers nothing about customers. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(ACCESS, 'public');
