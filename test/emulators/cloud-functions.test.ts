import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  creation,
  hello,
  type IFunction,
  NAME,
  openCloudFunctions,
  PARENT,
  type Setting,
} from "./cloud-functions-setting.ts";

let setting: Setting;
/** The addresses of what served, as the front was told of them. */
const served: (readonly string[])[] = [];

beforeAll(async () => {
  setting = await openCloudFunctions({
    environmentOf: (account) => ({ ACCOUNT: account }),
    front: {
      serve: async ({ urls }) => {
        served.push(urls);
        return Promise.resolve();
      },
      end: async () => Promise.resolve(),
    },
  });
});

afterAll(async () => {
  await setting.close();
});

/** Makes the function and gives what it became, or its operation's error. */
async function create(
  files: Readonly<Record<string, string>>,
  parts?: IFunction,
): Promise<unknown> {
  await setting.server.reset();
  const [operation] = await setting.client.createFunction(
    creation(await setting.upload(files), parts),
  );
  return operation.promise().then(
    async () => (await setting.client.getFunction({ name: NAME }))[0],
    (error: unknown) => error,
  );
}

async function answer(): Promise<string> {
  const response = await fetch(`http://${setting.server.addressOf(NAME) ?? ""}/`);
  return response.text();
}

/** A build that leaves something of its own each time, and a function that answers with it. */
const BUILT_AT =
  'import { writeFileSync } from "node:fs"; writeFileSync("built.txt", String(process.hrtime.bigint()));';
const ANSWER_BUILT = [
  'import { http } from "@google-cloud/functions-framework";',
  'import { readFileSync } from "node:fs";',
  'for (const name of ["hello", "hello-two"]) {',
  '  http(name, (_request, response) => response.send(readFileSync("built.txt", "utf8")));',
  "}",
].join("\n");

describe("a function that is created", () => {
  test("is built, started and told of, with where it serves", async () => {
    const made = await create(hello("hello"));
    expect(made).toMatchObject({
      name: NAME,
      state: "ACTIVE",
      environment: "GEN_2",
      url: "https://us-central1-acme.cloudfunctions.net/hello",
      buildConfig: { entryPoint: "hello", runtime: "nodejs24" },
      serviceConfig: { timeoutSeconds: 60, availableMemory: "512Mi" },
    });
    expect(await answer()).toBe("hello world built");
    const [own, hashed, known] = served.at(-1) ?? [];
    expect(own).toBe("https://us-central1-acme.cloudfunctions.net/hello");
    expect(hashed).toMatch(/^https:\/\/hello-[a-z]{10}-uc\.a\.run\.app$/);
    expect(known).toBe("https://hello-123456789012.us-central1.run.app");
  });

  test("and updated serves the new source with what the mask names; what it does not name stays", async () => {
    await create(hello("one"));
    const before = setting.server.addressOf(NAME);
    const [operation] = await setting.client.updateFunction({
      function: {
        name: NAME,
        buildConfig: { source: { storageSource: await setting.upload(hello("two")) } },
        serviceConfig: { environmentVariables: { GREETED: "nobody" }, availableMemory: "1Gi" },
      },
      updateMask: { paths: ["build_config.source", "service_config.environment_variables"] },
    });
    await operation.promise();
    const [updated] = await setting.client.getFunction({ name: NAME });
    expect(updated).toMatchObject({
      state: "ACTIVE",
      buildConfig: { runtime: "nodejs24" },
      serviceConfig: { availableMemory: "512Mi" },
    });
    expect(await answer()).toBe("two nobody built");
    await expect(fetch(`http://${before ?? ""}/`)).rejects.toThrow("fetch failed");
  });

  test("that is read, changed and sent back without a mask is the same but for the change", async () => {
    await create(hello("one"));
    const [read] = await setting.client.getFunction({ name: NAME });
    const [operation] = await setting.client.updateFunction({
      function: { ...read, description: "says hello" },
    });
    await operation.promise();
    const [updated] = await setting.client.getFunction({ name: NAME });
    const { revision, ...service } = updated.serviceConfig ?? {};
    expect(revision).toMatch(/^hello-00002-[a-z]{3}$/);
    expect(read.serviceConfig).toMatchObject(service);
    expect(updated).toMatchObject({
      description: "says hello",
      state: "ACTIVE",
      buildConfig: { source: read.buildConfig?.source },
    });
  });

  test("and deleted is gone, and its process with it", async () => {
    await create(hello("one"));
    const address = setting.server.addressOf(NAME) ?? "";
    const [operation] = await setting.client.deleteFunction({ name: NAME });
    await operation.promise();
    await expect(setting.client.getFunction({ name: NAME })).rejects.toThrow("was not found");
    await expect(fetch(`http://${address}/`)).rejects.toThrow("fetch failed");
    const [listed] = await setting.client.listFunctions({ parent: PARENT });
    expect(listed).toEqual([]);
  });

  test("of an archive that was built for another is not built again", async () => {
    await setting.server.reset();
    const source = await setting.upload(
      hello("one", { "fill-compile-cache.js": BUILT_AT, "index.js": ANSWER_BUILT }),
    );
    const answers: string[] = [];
    for (const functionId of ["hello", "hello-two"]) {
      const [operation] = await setting.client.createFunction({ ...creation(source), functionId });
      await operation.promise();
      const address = setting.server.addressOf(`${PARENT}/functions/${functionId}`) ?? "";
      answers.push(await (await fetch(`http://${address}/`)).text());
    }
    expect(answers[0]).toMatch(/^\d+$/);
    expect(answers[1]).toBe(answers[0]);
  });

  test("a second time is refused, and so is a change while another is under way", async () => {
    await create(hello("one"));
    const again = creation(await setting.upload(hello("two")));
    await expect(setting.client.createFunction(again)).rejects.toThrow("already exists");
    const described = { function: { name: NAME }, updateMask: { paths: ["description"] } };
    const [operation] = await setting.client.updateFunction(described);
    await expect(setting.client.updateFunction(described)).rejects.toThrow(
      "another one is under way",
    );
    await operation.promise();
    expect(await answer()).toBe("one world built");
  });
});

