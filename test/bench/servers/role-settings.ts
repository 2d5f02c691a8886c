export interface RoleSettings {
  /** Of Node. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A collector that lets less garbage stand, and an allocator that gives back what it can: memory then grows less. */
const TIGHT: RoleSettings = {
  flags: ['--heap-growing-percent=20', '--max-semi-space-size=4'],
  environment: { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' },
};

/** How docker-compose.yml starts a role, besides its addresses. */
export const ROLE_SETTINGS: Readonly<Record<'relay' | 'projector', RoleSettings>> = {
  relay: TIGHT,
  projector: TIGHT,
};
