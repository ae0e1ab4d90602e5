import { OWNER_LABEL } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { Settings } from "../settings.ts";
import { FUNCTIONS_REPOSITORY, needsApis, needsMark, sourcesBucket } from "./names.ts";

/** Where sources of releases are kept, and where the functions' containers are built. */
export function storage(settings: Settings): readonly Resource[] {
  const { project, location } = settings;
  return [
    {
      kind: "bucket",
      name: sourcesBucket(settings),
      project,
      needs: [needsApis(project)],
      fields: {
        location: location.toUpperCase(),
        iamConfiguration: {
          uniformBucketLevelAccess: { enabled: true },
          publicAccessPrevention: "enforced",
        },
        labels: { [OWNER_LABEL]: project },
      },
      // An apply of specifications makes it too. The mark of the installation makes it Slipway's.
      isShared: true,
      why: "Cloud Deploy renders each release from an archive in it; its labels say how far the installation is.",
    },
    {
      kind: "repository",
      name: `projects/${project}/locations/${location}/repositories/${FUNCTIONS_REPOSITORY}`,
      project,
      needs: [needsApis(project), needsMark(settings)],
      fields: {
        format: "DOCKER",
        description: "The functions of Slipway, as Cloud Build makes them.",
        labels: { [OWNER_LABEL]: project },
      },
      why: "The build account may write to this repository alone.",
    },
  ];
}
