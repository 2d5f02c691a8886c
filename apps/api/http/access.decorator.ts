import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { Access } from '@rapport/platform';

export const ACCESS = Symbol('access');

/** Who may call the route. Every route declares this or `Public`; one that declares neither is refused to everybody. */
export const RequiresAccess = (access: Access): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ACCESS, access), ApiExtension('x-roles', [...access.roles]));

/** Anybody may call the route: it answers nothing about customers. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(ACCESS, 'public');
