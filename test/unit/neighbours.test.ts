import { describe, expect, test } from "vitest";
import { problemsBetween } from "../../infra/plan/neighbours.ts";
import { smallSpec } from "../support/local-spec.ts";
import { edit } from "./spec-support.ts";

const WEB = { path: "a/service.yaml", text: smallSpec("web") };
const DOCS = { path: "b/service.yaml", text: smallSpec("docs") };

/** The specification of a service that shares with another. */
function sharing(text: string, other: string): string {
  return text.includes("delivery:")
    ? text.replace("delivery:", `delivery:\n  sharesWith: [${other}]`)
    : `${text}\ndelivery: {sharesWith: [${other}]}\n`;
}

function shown(path: string, ...files: readonly { path: string; text: string }[]): unknown {
  const problems = problemsBetween(files).get(path) ?? [];
  return problems.map(({ severity, path: at, message }) => `${severity} ${at}: ${message}`);
}

describe("files that are checked together", () => {
  test("have nothing in common when they are of different services", () => {
    expect(shown(WEB.path, WEB, DOCS)).toEqual([]);
    expect(shown(WEB.path, WEB)).toEqual([]);
  });

  test("are refused when they have one id, whatever else is in them", () => {
    const twin = { path: "b/service.yaml", text: smallSpec("web") };
    const broken = { path: "b/service.yaml", text: "service: {id: web}\n" };
    for (const other of [twin, broken]) {
      expect(shown(WEB.path, WEB, other)).toEqual([
        "error service.id: is the id in b/service.yaml too, so each would undo what the other applies: give each service an id of its own",
      ]);
      expect(shown(other.path, WEB, other)).toEqual([
        "error service.id: is the id in a/service.yaml too, so each would undo what the other applies: give each service an id of its own",
      ]);
    }
  });

  test("are warned of one image and one project, at their places", () => {
    const image = /image: (\S+)/.exec(WEB.text)?.[1] ?? "";
    const own = /image: (\S+)/.exec(DOCS.text)?.[1] ?? "";
    const other = { ...DOCS, text: edit(DOCS.text, [own, image]) };
    expect(shown(DOCS.path, WEB, other)).toEqual([
      "warning build.image: is the image of service web in a/service.yaml too: each push makes a release of both. If that is right, name each in the other's delivery.sharesWith",
    ]);
    const near = { ...WEB, text: edit(WEB.text, ["web-dev-1a2b", "web-dev-prod-1a2b"]) };
    const far = { path: "c/service.yaml", text: smallSpec("web-dev") };
    expect(shown(far.path, near, far)).toEqual([
      "warning environments[1].projectID: is the project of dev of service web in a/service.yaml too: give each service its own, or name each in the other's delivery.sharesWith",
    ]);
  });

  test("are not warned of what both say they share", () => {
    const image = /image: (\S+)/.exec(WEB.text)?.[1] ?? "";
    const own = /image: (\S+)/.exec(DOCS.text)?.[1] ?? "";
    const shared = { ...DOCS, text: `${edit(DOCS.text, [own, image])}\n` };
    const one = { ...WEB, text: sharing(WEB.text, "docs") };
    const other = { ...shared, text: sharing(shared.text, "web") };
    expect(shown(other.path, one, other)).toEqual([]);
    expect(shown(shared.path, one, shared)).toHaveLength(1);
  });

  test("may be no YAML, or no mapping", () => {
    for (const text of ["", "a: [", "- a", "service: 1", "service: {id: [web]}"]) {
      expect(shown("x", { path: "x", text }, WEB)).toEqual([]);
    }
  });
});
