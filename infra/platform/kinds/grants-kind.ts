import { nullWhenMissing } from "../../../shared/adapters/outside-call.ts";
import type { Driver } from "../engine/driver.ts";
import { isObject, texts } from "../resource.ts";
import type { Fields } from "../resource.ts";
import type { Google } from "./google.ts";
import { changePolicy, findPolicy, policyBehind } from "./policy.ts";
import type { Bindings } from "./policy.ts";

/** Grants on one thing. Members that others put there stay, and what they grant is not looked at. */
export function grantsKind(google: Google): Driver {
  return {
    behind: ({ name, project }) => policyBehind(name, project),
    read: async ({ name }) => {
      const found = await findPolicy(google, name);
      return found === null ? null : { bindings: found };
    },
    create: async ({ name, fields }) => add(google, name, fields),
    update: async ({ name, fields }) => add(google, name, fields),
    remove: async ({ name, fields }) => {
      const ours = wantedOf(fields);
      await nullWhenMissing(() =>
        changePolicy(google, name, (there) =>
          mapped(there, (role, members) =>
            members.filter((member) => !(ours.get(role) ?? []).includes(member)),
          ),
        ),
      );
    },
    differences: (wanted, found) => {
      const there = wantedOf(found);
      return [...wantedOf(wanted)].flatMap(([role, members]) =>
        members
          .filter((member) => !(there.get(role) ?? []).includes(member))
          .map((member) => ({ field: role, from: "", to: member })),
      );
    },
    owner: () => ({ kind: "unmarked" }),
    immutable: [],
  };
}

async function add(google: Google, on: string, fields: Fields): Promise<void> {
  const wanted = wantedOf(fields);
  await changePolicy(google, on, (there) => {
    const joined = mapped(there, (role, members) => [
      ...new Set([...members, ...(wanted.get(role) ?? [])]),
    ]);
    const fresh = [...wanted].filter(([role]) => !Object.hasOwn(there, role));
    return { ...joined, ...Object.fromEntries(fresh) };
  });
}

function mapped(
  bindings: Bindings,
  change: (role: string, members: readonly string[]) => readonly string[],
): Bindings {
  return Object.fromEntries(
    Object.entries(bindings).map(([role, members]) => [role, change(role, members)]),
  );
}

function wantedOf({ bindings }: Fields): ReadonlyMap<string, readonly string[]> {
  const found = isObject(bindings) ? bindings : {};
  return new Map(Object.entries(found).map(([role, members]) => [role, texts(members)]));
}
