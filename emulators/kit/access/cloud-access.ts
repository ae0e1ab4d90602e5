import type { Access, AccessQuestion } from "../access.ts";
import { googleError } from "../google-error.ts";
import type { Persistence } from "../persistence.ts";
import { type Membership, standsFor } from "./members.ts";
import { type Binding, createPolicies, type Policies } from "./policies.ts";
import { canonical, lineage, type Places } from "./resource-tree.ts";
import { predefinedRole } from "./roles.ts";

/** Whose token it is: a member; or why it is nobody's. */
export type Identified =
  | { readonly member: string }
  | { readonly problem: "unknown" | "expired" | "unsupported" };

/** What other emulators know and the engine asks; each part can be put in by the emulator that knows it. */
export type Directory = Places & {
  readonly isInGroup: Membership["isInGroup"];
  /** The permissions of a custom role; null for one that is not there. */
  readonly customRole: (name: string) => ReadonlySet<string> | null;
  /** Why an account cannot be a member yet or any more; null for one that can. */
  readonly memberProblem: (member: string) => string | null;
  readonly identify: (token: string) => Identified;
  /** Whom a call without a token is taken for; null refuses it, as Google does. */
  readonly anonymous: string | null;
  /** Whether an API (`run.googleapis.com`) is enabled in a project. */
  readonly isEnabled: (service: string, project: string) => boolean;
};

/** What was asked, each question once. */
export type Recording = {
  readonly used: readonly AccessQuestion[];
  readonly refused: readonly AccessQuestion[];
  /** Forgets what was refused: until everything is set up, it says nothing. */
  readonly forgetRefused: () => void;
  /** Begins anew. */
  readonly reset: () => void;
};

/** The access engine of one cloud, which its emulators share. */
export type CloudAccess = Access & {
  /** Answers as `allows` does, and does not count as use. */
  readonly grants: (question: AccessQuestion) => boolean;
  readonly policies: Policies;
  readonly directory: () => Directory;
  /** Puts in what an emulator knows. */
  readonly use: (known: Partial<Directory>) => void;
  /** What was asked with `allows` since the last reset. */
  readonly recording: () => Recording;
};

const NOTHING_KNOWN: Directory = {
  projectId: (project) => project,
  parentOf: () => null,
  isInGroup: () => false,
  customRole: () => null,
  memberProblem: () => null,
  identify: () => ({ problem: "unknown" }),
  anonymous: null,
  isEnabled: () => true,
};

/** Makes an engine with no policy yet: nobody may do anything. */
export function createCloudAccess(persistence?: Persistence): CloudAccess {
  let directory = NOTHING_KNOWN;
  const policies = createPolicies(persistence, "access", (bindings) =>
    checkBindings(bindings, directory),
  );
  const used = new Map<string, AccessQuestion>();
  const refused = new Map<string, AccessQuestion>();
  function permissionsOf(role: string): ReadonlySet<string> {
    return predefinedRole(role)?.permissions ?? directory.customRole(role) ?? new Set();
  }
  function grants({ member, permission, resource }: AccessQuestion): boolean {
    const asked: Membership = {
      isInGroup: (group, address) => directory.isInGroup(group, address),
      hasBasicRole: (role, project) =>
        policies
          .bindings(`projects/${project}`)
          .some((binding) => binding.role === role && binding.members.includes(member ?? "")),
    };
    return lineage(canonical(resource, directory), directory).some((name) =>
      policies
        .bindings(name)
        .filter(({ members }) => members.some((each) => standsFor(each, member, asked)))
        .some(({ role }) => permissionsOf(role).has(permission)),
    );
  }
  return {
    grants,
    allows: ({ member, permission, resource: asked }) => {
      const question = { member, permission, resource: canonical(asked, directory) };
      const isAllowed = grants(question);
      const text = `${member ?? ""} ${permission} ${question.resource}`;
      (isAllowed ? used : refused).set(text, question);
      return isAllowed;
    },
    policies,
    directory: () => directory,
    use: (known) => {
      directory = { ...directory, ...known };
    },
    recording: () => ({
      used: [...used.values()],
      refused: [...refused.values()],
      forgetRefused: () => refused.clear(),
      reset: () => [used, refused].forEach((questions) => questions.clear()),
    }),
  };
}

/** Refuses roles and members that are not there. */
function checkBindings(bindings: readonly Binding[], directory: Directory): void {
  for (const { role, members } of bindings) {
    if (predefinedRole(role) === null && directory.customRole(role) === null) {
      throw googleError("INVALID_ARGUMENT", `Role ${role} is not supported for this resource.`);
    }
    const problem = members.map(directory.memberProblem).find((each) => each !== null);
    if (problem !== undefined) {
      throw googleError("INVALID_ARGUMENT", problem);
    }
  }
}
