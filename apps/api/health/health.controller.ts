import { Controller, Get, Header, HttpCode, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { RapportError } from '@rapport/contracts';
import type { Runtime } from '@rapport/platform';
import { Public } from '../http/access.decorator.js';
import { RUNTIME } from '../tokens.js';

/** For whoever keeps the process alive and sends it traffic; says nothing about customers. */
@ApiExcludeController()
@Public()
@Controller()
export class HealthController {
  constructor(@Inject(RUNTIME) private readonly runtime: Runtime) {}

  @Get('health/live')
  @HttpCode(200)
  live(): object {
    return { status: 'alive' };
  }

  /** 503 while a part is dead: the process answers but its read models stand still. */
  @Get('health/ready')
  ready(): object {
    const { ready, restarts } = this.runtime.health();
    if (!ready) throw new RapportError('UNAVAILABLE', 'The read models are not being kept up to date.', { retryAfterS: 5 }); // prettier-ignore
    return { status: 'ready', restarts };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(): Promise<string> {
    return this.runtime.metrics.text();
  }
}
