import type { Ports } from "../../shared/ports/ports.ts";
import type { CloudEndpoints } from "../resources/cloud.ts";

/** Where Slipway is installed, and how it reaches what a specification asks for. */
export type Installation = {
  /** The project of the functions, of the records and of the bucket of archives. */
  readonly project: string;
  readonly location: string;
  /** Whether a service's pipeline is in the installation's project or, to adopt it there, in its last stage's. */
  readonly pipelineProject: "own" | "last-stage";
  readonly sourcesBucket: string;
  readonly ports: Ports;
  readonly endpoints: CloudEndpoints;
};

/** The bucket in which an installation keeps its archives, unless it is told otherwise. */
export function defaultSourcesBucket(project: string): string {
  return `${project}-sources`;
}
