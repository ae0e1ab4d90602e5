/** A value of JSON. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** The fields of a resource, as its API has them in JSON. */
export type Fields = Readonly<Record<string, Json>>;

/** The kinds of resources that an installation is made of. */
export const KINDS = [
  "apis",
  "service agent",
  "account",
  "role",
  "bucket",
  "repository",
  "topic",
  "database",
  "index",
  "backup schedule",
  "grants",
  "function",
  "subscription",
  "job",
  "channel",
  "alert policy",
  "dashboard",
] as const;

/** What a resource is. */
export type Kind = (typeof KINDS)[number];

/** One thing that an installation is made of. */
export type Resource = {
  readonly kind: Kind;
  /** The full name as its API has it; where the API chooses the name, what Slipway calls it by. */
  readonly name: string;
  /** The project that it is in. */
  readonly project: string;
  /** The keys of what must be there before it. */
  readonly needs: readonly string[];
  /** What it must have. Other fields are left as they are. */
  readonly fields: Fields;
  /** Whether others may have made it first and use it too: then it is used as it is. */
  readonly isShared?: true;
  /** Why it is there, in one sentence. */
  readonly why: string;
};

/** What tells a resource from every other. */
export function keyOf({ kind, name }: Pick<Resource, "kind" | "name">): string {
  return `${kind} ${name}`;
}

/** The label by which everything that takes labels says whose it is; its value is Slipway's project. */
export const OWNER_LABEL = "slipway-installation";

/** How the description of what takes no labels begins. */
export function ownerText(project: string): string {
  return `Slipway of ${project}:`;
}

/** Whether a value of JSON is an object. */
export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as text; an empty one for what is no text. */
export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** The texts of a list. */
export function texts(list: Json | undefined): readonly string[] {
  return listOf(list).filter((item) => typeof item === "string");
}

/** The objects of a list. */
export function objects(list: Json | undefined): readonly Fields[] {
  return listOf(list).filter(isObject);
}

function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
