import type { Type } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import { RapportError, type ErrorDetail } from '@rapport/contracts';
import type { ApiReply, ApiRequest } from '../http/api-request.js';
import { bodyDto, type CommandRoute } from '../http/command-route.js';
import type { DtoClass } from '../http/dto-from-schema.js';
import { invalid } from '../http/problem.js';
import { idempotencyKeyOf, ifMatchOf } from '../http/read-write-key.js';
import { CarryOutCommand } from './carry-out-command.handler.js';
import { CONSENT_DECISIONS } from './consent/consent.routes.js';
import { CONTRACT_ROUTES } from './contracts/contracts.routes.js';
import { LEDGER_ROUTES } from './ledger/ledger.routes.js';
import { DATA_EXPORT, PRIVACY_ROUTES } from './privacy/privacy.routes.js';
import { MARKETING_ROUTES } from './marketing/marketing.routes.js';
import { PROFILE_ROUTES, REGISTRATION } from './profile/profile.routes.js';
import { RELATIONSHIP_ROUTES } from './relationship/relationship.routes.js';
import { SALES_ROUTES } from './sales/sales.routes.js';
import { SERVICE_ROUTES } from './service/service.routes.js';
import { NEED_ROUTES } from './needs/needs.routes.js';
import { AGENDA_ROUTES } from './agenda/agenda.routes.js';
import { TOUCH_POINT_ROUTES } from './touch-points/touch-points.routes.js';
import { answerWrite } from './write-answer.js';
import { writeOf } from '../http/write-request.js';
import { asCommandController, declareCommandRoute } from '../http/command-controller.js';

/** Areas of the customer and their writes, in the order of the documentation. */
export const COMMAND_AREAS: readonly { readonly area: string; readonly routes: readonly CommandRoute[] }[] = [
  { area: 'profile', routes: PROFILE_ROUTES },
  { area: 'privacy', routes: PRIVACY_ROUTES },
  { area: 'touch points', routes: TOUCH_POINT_ROUTES },
  { area: 'agenda', routes: AGENDA_ROUTES },
  { area: 'needs', routes: NEED_ROUTES },
  { area: 'ledger', routes: LEDGER_ROUTES },
  { area: 'service', routes: SERVICE_ROUTES },
  { area: 'contracts', routes: CONTRACT_ROUTES },
  { area: 'sales', routes: SALES_ROUTES },
  { area: 'marketing', routes: MARKETING_ROUTES },
  { area: 'relationship', routes: RELATIONSHIP_ROUTES },
];

/** Every write by command, for the batch route. */
export const ROUTE_OF_COMMAND: ReadonlyMap<string, CommandRoute> = new Map(
  [REGISTRATION, ...COMMAND_AREAS.flatMap((a) => a.routes), ...Object.values(CONSENT_DECISIONS)].map((route) => [route.command, route]), // prettier-ignore
);

/** Body class of every write by schema name, for the OpenAPI document. */
export const BODY_CLASSES: ReadonlyMap<string, DtoClass> = new Map(
  [...ROUTE_OF_COMMAND.values(), DATA_EXPORT].map((route) => [`${route.command}Body`, bodyDto(route)]),
);
const bodyClassOf = (route: CommandRoute): DtoClass => BODY_CLASSES.get(`${route.command}Body`)!;

/** Carries out one route: the body is checked, the outcome answered as writes are. */
export abstract class CommandController {
  constructor(readonly bus: CommandBus) {}

  protected async carryOut(route: CommandRoute, body: unknown, request: ApiRequest, reply: ApiReply): Promise<object> {
    if (body === undefined) throw new RapportError('MALFORMED_JSON', 'The body is empty.');
    const write = writeOf(route, bodyClassOf(route), body, request.params, {
      principal: request.principal!,
      correlationId: request.id,
      idempotencyKey: idempotencyKeyOf(request),
      ifRevision: ifMatchOf(request),
      ...(route === REGISTRATION ? {} : { reference: request.params['ref'] }),
    });
    return answerWrite(await this.bus.execute(new CarryOutCommand(write)), reply);
  } // prettier-ignore
}

/** `POST /v1/customers` and `POST /v1/customers/{ref}/consents`, which differ from the rule. */
function specialController(): Type {
  class RegistrationAndConsentController extends CommandController {
    register(request: ApiRequest, reply: ApiReply): Promise<object> {
      return this.carryOut(REGISTRATION, request.body, request, reply);
    }

    consent(request: ApiRequest, reply: ApiReply): Promise<object> {
      const { decision, ...body } = (request.body ?? {}) as { decision?: unknown };
      if (typeof decision !== 'string' || !Object.hasOwn(CONSENT_DECISIONS, decision))
        throw invalid('The body does not say what was decided.', [BAD_DECISION]);
      const route = CONSENT_DECISIONS[decision as keyof typeof CONSENT_DECISIONS];
      return this.carryOut(route, body, request, reply);
    }
  }
  const consents = Object.values(CONSENT_DECISIONS);
  declareCommandRoute(RegistrationAndConsentController, 'register', '', REGISTRATION, [
    bodyRef(REGISTRATION),
  ]);
  declareCommandRoute(RegistrationAndConsentController, 'consent', ':ref/consents', { ...consents[0]!, summary: 'Record a decision on consent' }, consents.map(bodyRef)); // prettier-ignore
  return asCommandController(RegistrationAndConsentController, 'v1/customers', 'profile');
}

const BAD_DECISION: ErrorDetail = {
  pointer: '/decision',
  code: 'IS_IN',
  message: 'must be one of granted, denied, revoked',
};

/** A controller with one method for each route of the area. */
function areaController(area: string, routes: readonly CommandRoute[]): Type {
  class AreaController extends CommandController {}
  for (const route of routes) {
    const name = `${route.command[0]!.toLowerCase()}${route.command.slice(1)}`;
    Object.defineProperty(AreaController.prototype, name, {
      value: function (this: AreaController, request: ApiRequest, reply: ApiReply) {
        return this.carryOut(route, request.body, request, reply);
      },
      writable: true,
      configurable: true,
      enumerable: false,
    });
    declareCommandRoute(AreaController, name, `:ref/${route.path}`, route, [bodyRef(route)]);
  }
  return asCommandController(AreaController, 'v1/customers', area);
}

const bodyRef = (route: CommandRoute): string => `#/components/schemas/${route.command}Body`;

export const customerCommandControllers = (): Type[] => [
  specialController(),
  ...COMMAND_AREAS.map(({ area, routes }) => areaController(area, routes)),
];
