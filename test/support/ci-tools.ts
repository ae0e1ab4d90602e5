import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/*
 * What CI has and a test has not: each tool does what the recipes ask of it, and refuses all else. Images are pushed by
 * skopeo, which speaks the same protocol.
 */

const PUSH = `skopeo copy --quiet --dest-tls-verify=false "oci:$LAYOUT"`;

const TOOLS: Readonly<Record<string, string>> = {
  docker: `case "$1" in
  build) exit 0 ;;
  push) ${PUSH} "docker://$2" ;;
  *) exit 64 ;;
esac`,
  bazel: `[ "$1 $2 $3 $4 $6" = "run //web:push -- --repository --tag" ] || exit 64
${PUSH} "docker://$5:$7"`,
  git: `[ "$*" = "rev-parse HEAD" ] && echo "$COMMIT"`,
  gcloud: `[ "$*" = "auth print-identity-token --impersonate-service-account=$WANTED_ACCOUNT --include-email --audiences=$WANTED_AUDIENCE" ] || exit 64
echo "$MINTED"`,
};

/** Writes those tools into a folder, for a PATH. */
export async function writeCiTools(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, script] of Object.entries(TOOLS)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  }
}
