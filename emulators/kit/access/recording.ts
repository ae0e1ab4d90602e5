import type { AccessQuestion } from "../access.ts";
import type { Policies } from "./policies.ts";

/** A permission that a binding gives to a member. */
export type Grant = {
  readonly member: string;
  readonly role: string;
  /** The resource whose policy has the binding. */
  readonly resource: string;
  readonly permission: string;
};

/** What was asked, each question once. */
export type Recording = {
  readonly used: readonly AccessQuestion[];
  readonly refused: readonly AccessQuestion[];
  /** What bindings give and nobody used: of users and service accounts that are named themselves. */
  readonly unused: () => readonly Grant[];
  /** Forgets what was refused: until everything is set up, it says nothing. */
  readonly forgetRefused: () => void;
  /** Begins anew. */
  readonly reset: () => void;
};

/** Notes questions and their answers. */
export type Recorder = {
  readonly note: (question: AccessQuestion, isAllowed: boolean) => void;
  readonly read: (
    policies: Policies,
    permissionsOf: (role: string) => ReadonlySet<string>,
    lineageOf: (resource: string) => readonly string[],
  ) => Recording;
};

/** A recorder that has seen nothing. */
export function createRecorder(): Recorder {
  const used = new Map<string, AccessQuestion>();
  const refused = new Map<string, AccessQuestion>();
  return {
    note: ({ member, permission, resource }, isAllowed) => {
      const question = { member, permission, resource };
      (isAllowed ? used : refused).set(`${member ?? ""} ${permission} ${resource}`, question);
    },
    read: (policies, permissionsOf, lineageOf) => ({
      used: [...used.values()],
      refused: [...refused.values()],
      unused: () => {
        const seen = new Set(
          [...used.values()].flatMap(({ member, permission, resource }) =>
            lineageOf(resource).map((name) => `${member ?? ""} ${permission} ${name}`),
          ),
        );
        return grantsIn(policies, permissionsOf).filter(
          ({ member, permission, resource }) => !seen.has(`${member} ${permission} ${resource}`),
        );
      },
      forgetRefused: () => {
        refused.clear();
      },
      reset: () => {
        used.clear();
        refused.clear();
      },
    }),
  };
}

function grantsIn(
  policies: Policies,
  permissionsOf: (role: string) => ReadonlySet<string>,
): readonly Grant[] {
  return policies.resources().flatMap((resource) =>
    policies.bindings(resource).flatMap(({ role, members }) =>
      members
        .filter((member) => /^(?:user|serviceAccount):/.test(member))
        .flatMap((member) =>
          [...permissionsOf(role)].map((permission) => ({
            member,
            role,
            resource,
            permission,
          })),
        ),
    ),
  );
}
