import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { onlyLoopback } from "../../emulators/kit/loopback.ts";
import { DEPLOYABLE, isCurrent } from "../build/current.ts";

/**
 * The process that runs the functions in the local cloud: each one on its port, served by the functions
 * framework as in Cloud Run. The arguments are `NAME=PORT`. Says that it is ready by a message to its parent.
 */
const functions = process.argv.slice(2).map((argument) => {
  const [name = "", port = ""] = argument.split("=");
  return { name, port: Number(port) };
});

// What is deployed is what runs here, if it was built of the sources as they are; else the sources run.
const program = isCurrent(DEPLOYABLE)
  ? pathToFileURL(join(DEPLOYABLE, "index.js"))
  : new URL("../../functions/index.ts", import.meta.url);
await import(program.href);

await Promise.all(
  functions.map(
    async ({ name, port }) =>
      new Promise<void>((resolve, reject) => {
        const framework = getTestServer(name);
        // Some functions believe whoever is on this machine; a web page is not.
        const server = createServer(
          onlyLoopback((request, response) => void framework.emit("request", request, response)),
        );
        server.once("error", reject);
        server.listen(port, "127.0.0.1", resolve);
      }),
  ),
);
process.send?.({ kind: "ready" });

// The functions live no longer than the local cloud: when its process goes, the channel closes.
process.once("disconnect", () => process.exit(0));
