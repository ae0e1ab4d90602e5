import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { leftToTerraform } from "../../infra/plan/left-to-terraform.ts";
import { serviceJsonSchema } from "../../shared/wire/spec/json-schema.ts";
import { place } from "./render-support.ts";
import { edit, problemsOf, readSpec, told, usable } from "./spec-support.ts";

/*
 * What the schema, the messages and the guide claim of a key is what Slipway does with it: where it does nothing,
 * they say whose the key is.
 */

const Part = z.object({
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
});

/** What the schema says of a key and of the keys below it, which is written without the numbers of lists. */
function said(key: string): readonly string[] {
  let part: unknown = serviceJsonSchema();
  for (const name of key.split(".")) {
    part = propertiesOf(part)[name];
  }
  const own = Part.parse(part).description;
  const below = Object.values(propertiesOf(part)).flatMap(
    (one) => Part.parse(one).description ?? [],
  );
  return own === undefined ? below : [own];
}

function propertiesOf(part: unknown): Readonly<Record<string, unknown>> {
  const { properties, items } = Part.parse(part);
  return properties ?? (items === undefined ? {} : propertiesOf(items));
}

describe("the schema", () => {
  const spec = usable(readSpec("upstream-everything"));
  const ofService = new Set(["service", "rollout", "monitoring"]);

  test("says of each key that is left to Terraform that it is", () => {
    const left = [...leftToTerraform(spec, place(spec)), "locations.gcpLocation"];
    expect(left.length).toBeGreaterThan(9);
    for (const name of left) {
      const [first = ""] = name.split(".");
      const key = ofService.has(first) ? name : `environments.${name}`;
      const texts = said(key);
      expect([
        name,
        texts.length > 0,
        texts.filter((text) => !text.includes("upstream's")),
      ]).toEqual([name, true, []]);
    }
  });

  test.each([
    ["rollout.suspended", /stages are held: .* rollbacks stay possible, and .* outside .* go on/],
    ["environments.deploy.manual", /the tag is insiders when this block is left out/],
    ["environments.deploy.manual.tag", /names no release gets: the digest that it is on/],
    ["environments.authentication.sourcegraph", /organization may call it: apply allows that/],
    ["service.iam.services", /Terraform enables; Slipway enables none/],
    ["service.iam.roles", /Terraform gives the service's account; Slipway gives none/],
    ["service.iam.permissions", /Terraform gives through a role; Slipway gives none/],
    ["rollout.initialImageTag", /Terraform deploys first.*; Slipway deploys what is pushed/],
  ])("says of %s what comes of it", (key, text) => {
    expect(said(key).join(" ")).toMatch(text);
  });
});

/** How the last environment is deployed. */
function deployOf(text: string): unknown {
  return place(usable(text)).environments.at(-1)?.deploy;
}

test("a manual tag is warned of with what is done with it, and taken by default", () => {
  const job = readSpec("job");
  const type = "{type: subscription, subscription: {tag: insiders}}";
  const manual = edit(job, [type, "{type: manual, manual: {tag: v2}}"]);
  const problem = "it is resolved to a digest when somebody asks for the deploy";
  expect(problemsOf(manual)).toEqual(
    told([`warning environments[0].deploy.manual.tag | v2 | ${problem}`]),
  );
  const plain = edit(job, [type, "{type: manual}"]);
  expect(problemsOf(plain)).toEqual(told([]));
  expect(deployOf(manual)).toEqual({ kind: "manual", tag: "v2" });
  expect(deployOf(plain)).toEqual({ kind: "manual", tag: "insiders" });
});

describe("the guide", () => {
  const guide = readFileSync(new URL("../../docs/guides/service-yaml.md", import.meta.url), "utf8");
  const stricter = guide.slice(guide.indexOf("**Stricter**"), guide.indexOf("**More lenient**"));

  test("does not say that the platform refuses whatever is an error here", () => {
    expect(guide.replaceAll("\n", " ")).toContain(
      "The platform's tooling refuses it as well, Cloud Run would, or it would not mean what it says.",
    );
  });

  test.each([
    "An environment without content",
    "lower-case letters, digits and hyphens",
    "An id\n  is there once",
    "Whole numbers have no fraction",
    "`NAME` or `projects/PROJECT/secrets/NAME`",
    "a second document in the file",
    "Texts of one line hold one line",
    "repository of Artifact Registry",
    "1, 2, 4, 6 or 8 processors",
  ])("names what only Slipway refuses: %s", (words) => {
    expect(stricter).toContain(words);
  });
});
