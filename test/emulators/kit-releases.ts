import { expect } from "vitest";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import { faultPlan } from "../../emulators/kit/faults.ts";
import { googleError } from "../../emulators/kit/google-error.ts";
import { createOperations } from "../../emulators/kit/operation.ts";
import { paginate } from "../../emulators/kit/page.ts";
import { operation, type RunningServer, serve } from "../../emulators/kit/server.ts";

/** Where the small Cloud Deploy has everything. */
export const PARENT = "projects/p/locations/l";
/** Its one pipeline. */
export const PIPELINE = `${PARENT}/deliveryPipelines/web`;
const TYPE = "type.googleapis.com/google.cloud.deploy.v1";

/** A release, as far as the tests look. */
export type Release = { readonly name?: string; readonly description?: string };
type CreateReleaseRequest = {
  readonly parent: string;
  readonly releaseId: string;
  readonly release?: Release;
};

/** A small Cloud Deploy: releases that take a minute to create, and a list of them. */
export async function serveReleases(): Promise<
  RunningServer & { readonly clock: ManualClock; readonly releases: Map<string, Release> }
> {
  const clock = manualClock();
  const operations = createOperations(clock);
  const releases = new Map<string, Release>();
  const running = await serve({
    persistence: undefined,
    clock,
    faults: faultPlan(),
    operations,
    hasLocations: true,
    http: (app) => {
      app.get("/dashboard", (c) => c.text("here"));
      app.get("/fails", () => {
        throw new Error("there is a bug");
      });
      app.get("/refuses", () => {
        throw googleError("PERMISSION_DENIED", "not you");
      });
    },
    apis: [
      {
        protos: "@google-cloud/deploy/build/protos/protos.json",
        service: "google.cloud.deploy.v1.CloudDeploy",
        unary: {
          CreateRelease: operation<CreateReleaseRequest>(({ parent, releaseId, release = {} }) => {
            const name = `${parent}/releases/${releaseId}`;
            if (releases.has(name)) {
              throw googleError("ALREADY_EXISTS", `${name} already exists`, [
                {
                  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                  reason: "TWICE",
                  domain: "d",
                },
              ]);
            }
            releases.set(name, { ...release, name });
            return operations.start({
              parent: PARENT,
              metadata: { "@type": `${TYPE}.OperationMetadata`, verb: "create", target: name },
              runMs: 60_000,
              work: () => ({ "@type": `${TYPE}.Release`, ...releases.get(name) }),
            });
          }),
          GetRelease: operation<{ name: string }>(({ name }, call) => {
            const release = releases.get(name);
            if (release === undefined) {
              throw googleError("NOT_FOUND", `${name} not found`);
            }
            return { ...release, description: `${release.description} ${call.headers["x-tint"]}` };
          }),
          ListReleases: operation<{ parent: string; pageSize?: number; pageToken?: string }>(
            (request) => {
              const page = paginate([...releases.values()], request, {
                defaultSize: 2,
                maxSize: 2,
              });
              return { releases: page.items, nextPageToken: page.nextPageToken };
            },
          ),
          UpdateTarget: operation<{ updateMask?: string; target: object }>(({ updateMask = "" }) =>
            operations.done({
              parent: PARENT,
              metadata: { "@type": `${TYPE}.OperationMetadata`, verb: updateMask },
              response: { "@type": `${TYPE}.Target` },
            }),
          ),
          GetTarget: () => ({ nonsense: true }),
        },
      },
    ],
  });
  return { ...running, clock, releases };
}

/** Matches a text that has this part. */
export function textWith(part: string): unknown {
  return expect.stringContaining(part);
}
