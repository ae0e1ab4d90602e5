import { DEPLOYABLE, isCurrent } from "../../infra/build/current.ts";
import { writeDeployable } from "../../infra/build/deployable.ts";

/** Builds what is deployed, unless it is built of these sources already: the functions of every test here run from it. */
export async function setup(): Promise<void> {
  if (!isCurrent(DEPLOYABLE)) {
    await writeDeployable(DEPLOYABLE);
  }
}
