import { once } from "node:events";
import { z } from "zod";
import { createDecidingWiring } from "../../functions/create-wiring.ts";
import { readProcessConfig } from "../../shared/config.ts";
import { leaveOutUnused } from "../build/leave-out.ts";
import { INSTALLED } from "./install-process.ts";
import { Installing, installLocal, prepareInstall } from "./install.ts";

/**
 * The process that installs Slipway into the local cloud. It is one of its own so that what it loads goes when it is
 * done. Its argument says where everything will be. It is told once the emulators are there; until then it loads.
 */
leaveOutUnused();
const told = once(process, "message");
// What nobody waits for any more is not installed.
process.once("disconnect", () => process.exit(1));
const { ports } = createDecidingWiring(readProcessConfig());
const argument: unknown = JSON.parse(z.string().parse(process.argv[2]));
const prepared = await prepareInstall(Installing.parse(argument));
// The clients that specifications are applied with are most of it, and there is nothing else to do yet.
await Promise.all([
  import("@google-cloud/deploy"),
  import("@google-cloud/firestore"),
  import("@google-cloud/pubsub"),
  import("@google-cloud/storage"),
]);
await told;
await installLocal(ports, prepared);
// Nobody waits until this process has gone.
process.send?.(INSTALLED, () => process.exit(0));
