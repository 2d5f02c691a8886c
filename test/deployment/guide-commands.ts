import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes, type AclEntry } from 'kafkajs'; // prettier-ignore
import { readSource } from '../architecture/source-files.js';

const guide = readSource('docs/guides/deploy.md');

const OPERATIONS: Readonly<Record<string, AclOperationTypes>> = {
  Create: AclOperationTypes.CREATE,
  Delete: AclOperationTypes.DELETE,
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
};

/** The access lists of the deploy guide, as its `kafka-acls.sh` lines give them. */
export function guideAcls(): readonly AclEntry[] {
  return guide
    .split('\n')
    .filter((line) => line.startsWith('acls --'))
    .flatMap((line) => {
      const valuesOf = (option: string): string[] =>
        [...line.matchAll(new RegExp(`--${option} (\\S+)`, 'g'))].map(([, value]) => value!);
      const [topic] = valuesOf('topic');
      const [group] = valuesOf('group');
      const isPrefix = valuesOf('resource-pattern-type')[0] === 'prefixed';
      return valuesOf('operation').map((operation) => ({
        principal: valuesOf('allow-principal')[0]!,
        host: '*',
        permissionType: AclPermissionTypes.ALLOW,
        operation: OPERATIONS[operation]!,
        resourceType: topic === undefined ? AclResourceTypes.GROUP : AclResourceTypes.TOPIC,
        resourceName: topic ?? group!,
        resourcePatternType: isPrefix ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
      }));
    });
}

interface MongoCommand {
  readonly createRole?: string;
  readonly createUser?: string;
  readonly pwd?: string;
}

/** Roles and accounts of the deploy guide, as database commands; `password` answers its prompts. */
export function guideMongoCommands(password: string): readonly MongoCommand[] {
  const [, script] = /^```js\n([^]*?)^```$/m.exec(guide)!;
  const commands: MongoCommand[] = [];
  const admin = {
    createRole: ({ role, ...rest }: { readonly role: string }) =>
      commands.push({ createRole: role, ...rest }),
    createUser: ({ user, ...rest }: { readonly user: string }) =>
      commands.push({ createUser: user, ...rest }),
  };
  // What an operator pastes into a shell, pasted into a function.
  const paste = new Function('db', 'passwordPrompt', script!) as (db: object, prompt: () => string) => void;
  paste({ getSiblingDB: () => admin }, () => password);
  return commands;
}

/** The settings of an env file of the deploy guide, for example `relay`. */
export function guideEnvironment(app: string): Readonly<Record<string, string>> {
  const [, , block] = new RegExp(
    `^\`/etc/rapport/${app}\\.env\`([^]*?)^\`\`\`text\n([^]*?)^\`\`\`$`,
    'm',
  ).exec(guide)!;
  return Object.fromEntries(
    block!
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
