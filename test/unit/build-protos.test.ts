import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CALLED_SERVICES } from "../../infra/build/called-services.ts";
import { pruneProtos } from "../../emulators/kit/prune-protos.ts";

type Described = Readonly<Record<string, unknown>>;

const PACKAGES = globSync("node_modules/{@google-cloud/*,google-gax}/build/protos/*.json", {
  cwd: new URL("../../", import.meta.url),
});

function message(fields: Readonly<Record<string, string>>, more: Described = {}): Described {
  const described = Object.entries(fields).map(([name, type], id) => [name, { type, id }] as const);
  return { fields: Object.fromEntries(described), ...more };
}

function service(method: Described): Described {
  return { methods: { Do: method } };
}

/** A package `a.b` in which a service `S` stands among these. */
function packaged(nested: Described): Described {
  return { nested: { a: { options: { x: 1 }, nested: { b: { nested } } } } };
}

function pruned(nested: Described): unknown {
  return JSON.parse(pruneProtos(JSON.stringify(packaged(nested)), ["a.b.S"]));
}

const call = { requestType: "In", responseType: "Out" };

describe("of a description stays", () => {
  test("the service that is called, and what its messages name, as deep as it goes", () => {
    const used = {
      S: service(call),
      In: message({ text: "string", inner: "Inner" }),
      Out: message({ state: "State" }),
      Inner: message({ out: "a.b.Out" }),
      State: { values: { ON: 0 } },
    };
    const unused = { Other: message({ inner: "Inner" }), T: service(call) };
    expect(pruned({ ...used, ...unused })).toEqual(packaged(used));
  });

  test("a message inside another one, with the one that it is in", () => {
    const used = {
      S: service(call),
      In: message({ part: "Out.Part" }),
      Out: message({ whole: "string" }, { nested: { Part: message({ self: "Part" }) } }),
    };
    expect(pruned(used)).toEqual(packaged(used));
  });

  test("what a long-running operation gives: the client looks it up when it is made", () => {
    const operation = {
      ...call,
      options: {
        "(google.longrunning.operation_info).response_type": "Made",
        "(google.longrunning.operation_info)": { metadata_type: ".a.b.Progress" },
      },
    };
    const used = {
      S: service(operation),
      In: message({}),
      Out: message({}),
      Made: message({}),
      Progress: message({}),
    };
    expect(pruned({ ...used, Other: message({}) })).toEqual(packaged(used));
  });

  test("nothing where no service is called", () => {
    expect(pruned({ T: service(call), In: message({}), Out: message({}) })).toEqual({});
  });

  test("all of it where there is no service, such as the details of errors", () => {
    const types = { In: message({}), Out: message({}) };
    expect(pruned(types)).toEqual(packaged(types));
  });
});

test("a name that means nothing ends the build", () => {
  expect(() => pruned({ S: service(call), In: message({}) })).toThrow(
    "a.b.S names Out, which is not there",
  );
});

test.each(CALLED_SERVICES)("%s is a service of a package", (name) => {
  const texts = PACKAGES.map((path) =>
    readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"),
  );
  const holders = texts.filter((text) => pruneProtos(text, [name]).includes('"methods"'));
  expect(holders).not.toEqual([]);
});
