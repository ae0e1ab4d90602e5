import { CloudDeployClient } from "@google-cloud/deploy";
import { Firestore } from "@google-cloud/firestore";
import { z } from "zod";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { serviceId } from "../../shared/domain/ids.ts";
import type { Service } from "../../shared/domain/service.ts";
import { toAuditMessage } from "../../shared/wire/audit-message.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { present } from "../support/present.ts";
import { until } from "../support/until.ts";
import { BARE_CONTROL, BARE_SERVICES } from "./bare-clients.ts";
import type { Commit, Copy, Sample } from "./bare-event.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A sample, and the service's document as it was before. */
export type Taken = { readonly sample: Sample; readonly before: Fields };

const SERVICE = "bench-first";
const COMMITS = 3;

const Chained = z.object({
  body: z.object({ chain: z.object({ head: z.object({ sequence: z.number() }) }) }),
});

/** Watches while the function handles the first push of a service, and copies what it wrote and asked for. */
export async function takeSample(
  world: LocalWorld,
  service: Service,
  happen: () => Promise<void>,
): Promise<Taken> {
  const firestore = await openFirestore(world);
  const reference = firestore.collection("services").doc(SERVICE);
  const versions: Fields[] = [];
  const stop = reference.onSnapshot((snapshot) => versions.push(snapshot.data() ?? {}));
  await until(
    "the service is seen",
    async () => Promise.resolve(versions.length),
    (seen) => seen > 0,
  );
  await happen();
  await until(
    "each commit is seen",
    async () => Promise.resolve(versions.length),
    (seen) => seen === 1 + COMMITS,
  );
  stop();
  const copies = async (name: string): Promise<readonly Copy[]> =>
    (await reference.collection(name).get()).docs.map((one) => ({
      id: one.id,
      fields: one.data(),
    }));
  const [audit, releases, images, promotions] = await Promise.all(
    ["audit", "releases", "images", "promotions"].map(copies),
  );
  const heads = versions.map((version) => Chained.parse(version).body.chain.head.sequence);
  const auditOf = (index: number): readonly Copy[] =>
    present(audit, "audit").slice(heads[index - 1], heads[index]);
  const commits: readonly Commit[] = [
    {
      service: present(versions[1], "the first commit"),
      history: {
        releases: present(releases, "releases"),
        images: present(images, "images"),
        promotions: present(promotions, "promotions"),
        audit: auditOf(1),
      },
    },
    {
      service: present(versions[2], "the second commit"),
      history: { audit: auditOf(2) },
    },
    { service: present(versions[3], "the third commit"), history: {} },
  ];
  await firestore.terminate();
  const asked = await readAsked(world, service, present(releases?.[0], "the release").id);
  const published = await readPublished(world, heads);
  return { sample: { ...asked, commits, published }, before: present(versions[0], "before") };
}

/** Makes copies of a service's document, beside the real ones, and of the control document. */
export async function copyServices(
  world: LocalWorld,
  fields: Fields,
  names: readonly string[],
): Promise<void> {
  const firestore = await openFirestore(world);
  const control = await firestore.doc("control/slipway").get();
  await firestore.doc(BARE_CONTROL).set(control.data() ?? { schemaVersion: 1 });
  const batch = firestore.batch();
  for (const name of names) {
    batch.set(firestore.collection(BARE_SERVICES).doc(name), { ...fields, image: name });
  }
  await batch.commit();
  await firestore.terminate();
}

/** What Cloud Deploy and the registry were asked about. */
async function readAsked(
  { file }: LocalWorld,
  service: Service,
  release: string,
): Promise<Omit<Sample, "commits" | "published">> {
  const address = (file.endpoints["cloudDeploy"] ?? "").replace("http://", "");
  const client = new CloudDeployClient(await endpointOptions(address));
  const [dev] = service.environments;
  const id = present(dev, "dev").pipeline.id;
  const pipeline = client.deliveryPipelinePath(file.project, file.location, id);
  const [there] = await client.getRelease({ name: `${pipeline}/releases/${release}` });
  await client.close();
  const { skaffoldConfigUri, buildArtifacts, annotations, labels, deployParameters } = there;
  const artifact = present(buildArtifacts?.[0]?.tag, "the image");
  const image = artifact.split("/").at(-1) ?? "";
  const [repository = "", digest = ""] = artifact.split("@");
  return {
    files: `/v2${repository.slice(repository.indexOf("/"))}`,
    digest,
    image: `projects/${file.project}/locations/${file.location}/repositories/apps/dockerImages/${image}`,
    release: { skaffoldConfigUri, buildArtifacts, annotations, labels, deployParameters },
    pipeline,
    target: present(dev, "dev").target,
    description: `${release} to dev`,
  };
}

/** The messages that were published after the first and the second commit. */
async function readPublished(
  { ports, file }: LocalWorld,
  [before = 0, ...heads]: readonly number[],
): Promise<readonly (readonly string[])[]> {
  const records = await ports.store.records(serviceId(SERVICE), before, 100);
  const [first = 0, second = 0] = heads;
  const within = (from: number, to: number): readonly string[] =>
    records
      .filter(({ sequence }) => sequence > from && sequence <= to)
      .map((record) => Buffer.from(toAuditMessage(record, file.project).body).toString("base64"));
  return [within(before, first), within(first, second)];
}

async function openFirestore({ file }: LocalWorld): Promise<Firestore> {
  const { PassThroughClient } = await import("google-auth-library");
  return new Firestore({
    projectId: file.project,
    databaseId: file.database,
    preferRest: false,
    host: file.endpoints["firestore"] ?? "",
    ssl: false,
    authClient: new PassThroughClient(),
  });
}
