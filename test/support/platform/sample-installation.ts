import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CloudAccess } from "../../../emulators/kit/access/cloud-access.ts";
import { SAMPLES } from "../../../infra/local/samples.ts";
import { LOCAL_OWNER, LOCAL_PROJECT } from "../../../infra/local/settings.ts";
import { defaultSourcesBucket } from "../../../infra/plan/installation.ts";
import { placeService } from "../../../infra/plan/place-service.ts";
import { withSpecs } from "../../../infra/platform/from-specs.ts";
import { parseInstallation } from "../../../infra/platform/installation-file.ts";
import type { Settings } from "../../../infra/platform/settings.ts";
import type { Service } from "../../../shared/domain/service.ts";
import { parseServiceSpec } from "../../../shared/wire/spec/parse-service-spec.ts";
import type { ServiceSpec } from "../../../shared/wire/spec/schema.ts";
import type { LocalWorld } from "../local-world.ts";
import { present } from "../present.ts";

/** The samples' folder. */
export const SERVICES = fileURLToPath(new URL("../../../infra/services", import.meta.url));

/** What a file of an installation asks for, with the samples' specifications. */
export function settingsOf(text: string): Settings {
  const { installation, problems } = parseInstallation(text);
  const { settings } = present(installation, JSON.stringify(problems));
  return withSpecs(settings, specsOfSamples());
}

/** The samples' services. */
export function sampleServices(): readonly Service[] {
  const placing = {
    project: LOCAL_PROJECT,
    pipelineProject: "own",
    sourcesBucket: defaultSourcesBucket(LOCAL_PROJECT),
  } as const;
  return specsOfSamples().map((spec) => placeService(placing, spec, null));
}

/** The samples' specifications. */
export function specsOfSamples(): readonly ServiceSpec[] {
  return SAMPLES.map((id) => {
    const { spec } = parseServiceSpec(readFileSync(`${SERVICES}/${id}/service.yaml`, "utf8"));
    return present(spec, id);
  });
}

/** Makes accounts as their owners do. */
export async function makeAccounts(
  { file, cloud }: LocalWorld,
  emails: readonly string[],
): Promise<void> {
  const { access_token: token } = cloud.emulators.identity.accessToken(LOCAL_OWNER);
  for (const email of emails) {
    const [accountId = "", host = ""] = email.split("@");
    const [project = ""] = host.split(".");
    const answer = await fetch(
      `${file.endpoints["iam"] ?? ""}/v1/projects/${project}/serviceAccounts`,
      {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ accountId, serviceAccount: {} }),
      },
    );
    if (!answer.ok) {
      throw new Error(`${email} could not be made: ${await answer.text()}`);
    }
  }
}

/** Gives somebody roles on something, beside what others have there. */
export function grantTo(
  access: CloudAccess,
  member: string,
  { on, roles }: { readonly on: string; readonly roles: readonly string[] },
): void {
  const { bindings = [] } = access.policies.get(on);
  const added = roles.map((role) => ({ role, members: [member] }));
  access.policies.set(on, { bindings: [...bindings, ...added] });
}
