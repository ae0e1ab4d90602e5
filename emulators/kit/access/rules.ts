import type { Message } from "../call.ts";
import { isRecord } from "../json.ts";

/** A permission that a call needs, and on what. */
export type Need = { readonly permission: string; readonly resource: string };

/** What a call of a method needs; nothing but a known caller when it is empty. */
export type Rule = (request: Message) => readonly Need[];

/** By the RPC's name, or by `Service/Method` where two services of an API have the same one. */
export type Rules = Readonly<Record<string, Rule>>;

/** A permission on what a field of the request names, such as `name`, `parent` or `service.name`. */
export function needs(permission: string, field: string): Rule {
  return (request) => [{ permission, resource: textAt(request, field) }];
}

/** All that several rules ask for. */
export function allOf(...rules: readonly Rule[]): Rule {
  return (request) => rules.flatMap((rule) => rule(request));
}

/** Any caller who is known may. */
export const anybodyKnown: Rule = () => [];

/** The rules of a resource's policy. Its kind is as permissions have it, such as `run.services`, or follows from its name. */
export function policyRules(kind: string | ((resource: string) => string)): Rules {
  function on(verb: string): Rule {
    return (request) => {
      const resource = textAt(request, "resource");
      const own = typeof kind === "string" ? kind : kind(resource);
      return [{ permission: `${own}.${verb}`, resource }];
    };
  }
  return {
    GetIamPolicy: on("getIamPolicy"),
    SetIamPolicy: on("setIamPolicy"),
    TestIamPermissions: anybodyKnown,
  };
}

/** `iam.serviceAccounts.actAs` on an account, given by its address; nothing where none is given. */
export function actAs(address: string | undefined): readonly Need[] {
  return address === undefined || address === ""
    ? []
    : [
        {
          permission: "iam.serviceAccounts.actAs",
          resource: `projects/-/serviceAccounts/${address}`,
        },
      ];
}

/** The text at a dotted path of a request; empty where there is none. */
export function textAt(request: Message, field: string): string {
  let value: unknown = request;
  for (const name of field.split(".")) {
    value = isRecord(value) ? value[name] : undefined;
  }
  return typeof value === "string" ? value : "";
}
