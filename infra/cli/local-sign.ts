import { dirname } from "node:path";
import { Command } from "commander";
import { parseImageReference } from "../../shared/wire/image-reference.ts";
import type { Signed, SignRequest } from "../local/sign-image.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { findLocalFile, findLocalPath } from "./local-file.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";

type Options = GlobalOptions & {
  readonly key?: string;
  readonly identity: string;
  readonly issuer: string;
  readonly builder?: string;
  readonly source?: string;
  readonly bundle?: boolean;
};

/** `slipway local sign`: signs an image as cosign does, by a key or as somebody. */
export function localSignCommand(): Command {
  return new Command("sign")
    .summary("sign an image of the local cloud")
    .description(
      "Sign an image of the local cloud, by a key or as somebody its authority vouches for.",
    )
    .argument("<image>", "the image, with a tag or a digest")
    .option(
      "--key <file>",
      "sign with this private key (PEM); if the file is missing, a key is made",
    )
    .option("--identity <subject>", "sign as this signer", "dana@example.com")
    .option("--issuer <url>", "the issuer of the signer's token", "https://accounts.google.com")
    .option("--builder <url>", "say that this builder built it (SLSA provenance)")
    .option("--source <url>", "say that it was built from this repository (SLSA provenance)")
    .option("--bundle", "store the signature as a bundle that refers to the image, not under a tag")
    .addHelpText(
      "after",
      examples(
        "local sign 127.0.0.1:8470/slipway-local/apps/web:v1",
        "local sign 127.0.0.1:8470/slipway-local/apps/web:v1 --key cosign.key",
        "local sign 127.0.0.1:8470/slipway-local/apps/web:v1 --builder https://example.com/ci --source https://github.com/example/web",
      ),
    )
    .action(async (image: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const signed = await sign(image, options);
      if (options.json === true) {
        printJson(signed);
      } else {
        print(`${signed.digest} is signed. The signature is trusted where provenance has`);
        print("  ", signed.trust);
      }
    });
}

type Place = { readonly directory: string; readonly registry: string };

async function sign(image: string, options: Options): Promise<Signed> {
  const { directory, registry } = await findLocal();
  const { repository, reference } = parseImage(image, registry);
  const { signImage } = await import("../local/sign-image.ts");
  const { identity: subject, issuer } = options;
  try {
    return await signImage({
      directory,
      imageUrl: `http://${registry}/${repository.replace(`${registry}/`, "")}`,
      reference,
      repository,
      by: options.key === undefined ? { issuer, subject } : { keyFile: options.key },
      provenance: toProvenance(options),
      isBundle: options.bundle === true,
    });
  } catch (error) {
    throw new CliError(EXIT.refused, error instanceof Error ? error.message : String(error));
  }
}

async function findLocal(): Promise<Place> {
  const local = await findLocalFile(process.cwd());
  const path = await findLocalPath(process.cwd());
  if (local === null || path === null) {
    const message = "no local cloud runs here or in a folder above: start it with npm start";
    throw new CliError(EXIT.usage, message);
  }
  return { directory: dirname(dirname(path)), registry: new URL(local.address).host };
}

function parseImage(
  image: string,
  registry: string,
): { readonly repository: string; readonly reference: string } {
  const parsed = parseImageReference(image);
  const reference = parsed?.digest ?? parsed?.tag ?? null;
  if (parsed === null || reference === null) {
    const message = `${image} names no image with a tag or digest, such as ${registry}/slipway-local/apps/web:TAG`;
    throw new CliError(EXIT.usage, message);
  }
  return { repository: parsed.repository, reference };
}

function toProvenance({ builder = "", source = "" }: Options): SignRequest["provenance"] {
  return builder === "" && source === "" ? null : { builder, source };
}
