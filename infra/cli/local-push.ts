import { Command } from "commander";
import { parseImageReference } from "../../shared/wire/image-reference.ts";
import { LOCAL_REPOSITORY } from "../local/settings.ts";
import { CliError, EXIT } from "./cli-error.ts";
import type { LocalFile } from "./local-file.ts";
import { requireLocal } from "./local-control.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";

type Options = GlobalOptions & { readonly label: readonly string[] };

type Place = { readonly url: string; readonly shown: string; readonly tag: string };

/** `slipway local push`: pushes a small image of its own, for who has no image or tool at hand. */
export function localPushCommand(): Command {
  return new Command("push")
    .summary("push a small image to the local cloud")
    .description(
      "Push a small image to the local cloud. It reports its tag as its version; labels say how it behaves, for instance that it does not start.",
    )
    .argument("<image>", "the image with a tag: its name, or project/repository/name")
    .option("--label <name=value>", "a label of the image; may be repeated", addTo, [])
    .addHelpText(
      "after",
      examples(
        "local push msp-example:0123456789ab_43",
        "local push msp-example:0123456789ab_44 --label dev.slipway.emulator.start=fail",
        "local push msp-example:0123456789ab_45 --label dev.slipway.emulator.healthz-after=1",
      ),
    )
    .action(async (image: string, _: unknown, command: Command) => {
      const { json, label } = command.optsWithGlobals<Options>();
      const place = placeOf(image, await requireLocal());
      const digest = await push(place, toLabels(label));
      if (json === true) {
        printJson({ image: `${place.shown}:${place.tag}`, digest });
      } else {
        print(`pushed ${place.shown}:${place.tag} (${digest})`);
      }
    });
}

function addTo(label: string, labels: readonly string[]): readonly string[] {
  return [...labels, label];
}

function toLabels(labels: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    labels.map((label): readonly [string, string] => {
      const at = label.indexOf("=");
      if (at < 1) {
        throw new CliError(EXIT.usage, `the label ${label} is not of the form name=value`);
      }
      return [label.slice(0, at), label.slice(at + 1)];
    }),
  );
}

/** Where an image goes: a name alone is of the repository that the samples are in. */
function placeOf(image: string, { address, project }: LocalFile): Place {
  const { host } = new URL(address);
  const path = image.replace(`${host}/`, "");
  const name = path.includes("/") ? path : `${project}/${LOCAL_REPOSITORY}/${path}`;
  const parsed = parseImageReference(`${host}/${name}`);
  if (parsed === null || parsed.tag === null || parsed.digest !== null) {
    const message = `${image} is no image with a tag, such as msp-example:0123456789ab_43`;
    throw new CliError(EXIT.usage, message);
  }
  const bare = parsed.repository.replace(`${host}/`, "");
  return { url: `${address}/${bare}`, shown: parsed.repository, tag: parsed.tag };
}

async function push(
  { url, tag }: Place,
  labels: Readonly<Record<string, string>>,
): Promise<string> {
  const { pushVersion } = await import("../local/sample-image.ts");
  try {
    return await pushVersion(url, tag, labels);
  } catch (error) {
    throw new CliError(EXIT.refused, error instanceof Error ? error.message : String(error));
  }
}
