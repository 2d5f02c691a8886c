export interface RoleSettings {
  /** Of Node. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** How docker-compose.yml starts a role, besides its addresses. */
export const ROLE_SETTINGS: Readonly<Record<'relay' | 'projector', RoleSettings>> = {
  relay: {
    flags: ['--heap-growing-percent=20', '--max-semi-space-size=4'],
    environment: { MALLOC_ARENA_MAX: '1' },
  },
  projector: {},
};
