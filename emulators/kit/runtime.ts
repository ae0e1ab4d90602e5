/** A deployment of one service or job. */
export type DeployRequest = {
  readonly project: string;
  readonly location: string;
  /** A Knative `serving.knative.dev/v1` Service or a `run.googleapis.com/v1` Job, parsed, with the image filled in. */
  readonly manifest: unknown;
  /** Traffic of the new revision, from 1 to 100. A job has none. */
  readonly percentage: number;
  readonly labels: Record<string, string>;
};

/** What a deployment made: a service with its revision, or a job. Names are full ones. */
export type DeployResult = {
  readonly service?: string;
  readonly revision?: string;
  readonly serviceUrls?: string[];
  readonly job?: string;
};

/** A change of the image alone, as `gcloud run services update --image` makes it. */
export type ImageChange = {
  readonly kind: "service" | "job";
  /** `projects/P/locations/L/services/S` or `…/jobs/J` */
  readonly name: string;
  readonly image: string;
  /** Whether one that is not there is made of the image alone, as `gcloud run deploy` does. */
  readonly createMissing: boolean;
};

/** Where an emulator runs services and jobs. */
export type Runtime = {
  /** @throws GoogleError when the runtime refuses it or the revision does not become ready. */
  readonly deploy: (request: DeployRequest) => DeployResult;
  /**
   * Changes the image and leaves everything else as it is.
   * @throws GoogleError NOT_FOUND; or when the revision does not become ready.
   */
  readonly changeImage: (change: ImageChange) => DeployResult;
  /** Sends all traffic to the newest revision, as `gcloud run services update-traffic --to-latest` does. */
  readonly sendToLatest: (name: string) => void;
  /** `name` is `projects/P/locations/L/services/S` or `…/jobs/J`. */
  readonly isThere: (name: string) => boolean;
};
