/** A deployment of one service. */
export type DeployRequest = {
  readonly project: string;
  readonly location: string;
  /** A Knative `serving.knative.dev/v1` Service, parsed, with the image filled in. */
  readonly manifest: unknown;
  /** Traffic of the new revision, from 1 to 100. */
  readonly percentage: number;
  readonly labels: Record<string, string>;
};

/** What a deployment made. */
export type DeployResult = {
  /** `projects/P/locations/L/services/S` */
  readonly service: string;
  readonly revision: string;
  readonly serviceUrls: string[];
};

/** Where an emulator runs services. */
export type Runtime = {
  /** @throws GoogleError when the runtime refuses it or the revision does not become ready. */
  readonly deploy: (request: DeployRequest) => DeployResult;
  /** `name` is `projects/P/locations/L/services/S`. */
  readonly hasService: (name: string) => boolean;
};
