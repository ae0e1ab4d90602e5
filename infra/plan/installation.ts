import type { Scoping } from "../../shared/domain/scoping.ts";
import type { CloudEndpoints } from "../resources/cloud.ts";
import type { Looks } from "./named/looks.ts";
import type { Records } from "./records.ts";

/** Where Slipway is installed, and how it reaches what a specification asks for. */
export type Installation = {
  /** The project of the functions, of the records and of the bucket of archives. */
  readonly project: string;
  readonly location: string;
  /** Whether a service's pipeline is in the installation's project or, to adopt it there, in its last stage's. */
  readonly pipelineProject: "own" | "last-stage";
  readonly sourcesBucket: string;
  /** The account as which Cloud Deploy renders and deploys. */
  readonly deployAccount: string;
  /** The account of the functions that ask services how they are. */
  readonly probeAccount: string;
  /** Where the alerts of the environments' projects are. */
  readonly scoping: Scoping;
  /** The domain of the organization, whose people `authentication.sourcegraph` lets call a service; null: unsaid. */
  readonly organization: string | null;
  /** Whether services that run already are taken over even where they lose something by it. */
  readonly takesOver: boolean;
  /** Where specifications are decided on and recorded. */
  readonly records: Records;
  /** Looks whether what is named is there; null where whoever applies made it. */
  readonly looks: Looks | null;
  readonly endpoints: CloudEndpoints;
};

/** The bucket in which an installation keeps its archives, unless it is told otherwise. */
export function defaultSourcesBucket(project: string): string {
  return `${project}-sources`;
}
