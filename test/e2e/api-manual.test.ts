import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { handle } from "../../shared/app/handle.ts";
import { onImagePush } from "../../shared/app/image-push.ts";
import { onTick } from "../../shared/app/tick.ts";
import { specRevision } from "../../shared/domain/ids.ts";
import type { Environment } from "../../shared/domain/service.ts";
import type { ImageView } from "../../shared/ports/registry.ts";
import { PromotionList, PromotionView, ReleaseList } from "../../shared/wire/api/schemas.ts";
import { startApiWorld } from "../support/api-world.ts";
import type { ApiWorld } from "../support/api-world.ts";
import { aDigest, anEnvironment, anImage, aPolicy, aService } from "../support/builders.ts";
import { install } from "../support/storm.ts";

const IMAGE = aService().image;
const PLACE = "/v1/services/web/environments/edge";

/** An environment outside the stages, of a deploy type. */
function edge(deploy: Environment["deploy"]): Environment {
  const promotion = deploy.kind === "subscription" ? "automatic" : "manual";
  return anEnvironment("edge", { stage: null, deploy, policy: aPolicy({ promotion }) });
}

const manual = edge({ kind: "manual", tag: "insiders" });
const service = aService({ environments: [manual] });

let api: ApiWorld;
beforeEach(async () => {
  api = await startApiWorld();
});
afterEach(async () => {
  await api.close();
});

/** Puts a tag on an image, takes it off the others, and tells of it. */
async function push(number: number, tag: string): Promise<void> {
  const { world, ports } = api.memory;
  const others = (world.images.get(IMAGE) ?? []).map((image) => without(image, tag));
  const before = others.find(({ digest }) => digest === aDigest(number));
  const image = before ?? anImage(number, { tags: [] });
  const { updatedAt } = anImage(number + others.length);
  const tagged = { ...image, tags: [...image.tags, tag], updatedAt };
  world.images.set(IMAGE, [...others.filter((one) => one !== before), tagged]);
  const { digest } = image;
  await onImagePush(ports, {
    action: "INSERT",
    repository: IMAGE,
    digest,
    tag,
    publishedAt: updatedAt,
  });
}

function without(image: ImageView, tag: string): ImageView {
  return { ...image, tags: image.tags.filter((one) => one !== tag) };
}

async function promote(body: object = {}): Promise<{ status: number; tag: string | null }> {
  const { status, body: answer } = await api.call("deployer", `POST ${PLACE}:promote`, body);
  if (status >= 300) {
    return { status, tag: JSON.stringify(answer) };
  }
  const { release } = PromotionView.parse(answer);
  const { body: found } = await api.call("viewer", `GET /v1/services/web/releases/${release}`);
  return { status, tag: JSON.stringify(found) };
}

function digestIn(answer: { readonly tag: string | null }): string | null {
  return /sha256:[0-9a-f]{64}/.exec(answer.tag ?? "")?.[0] ?? null;
}

describe("an environment that is deployed from a tag when somebody asks", () => {
  test.each([
    ["the newest push is of another tag", { kind: "any" as const }],
    ["the tag policy takes neither", { kind: "pattern" as const, pattern: "^never$" }],
  ])("gets the image of its tag where %s", async (_, tags) => {
    await install(api.memory.ports, { ...service, tags });
    await push(1, "insiders");
    await push(2, "wip-branch-7");
    const answer = await promote();
    expect(answer.status).toBe(202);
    expect(digestIn(answer)).toBe(aDigest(1));
  });

  test("gets what the tag is on at that moment, wherever it was before", async () => {
    await install(api.memory.ports, service);
    await push(1, "insiders");
    await push(2, "insiders");
    expect(digestIn(await promote({ validateOnly: true }))).toBe(aDigest(2));
    await push(1, "insiders");
    expect(digestIn(await promote())).toBe(aDigest(1));
  });

  test("gets the image of a tag whose push nobody told of: it becomes a release then", async () => {
    await install(api.memory.ports, service);
    api.memory.world.images.set(IMAGE, [anImage(3, { tags: ["insiders"] })]);
    expect(digestIn(await promote())).toBe(aDigest(3));
  });

  test("gets a release that is named, whatever the tag is on", async () => {
    await install(api.memory.ports, service);
    await push(1, "insiders");
    await push(2, "v2");
    const { body } = await api.call("viewer", "GET /v1/services/web/releases");
    const [newest] = ReleaseList.parse(body).releases;
    expect(digestIn(await promote({ release: newest?.id }))).toBe(aDigest(2));
  });

  test("refuses by the tag's name where there is none, or none that can run", async () => {
    await install(api.memory.ports, service);
    await push(2, "v2");
    expect(await promote()).toMatchObject({ status: 404, tag: containing("the tag insiders") });
    await push(1, "insiders");
    api.memory.world.descriptions.set(`${IMAGE}@${aDigest(3)}`, {
      kind: "other",
      reason: "it is a Helm chart",
    });
    await push(3, "insiders");
    expect(await promote()).toMatchObject({ status: 409, tag: containing("Helm chart") });
  });

  test("is explained by its tag, and nothing is stored by asking", async () => {
    await install(api.memory.ports, service);
    await push(1, "insiders");
    await push(2, "v2");
    const { body } = await api.call("viewer", `GET ${PLACE}:explain`);
    expect(JSON.stringify(body)).toContain("insiders");
    expect(JSON.stringify(body)).not.toContain("v2");
  });

  test("does not bring the image of its tag into the stages", async () => {
    const environments = [anEnvironment("dev"), manual];
    const tags = { kind: "pattern", pattern: "^v[0-9]$" } as const;
    await install(api.memory.ports, { ...service, tags, environments });
    await push(1, "v1");
    await push(2, "insiders");
    await promote();
    const { body } = await api.call("viewer", "GET /v1/services/web/promotions");
    const { promotions } = PromotionList.parse(body);
    expect(promotions.map(({ environment }) => environment).toSorted()).toEqual(["dev", "edge"]);
  });
});

describe("a specification that changes what is deployed", () => {
  const next = { revision: specRevision("ffffff"), fingerprint: "second" };

  test.each([
    ["manual", edge({ kind: "manual", tag: "main" })],
    ["subscription", edge({ kind: "subscription", tag: "main" })],
  ])("is deployed as the digest that runs there, where the type is %s", async (kind, place) => {
    const before = { ...service, environments: [place] };
    const { ports, cloudDeploy } = api.memory;
    await install(ports, before);
    await push(1, "main");
    if (kind === "manual") {
      await promote();
    }
    cloudDeploy.finishAll();
    api.memory.clock.advance(60_000);
    await onTick(ports, "minute");
    await push(2, "wip-1");
    const by = "user:ann@example.com";
    const after = { ...before, ...next };
    await handle(ports, after.id, { kind: "service-applied", service: after, by });
    const { body } = await api.call("viewer", "GET /v1/services/web/promotions");
    const [promotion] = PromotionList.parse(body).promotions;
    expect(promotion?.release).toMatch(/-ffffff$/);
    const { body: release } = await api.call(
      "viewer",
      `GET /v1/services/web/releases/${promotion?.release ?? ""}`,
    );
    expect(JSON.stringify(release)).toContain(aDigest(1));
  });
});

function containing(text: string): unknown {
  return expect.stringContaining(text);
}