const Manifest = z.record(z.string(), z.unknown());

/** The package's own file with some parts put in their place. */
function change(parts: object): string {
  return JSON.stringify({
    ...Manifest.parse(JSON.parse(hello("")["package.json"] ?? "{}")),
    ...parts,
  });
}

describe("a build fails", () => {
  test.each([
    [
      "without main and the files that stand for it",
      { "package.json": change({ main: undefined }), "index.js": null },
      "function.js does not exist",
    ],
    [
      "where main names a file that is not there",
      { "package.json": change({ main: "dist/a.js" }) },
      "dist/a.js does not exist",
    ],
    ["where main is no JavaScript", { "index.js": "const = 1;" }, "SyntaxError"],
    [
      "where its script fails",
      { "fill-compile-cache.js": "process.exit(3);" },
      "npm run --silent gcp-build",
    ],
    [
      "without the framework",
      { "package.json": change({ dependencies: {} }) },
      "functions-framework is no dependency",
    ],
    ["without a lockfile", { "package-lock.json": null }, "there is no package-lock.json"],
  ])("%s", async (_, files, message) => {
    const error = await create(hello("never", files));
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toContain("Build failed with status: FAILURE and message: ");
    expect(String(error)).toContain(message);
    const [failed] = await setting.client.getFunction({ name: NAME });
    expect(failed.state).toBe("FAILED");
    expect(setting.server.addressOf(NAME)).toBe(null);
  });
});

describe("an instance that does not listen", () => {
  const broken = { "index.js": "process.exit(1);" };

  test("fails the first deployment", async () => {
    const error = await create(hello("never", broken));
    expect(String(error)).toContain("Container Healthcheck failed. Revision 'hello-00001-");
    expect((await setting.client.getFunction({ name: NAME }))[0].state).toBe("FAILED");
  });

  test("fails an update, and the revision before goes on", async () => {
    await create(hello("one"));
    const source = { storageSource: await setting.upload(hello("two", broken)) };
    const [operation] = await setting.client.updateFunction({
      function: { name: NAME, buildConfig: { source } },
      updateMask: { paths: ["build_config.source"] },
    });
    await expect(operation.promise()).rejects.toThrow("hello-00002-");
    expect(await answer()).toBe("one world built");
  });
});

describe("a request is refused", () => {
  test.each([
    ["whose runtime is not known", { buildConfig: { runtime: "nodejs18" } }, "nodejs18"],
    [
      "that sets what the platform sets",
      { serviceConfig: { environmentVariables: { PORT: "1" } } },
      "PORT",
    ],
    ["that asks for more than an hour", { serviceConfig: { timeoutSeconds: 3601 } }, "3600"],
  ])("%s", async (_, parts: IFunction, message) => {
    await setting.server.reset();
    const source = { storageSource: { bucket: "b", object: "o" } };
    const request = creation(source.storageSource, {
      ...parts,
      buildConfig: { runtime: "nodejs24", source, ...parts.buildConfig },
    });
    await expect(setting.client.createFunction(request)).rejects.toThrow(message);
  });

  test("whose source was never uploaded", async () => {
    await setting.server.reset();
    const [{ storageSource }] = await setting.client.generateUploadUrl({ parent: PARENT });
    const [operation] = await setting.client.createFunction(creation(storageSource ?? {}));
    await expect(operation.promise()).rejects.toThrow("does not exist");
  });
});

describe("the address for an upload", () => {
  test("takes one archive, of its type and without credentials", async () => {
    const [{ uploadUrl }] = await setting.client.generateUploadUrl({ parent: PARENT });
    const put = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(uploadUrl ?? "", { method: "PUT", headers, body: "zip" })).status;
    const zip = { "content-type": "application/zip" };
    expect(await put({ "content-type": "application/octet-stream" })).toBe(403);
    expect(await put({ ...zip, authorization: "Bearer a" })).toBe(403);
    expect(await put(zip)).toBe(200);
    expect(await put(zip), "a second time").toBe(403);
  });
});
