/** From where a service takes requests. Source: https://cloud.google.com/run/docs/securing/ingress */
export type Ingress = "all" | "internal" | "internal-and-cloud-load-balancing";

/** What the front knows of a function or service that stands behind it. */
export type EdgeService = {
  /** `projects/P/locations/L/services/S` */
  readonly name: string;
  readonly ingress: Ingress;
  /** Whether callers need `run.routes.invoke`; not so with `invoker-iam-disabled`. */
  readonly isInvokerChecked: boolean;
  /** For whom a token may be: the service's URLs and its custom audiences. */
  readonly audiences: readonly string[];
  /** Members of a policy that is kept with the service, beside those whom the front's own access allows. */
  readonly invokers?: readonly string[];
};

/** How an instance of it is used; the defaults are Cloud Run's. */
export type Serving = {
  /** How long a request may take: 300 seconds. */
  readonly timeoutMs?: number;
  /** How many requests one instance takes at once: 80. */
  readonly concurrency?: number;
  /** How many instances there may be: 100. */
  readonly instancesMax?: number;
};
